// A real browser for tests of pages: Debian's chromium, or another one of its kind on PATH.

import { existsSync } from "node:fs";
import * as path from "node:path";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser's path, or undefined where there is none. */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (environment["PATH"] ?? "").split(path.delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) =>
    existsSync(file),
  );
}

/** `describe` where there is a browser, else a skipped one that says why. */
export function describeInBrowser(name: string, body: (launch: () => Promise<Browser>) => void) {
  const executablePath = findBrowser();
  const title = executablePath ? name : `${name} (skipped: no chromium on PATH)`;
  const declare = executablePath ? describe : describe.skip;
  declare(title, () => {
    body(() =>
      chromium.launch({
        ...(executablePath ? { executablePath } : {}),
        // Chromium's own sandbox refuses root, which containers run as.
        args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
      }),
    );
  });
}

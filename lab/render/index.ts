// Every object that a stack's program would make, from a checkout alone.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { runTypeScript } from "../../toolchain/typescript";
import { PROJECT } from "../stack-settings";
import { stackSettings, stackValues } from "../stack-values";
import type { RenderedResource, RenderSettings } from "./recorder";

export type { RenderedResource };

/** Runs the checkout's program in a process of its own. Throws what the program says, its configuration's mistakes say. */
export async function render(checkout: string, stack: string): Promise<RenderedResource[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lab-render-"));
  const settings: RenderSettings = {
    folder: checkout,
    project: PROJECT,
    stack,
    values: stackValues(readFileSync(stackSettings(checkout, stack), "utf8")),
    answer: path.join(folder, "resources.json"),
  };
  const program = path.join(__dirname, "main.ts");
  try {
    await promisify(execFile)(process.execPath, [...runTypeScript, program], {
      cwd: checkout,
      env: { ...process.env, RENDER: JSON.stringify(settings), NODE_OPTIONS: "" },
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(readFileSync(settings.answer, "utf8")) as RenderedResource[];
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    throw new Error(`Rendering stack ${stack} failed: ${stderr.trim() || message}`, {
      cause: error,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The report's three files: JSON for machines, Markdown for a pull request, HTML for people.

import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { html } from "./html";
import { markdown } from "./markdown";
import type { ScalingTestReport } from "./types";

/** Writes <name>.json, .md and .html; answers their paths. */
export function writeReports(file: string, report: ScalingTestReport): string[] {
  const base = file.replace(/\.json$/, "");
  const texts: Record<string, string> = {
    [file]: `${JSON.stringify(report, undefined, 2)}\n`,
    [`${base}.md`]: markdown(report),
    [`${base}.html`]: html(report),
  };
  mkdirSync(path.dirname(file), { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(name, text);
  return Object.keys(texts);
}

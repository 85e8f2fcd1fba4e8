// `lab preview`: what `up` would change. To a person in the engine's own words; to a pull request as Markdown.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Console } from "../console";
import type { Lab } from "../lab";
import { prepareTools } from "../prepare";
import { render } from "../render";
import { renderCommit } from "../render/base";
import { compare } from "../render/compare";
import { machineGroups } from "./capacity";
import { changesOf, policyFindings, policyPacks } from "./changes";
import { enginePreview } from "./engine";
import { markdownOf, type StackPreview } from "./markdown";

export interface PreviewOptions {
  stacks: string[];
  /** File for Markdown: all stacks in it, and each in a file of its own beside it, `preview.dev.md`. */
  markdown?: string;
  /** Commit to compare the rendered objects with. */
  base?: string;
  /** Folders of policy packs. */
  policyPacks: string[];
}

/** Resolves with false when a stack has no preview or breaks a mandatory policy. */
export async function preview(
  lab: Lab,
  options: PreviewOptions,
  console: Console,
): Promise<boolean> {
  await prepareTools(lab, console);
  const previews: StackPreview[] = [];
  for (const stack of options.stacks) {
    const found = await previewStack(lab, stack, options);
    previews.push(found);
    console.say(`${stack}: ${summaryOf(found)}`);
  }
  if (options.markdown !== undefined) writeMarkdown(options.markdown, previews);
  return previews.every(
    ({ failure, policies }) => failure === undefined && !policies.some((one) => one.mandatory),
  );
}

function summaryOf({ changes, failure, seconds }: StackPreview): string {
  const text = failure ?? (changes.length === 0 ? "no changes" : `${changes.length} changes`);
  return `${text} (${seconds.toFixed(1)} s)`;
}

async function previewStack(
  lab: Lab,
  stack: string,
  options: PreviewOptions,
): Promise<StackPreview> {
  const start = performance.now();
  const shown = options.markdown === undefined;
  const found = await enginePreview(lab, stack, { shown, policyPacks: options.policyPacks });
  const seconds = (performance.now() - start) / 1000;
  const head = await render(lab.repository, stack).catch(() => []);
  return {
    stack,
    fromState: found.fromState,
    changes: changesOf(found.events),
    policies: policyFindings(found.events),
    policyPacks: policyPacks(found.events),
    diagnostics: diagnosticsOf(found.events),
    machines: machineGroups(head),
    ...(options.base === undefined
      ? {}
      : { base: await against(lab.repository, options.base, stack, head) }),
    ...(found.failure === undefined ? {} : { failure: found.failure }),
    seconds,
  };
}

async function against(
  repository: string,
  commit: string,
  stack: string,
  head: Awaited<ReturnType<typeof render>>,
): Promise<StackPreview["base"]> {
  try {
    return { commit, differences: compare(await renderCommit(repository, commit, stack), head) };
  } catch (error) {
    return { commit, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Which plugin runs is the lab's own choice. */
const NOISE = /^using pulumi-\S+ from \$PATH/;

function diagnosticsOf(events: EngineEvent[]): string[] {
  const texts = events.flatMap(({ diagnosticEvent }) => {
    const { severity, message = "", ephemeral } = diagnosticEvent ?? {};
    if (ephemeral || (severity !== "warning" && severity !== "error")) return [];
    const text = message.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "").trim();
    return text === "" || NOISE.test(text) ? [] : [`${severity}: ${text}`];
  });
  return [...new Set(texts)];
}

function writeMarkdown(file: string, previews: StackPreview[]): void {
  const { dir, name, ext } = path.parse(file);
  for (const found of previews)
    writeFileSync(path.join(dir, `${name}.${found.stack}${ext}`), markdownOf(found));
  writeFileSync(file, previews.map(markdownOf).join("\n"));
}

// `lab preview`: what `up` would change. To a person in the engine's own words; to a pull request as Markdown.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { machineGroups } from "../../policy/machine-groups";
import type { Console } from "../console";
import type { Lab } from "../lab";
import { prepareTools } from "../prepare";
import { render } from "../render";
import { renderCommit } from "../render/base";
import { compare } from "../render/compare";
import { changesOf, policyFindings, policyPacks as packsOf, sentenceOf } from "./changes";
import { enginePreview } from "./engine";
import { markdownOf, type StackPreview } from "./markdown";
import { plannedResources } from "./objects";

export interface PreviewOptions {
  stacks: string[];
  /** File for Markdown: all stacks in it, and each in a file of its own beside it, `preview.dev.md`. */
  markdown?: string;
  /** Commit to compare the rendered objects with. */
  base?: string;
  /** Folders of policy packs, beside the project's own. */
  policyPacks: string[];
}

/** The project's own pack, which every preview runs. */
const POLICIES = "policy";

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
    for (const finding of found.policies) console.say(`${stack}: ${sentenceOf(finding)}`);
  }
  if (options.markdown !== undefined) writeMarkdown(options.markdown, previews);
  return previews.every(
    ({ failure, policies }) => failure === undefined && !policies.some((one) => one.mandatory),
  );
}

function summaryOf({ changes, failure, policies, seconds }: StackPreview): string {
  const text = failure ?? (changes.length === 0 ? "no changes" : `${changes.length} changes`);
  const broken = policies.filter(({ mandatory }) => mandatory).length;
  const refused =
    broken > 0 ? `, but ${broken} ${broken === 1 ? "violation" : "violations"} of policies` : "";
  return `${text}${refused} (${seconds.toFixed(1)} s)`;
}

async function previewStack(
  lab: Lab,
  stack: string,
  options: PreviewOptions,
): Promise<StackPreview> {
  const start = performance.now();
  const shown = options.markdown === undefined;
  const policyPacks = [path.join(lab.repository, POLICIES), ...options.policyPacks];
  const found = await enginePreview(lab, stack, { shown, policyPacks });
  const policies = policyFindings(found.events);
  const refused = policies.some(({ mandatory }) => mandatory);
  const seconds = (performance.now() - start) / 1000;
  return {
    stack,
    fromState: found.fromState,
    changes: changesOf(found.events),
    policies,
    policyPacks: packsOf(found.events),
    diagnostics: diagnosticsOf(found.events),
    machines: machineGroups(plannedResources(found.events).map(({ inputs }) => inputs)),
    ...(options.base === undefined
      ? {}
      : { base: await against(lab.repository, options.base, stack) }),
    // What policies refuse fails as well; they say it better.
    ...(found.failure === undefined || refused ? {} : { failure: found.failure }),
    seconds,
  };
}

async function against(
  repository: string,
  commit: string,
  stack: string,
): Promise<StackPreview["base"]> {
  try {
    const head = await render(repository, stack).catch(() => []);
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

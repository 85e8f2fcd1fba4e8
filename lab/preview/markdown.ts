// A preview as a person reads it on a pull request. Pure.

import { type MachineGroup, total } from "../../policy/machine-groups";
import type { Difference } from "../render/compare";
import type { Change, Operation, PolicyFinding } from "./changes";

export interface StackPreview {
  stack: string;
  /** Whether the stack has a state that the changes are held against. */
  fromState: boolean;
  changes: Change[];
  policies: PolicyFinding[];
  /** Policy packs that ran. */
  policyPacks: string[];
  /** Warnings and errors of the engine and the program. */
  diagnostics: string[];
  machines: MachineGroup[];
  /** Objects that differ from those of the base commit; absent where there is no base. */
  base?: { commit: string; differences?: Difference[]; problem?: string };
  /** Why there is no preview. */
  failure?: string;
  seconds: number;
}

const WORDS: Record<Operation, string> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  import: "import",
};

/** Rows of a table; what is more is counted. Creations beyond it come as a list. */
const MOST_ROWS = 100;

/** GitHub refuses comments longer than 65,536 characters. */
const MOST_DIFF = 40_000;

/** Finds the comment of a stack again, so that it is edited in place. */
export const marker = (stack: string) => `<!-- lab preview: ${stack} -->`;

/** One stack's part. */
export function markdownOf(preview: StackPreview): string {
  const parts = [
    marker(preview.stack),
    `## Preview of stack \`${preview.stack}\``,
    headline(preview),
    failure(preview),
    changeTable(preview.changes),
    creations(preview),
    policies(preview),
    capacity(preview.machines),
    differences(preview),
    diagnostics(preview.diagnostics),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function headline({
  changes,
  fromState,
  policies,
  failure: failed,
  seconds,
}: StackPreview): string {
  const took = `${seconds.toFixed(1)} s, without credentials, cluster or network`;
  if (failed !== undefined) return `**No preview**: see below. (${took})`;
  const counts = (Object.keys(WORDS) as Operation[]).flatMap((operation) => {
    const count = changes.filter((change) => change.operation === operation).length;
    return count > 0 ? [`${count} to ${WORDS[operation]}`] : [];
  });
  const against = fromState
    ? "against the stack's state"
    : "the stack has no state here: all that `up` would make";
  const refused = policies.some(({ mandatory }) => mandatory) ? "**Refused by policies.** " : "";
  return `${refused}**${counts.length > 0 ? counts.join(", ") : "Nothing changes"}** (${against}; ${took})`;
}

function failure({ failure: text }: StackPreview): string {
  return text === undefined ? "" : fenced(text, "text");
}

const row = (cells: string[]) => `| ${cells.join(" | ")} |`;

/** Backticks of a value end the code it stands in; bars end the cell. */
const code = (text: string) => `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;

/** All but creations, of which only their number tells something. */
function changeTable(changes: Change[]): string {
  const told = changes.filter(({ operation }) => operation !== "create");
  if (told.length === 0) return "";
  const rows = told
    .slice(0, MOST_ROWS)
    .map(({ operation, layer, type, name, keys, fields }) =>
      row([
        operation === "replace" || operation === "delete" ? `**${operation}**` : operation,
        layer,
        `${code(name)}<br>${type}`,
        fields.map((path) => (keys.includes(path) ? `**${code(path)}**` : code(path))).join(", "),
      ]),
    );
  const more = told.length > MOST_ROWS ? [`\n... and ${told.length - MOST_ROWS} more`] : [];
  const heading = ["change", "layer", "resource", "fields (bold: they force the replacement)"];
  return [row(heading), row(heading.map(() => "---")), ...rows, ...more].join("\n");
}

/** By layer, folded away. */
function creations({ changes }: StackPreview): string {
  const made = changes.filter(({ operation }) => operation === "create");
  if (made.length === 0) return "";
  const layers = [...new Set(made.map(({ layer }) => layer))];
  const lines = layers.map((layer) => {
    const names = made.filter((change) => change.layer === layer).map(({ name }) => code(name));
    return `- ${layer} (${names.length}): ${names.join(", ")}`;
  });
  return folded(`${made.length} to create`, lines.join("\n"));
}

function policies({ policies: findings, policyPacks }: StackPreview): string {
  if (policyPacks.length === 0 && findings.length === 0) return "";
  const packs = policyPacks.length > 0 ? ` (${policyPacks.join(", ")})` : "";
  if (findings.length === 0) return `### Policies${packs}\n\nAll are kept.`;
  const lines = findings.map(
    ({ mandatory, policy, resource, message }) =>
      `- ${mandatory ? "**mandatory**" : "advisory"} ${code(policy)}` +
      `${resource ? ` on ${code(resource)}` : ""}: ${message}`,
  );
  return `### Policies${packs}\n\n${lines.join("\n")}`;
}

const size = (amount: number) => Number(amount.toFixed(1)).toString();

/** What it costs at rest and at most, in what Prism Central counts. */
function capacity(groups: MachineGroup[]): string {
  if (groups.length === 0) return "";
  const rows = groups.map(({ name, min, max, cpus, memory, disk }) => {
    const count = min === max ? String(min) : `${min} to ${max}`;
    return row([code(name), count, `${cpus} vCPU, ${size(memory)} GiB, disk ${size(disk)} GiB`]);
  });
  const sum = (bound: "min" | "max") => {
    const { machines, cpus, memory, disk } = total(groups, bound);
    return `${machines} machines: ${cpus} vCPU, ${size(memory)} GiB memory, ${size(disk)} GiB disk`;
  };
  const heading = ["machines", "how many", "each"];
  return [
    "### Cost",
    "",
    ...[row(heading), row(heading.map(() => "---")), ...rows],
    "",
    `At rest ${sum("min")}. At most ${sum("max")}.`,
  ].join("\n");
}

function differences({ base }: StackPreview): string {
  if (base === undefined) return "";
  const heading = `### Objects against ${code(base.commit)}`;
  if (base.differences === undefined) return `${heading}\n\n${base.problem ?? "Not compared."}`;
  if (base.differences.length === 0) return `${heading}\n\nThe same.`;
  const lines = base.differences.map(({ change, resource }) => `- ${change}: ${code(resource)}`);
  const whole = base.differences
    .map(({ change, resource, diff }) => `# ${change}: ${resource}\n${diff}`)
    .join("\n");
  const cut = whole.length > MOST_DIFF;
  const text = cut ? `${whole.slice(0, whole.lastIndexOf("\n", MOST_DIFF))}\n... cut` : whole;
  return [heading, lines.join("\n"), folded("Diff", fenced(text, "diff"))].join("\n\n");
}

function diagnostics(lines: string[]): string {
  if (lines.length === 0) return "";
  return folded(`${lines.length} messages`, lines.map((line) => `- ${line}`).join("\n"));
}

const folded = (title: string, text: string) =>
  `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;

/** A fence longer than any within. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

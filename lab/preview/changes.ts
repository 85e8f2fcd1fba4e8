// What the engine's events of a preview come to. Pure.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { layerOf } from "../layers";

export type Operation = "create" | "update" | "replace" | "delete" | "import";

export interface Change {
  operation: Operation;
  layer: string;
  type: string;
  name: string;
  /** Fields that differ; of a replacement, those that force it first. */
  fields: string[];
  /** Fields that force a replacement. */
  keys: string[];
}

export interface PolicyFinding {
  /** `lab@v0.1.0 control-plane-survives`. */
  policy: string;
  mandatory: boolean;
  resource?: string;
  message: string;
}

/** A replacement is told as several steps; one of them says all. */
const OPERATIONS: Record<string, Operation | undefined> = {
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
  delete: "delete",
  discard: "delete",
  import: "import",
  "import-replacement": "replace",
};

const ORDER: Operation[] = ["replace", "delete", "update", "import", "create"];

type Step = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** Every resource that would not stay as it is: what goes away first. */
export function changesOf(events: EngineEvent[]): Change[] {
  const found = new Map<string, Change>();
  for (const { resourcePreEvent } of events) {
    const step = resourcePreEvent?.metadata;
    const operation = OPERATIONS[step?.op ?? ""];
    if (step && operation) found.set(step.urn, changeOf(operation, step, found.get(step.urn)));
  }
  return [...found.values()].map(tidy).sort(inOrder);
}

/** What a step says, beside what steps before it said of the same resource. */
function changeOf(operation: Operation, step: Step, before?: Change): Change {
  const { keys, fields } = fieldsOf(step);
  return {
    operation,
    layer: layerOf(step.urn) ?? "stack",
    type: step.type,
    name: step.urn.split("::").at(-1) ?? step.urn,
    keys: [...(before?.keys ?? []), ...keys],
    fields: [...(before?.fields ?? []), ...fields],
  };
}

/** As the engine writes them: what there is none of is null. */
type Told = { [key in "keys" | "diffs" | "detailedDiff"]?: Step[key] | null };

/** Paths of the detailed diff where a provider gives one, else the top fields. */
function fieldsOf(step: Told) {
  const { keys, diffs } = step;
  const detailed = step.detailedDiff ?? {};
  const paths = Object.keys(detailed);
  const forced = paths.filter((path) => detailed[path]?.diffKind.endsWith("-replace"));
  return { keys: [...forced, ...(keys ?? [])], fields: paths.length > 0 ? paths : (diffs ?? []) };
}

/** `spec` says nothing more beside `spec.replicas`. */
function tidy(change: Change): Change {
  const keys = specific(change.keys);
  const fields = specific([...keys, ...change.fields]);
  return { ...change, keys, fields: unique([...keys, ...fields]) };
}

function specific(paths: string[]): string[] {
  return unique(paths).filter(
    (path) => !paths.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`)),
  );
}

const unique = <T>(items: T[]) => [...new Set(items)];

const inOrder = (one: Change, other: Change) =>
  ORDER.indexOf(one.operation) - ORDER.indexOf(other.operation);

/** What policies have found, mandatory ones first. */
export function policyFindings(events: EngineEvent[]): PolicyFinding[] {
  return events
    .flatMap(({ policyEvent }) => policyEvent ?? [])
    .map((event): PolicyFinding => {
      const resource = event.resourceUrn?.split("::").at(-1);
      return {
        policy: `${event.policyPackName}@v${event.policyPackVersion.replace(/^v/, "")} ${event.policyName}`,
        mandatory: event.enforcementLevel === "mandatory",
        ...(resource ? { resource } : {}),
        message: lastLineOf(event.message),
      };
    })
    .sort((one, other) => Number(other.mandatory) - Number(one.mandatory));
}

/** A finding in a line, as a terminal shows it. */
export function sentenceOf({ policy, mandatory, resource, message }: PolicyFinding): string {
  const on = resource === undefined ? "" : ` on ${resource}`;
  return `${mandatory ? "mandatory" : "advisory"} ${policy}${on}: ${message}`;
}

/** The engine writes this one field with a capital (3.256), whatever the SDK's types say. */
interface Summary {
  PolicyPacks?: Record<string, string> | null;
}

/** The policy packs that ran, as the engine's summary names them. */
export function policyPacks(events: EngineEvent[]): string[] {
  const packs = events.flatMap(({ summaryEvent }) =>
    Object.entries((summaryEvent as Summary | undefined)?.PolicyPacks ?? {}),
  );
  // A pack of a folder is told with that folder: `name|local|/path`.
  return packs.map(
    ([name, version]) => `${name.split("|")[0] ?? name}@v${version.replace(/^v/, "")}`,
  );
}

/** The last line of a message, which is the policy's own, without the engine's colour tags. */
function lastLineOf(message: string): string {
  const lines = message
    .replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.at(-1) ?? "";
}

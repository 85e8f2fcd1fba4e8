// What a preview's events and a stack's objects come to, as data and as Markdown.
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { changesOf, policyFindings, policyPacks } from "../../lab/preview/changes";
import { markdownOf, type StackPreview } from "../../lab/preview/markdown";
import { machineGroups, total } from "../../policy/machine-groups";
import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import { expectGolden } from "../support/golden";
import { spec } from "../support/workload-spec";

const urn = (types: string, name: string) =>
  `urn:pulumi:onprem::nutanix-serverless-lab::${types}::${name}`;

const step = (op: string, name: string, more: object = {}): EngineEvent => {
  const type = "kubernetes:apps/v1:Deployment";
  const metadata = { op, urn: urn(`lab:index:SampleWorkload$${type}`, name), type, ...more };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
};

const kind = (diffKind: string) => ({ diffKind, inputDiff: true });

const EVENTS: EngineEvent[] = [
  step("same", "kept"),
  step("create", "made"),
  step("update", "changed", {
    diffs: ["spec"],
    detailedDiff: { "spec.replicas": kind("update"), "metadata.labels.a": kind("add") },
  }),
  step("create-replacement", "replaced", {
    keys: ["spec"],
    diffs: ["spec"],
    detailedDiff: { "spec.selector": kind("update-replace"), "spec.replicas": kind("update") },
  }),
  step("replace", "replaced", { keys: ["spec"], diffs: ["spec"] }),
  step("delete-replaced", "replaced"),
  step("delete", "removed"),
];

const resource = { layer: "sample-workload", type: "kubernetes:apps/v1:Deployment" };

test("steps become one change per resource: what goes away first, with the fields that force it", () => {
  expect(changesOf(EVENTS)).toEqual([
    {
      ...resource,
      operation: "replace",
      name: "replaced",
      keys: ["spec.selector"],
      fields: ["spec.selector", "spec.replicas"],
    },
    { ...resource, operation: "delete", name: "removed", keys: [], fields: [] },
    {
      ...resource,
      operation: "update",
      name: "changed",
      keys: [],
      fields: ["spec.replicas", "metadata.labels.a"],
    },
    { ...resource, operation: "create", name: "made", keys: [], fields: [] },
  ]);
});

test("a provider without a detailed diff names its top fields", () => {
  const [change] = changesOf([
    step("replace", "command", { keys: ["triggers"], diffs: ["triggers", "create"] }),
  ]);
  expect([change!.keys, change!.fields]).toEqual([["triggers"], ["triggers", "create"]]);
});

const policy = (enforcementLevel: string, policyName: string, message: string): EngineEvent =>
  ({
    policyEvent: {
      ...{ enforcementLevel, policyName, message, resourceUrn: urn("t", "workload-control-plane") },
      ...{ policyPackName: "lab", policyPackVersion: "0.1.0" },
    },
  }) as unknown as EngineEvent;

test("policies: mandatory ones first, each with its own words", () => {
  const summary = {
    summaryEvent: { PolicyPacks: { "lab|local|/me/policy": "0.1.0" } },
  } as unknown as EngineEvent;
  const events = [
    policy("warning", "survives", "<{%fg 1%}>A description.<{%reset%}>\nOne machine only.\n"),
    policy("mandatory", "no-plain-secret", "A password."),
    summary,
  ];
  const found = { resource: "workload-control-plane" };
  expect(policyFindings(events)).toEqual([
    { ...found, policy: "lab@v0.1.0 no-plain-secret", mandatory: true, message: "A password." },
    { ...found, policy: "lab@v0.1.0 survives", mandatory: false, message: "One machine only." },
  ]);
  expect(policyPacks(events)).toEqual(["lab@v0.1.0"]);
});

const objects = allObjects(manifests(spec, { credentials: "x", cloudController: "x" }));
test("machines at rest and at most, from the objects", () => {
  const groups = machineGroups(objects);
  const machine = { cpus: 2, disk: 40 };
  expect(groups).toEqual([
    { ...machine, name: "lab-kcp", min: 1, max: 1, memory: 4 },
    { ...machine, name: "lab-wmd", min: 0, max: 5, memory: 8 },
  ]);
  expect(total(groups, "min")).toEqual({ machines: 1, cpus: 2, memory: 4, disk: 40 });
  expect(total(groups, "max")).toEqual({ machines: 6, cpus: 12, memory: 44, disk: 240 });
});

const whole: StackPreview = {
  stack: "onprem",
  fromState: true,
  changes: changesOf(EVENTS),
  policies: policyFindings([policy("warning", "survives", "One machine only.")]),
  policyPacks: ["lab@v0.1.0"],
  diagnostics: ["warning: something is old"],
  machines: machineGroups(objects),
  base: {
    commit: "1a2b3c4",
    differences: [
      { resource: "kubernetes:v1:X x", change: "changed", diff: "@@ -1 +1 @@\n-a: ```\n+a: b\n" },
    ],
  },
  seconds: 3.21,
};

test("all of it as Markdown", () => {
  expectGolden("preview/onprem.md", markdownOf(whole));
});

test("nothing but creations, and nothing at all", () => {
  const quiet = { changes: [], policies: [], policyPacks: [], diagnostics: [], machines: [] };
  const without = { ...whole, ...quiet, base: undefined };
  const made = { ...without, fromState: false, changes: changesOf([step("create", "made")]) };
  expect(markdownOf(without).split("\n").slice(1)).toEqual([
    "",
    "## Preview of stack `onprem`",
    "",
    "**Nothing changes** (against the stack's state; 3.2 s, without credentials, cluster or network)",
    "",
  ]);
  expect(markdownOf(made)).toContain(
    "**1 to create** (the stack has no state here: all that `up` would make; 3.2 s",
  );
  expect(markdownOf(made)).toContain("- sample-workload (1): `made`");
});

test("a preview that failed says why, and a base that cannot be rendered does not hide the rest", () => {
  const text = markdownOf({
    ...whole,
    failure: "Pulumi.onprem.yaml has 1 mistake",
    base: { commit: "1a2b3c4", problem: "Rendering failed." },
  });
  expect(text).toContain("**No preview**: see below.");
  expect(text).toContain("```text\nPulumi.onprem.yaml has 1 mistake\n```");
  expect(text).toContain("### Objects against `1a2b3c4`\n\nRendering failed.");
});

test("a diff longer than a comment may be is cut at a line", () => {
  const diff = "+line\n".repeat(20_000);
  const base = { commit: "x", differences: [{ resource: "r", change: "added" as const, diff }] };
  const text = markdownOf({ ...whole, base });
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("+line\n... cut\n```");
});

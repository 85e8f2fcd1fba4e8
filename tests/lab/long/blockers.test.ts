// A scaling test that cannot pass says why, within its budgets: each thing in the way by its name.

import { readdirSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { ScalingTestReport } from "../../../scaling-test/report";
import * as house from "../house";
import { VirtualMachines } from "../virtual-machines";

const home = house.makeHouse(14);
const machines = new VirtualMachines(home);

/** Seconds; two pods need a machine each. */
const SETTINGS = `run: false
    budgets: { pending: 30, decision: 20, vm-created: 20, node-ready: 60, drained: 30 }`;

const management = (...args: string[]) => house.kubectl(home, "management", ...args);
const workload = (...args: string[]) => house.kubectl(home, "workload", ...args);
const pool = ["machinedeployment/lab-wmd"];
const bound = (max: number) =>
  management(
    "annotate",
    ...pool,
    "--overwrite",
    `cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size=${max}`,
  );

interface Told {
  phase: string;
  kind: string;
  subject: string;
}

/** Runs the test to its end, which must be a failure; what its report names. */
function blockersOf(ran: Pick<house.Result, "status">): Told[] {
  expect(ran.status).toBe(1);
  const report = house.reportOf(home) as ScalingTestReport;
  expect(report.passed).toBe(false);
  return report.blockers.map(({ phase, kind, subject }) => ({ phase, kind, subject }));
}

const nodes = () => workload("get", "nodes", "-o", "name").trim().split("\n");

/** Back to no worker, whatever stands in the way. */
async function calm(): Promise<void> {
  machines.faults([]);
  bound(3);
  workload("delete", "all,pdb", "--all", "-n", "default", "--ignore-not-found", "--wait=false");
  management("scale", ...pool, "--replicas=0");
  const objects = () => management("get", "machines", "-o", "name").trim().split("\n");
  const counts = () => [machines.ids().length, nodes().length, objects().length];
  await house.eventually(180, () => (counts().every((count) => count === 1) ? true : undefined));
}

beforeAll(() => {
  house.editSettings(home, (text) =>
    text
      .replace("run: true", SETTINGS)
      .replace("replicas: 1\n    report", "replicas: 2\n    report"),
  );
  house.up(home);
});

afterEach(calm);

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

test("a pool at its maximum", () => {
  bound(1);
  expect(blockersOf(house.runLab(home, "test"))).toContainEqual({
    phase: "vm-created",
    kind: "pool-at-max",
    subject: "default/lab-wmd",
  });
});

test("a pod that fits on no machine of the pool", () => {
  workload("set", "resources", "deployment/hello", "-n", "sample", "--requests=cpu=64");
  const found = blockersOf(house.runLab(home, "test"));
  workload("set", "resources", "deployment/hello", "-n", "sample", "--requests=cpu=1200m");
  expect(found.map(({ phase, kind }) => [phase, kind])).toEqual([
    ["decision", "pod-does-not-fit"],
    ["decision", "pod-does-not-fit"],
  ]);
});

test("a Prism Element that is full", () => {
  machines.faults([{ when: "kVmCreate", fail: "No host has enough memory left for the VM." }]);
  const found = blockersOf(house.runLab(home, "test"));
  expect(new Set(found.map(({ phase, kind }) => `${phase} ${kind}`))).toEqual(
    new Set(["vm-created prism-refuses"]),
  );
});

test("a VM that never boots", () => {
  const unpacked = path.join(home.lab.directory, "prism-central", "unpacked");
  const [image = ""] = readdirSync(unpacked);
  const init = path.join(unpacked, image, "usr/lib/lab/guest.cjs");
  renameSync(init, `${init}.away`);
  const found = blockersOf(house.runLab(home, "test"));
  renameSync(`${init}.away`, init);
  expect(new Set(found.map(({ phase, kind }) => `${phase} ${kind}`))).toEqual(
    new Set(["node-ready vm-does-not-boot"]),
  );
});

/** Each keeps its node: a budget that allows nothing, local storage, nobody to make it again. */
const KEEPERS = [
  deployment("guarded", {}),
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "guard" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
  },
  deployment("storing", { volumes: [{ name: "scratch", emptyDir: {} }] }),
  { apiVersion: "v1", kind: "Pod", metadata: { name: "alone" }, spec: podSpec({}) },
];

function podSpec(more: object) {
  const requests = { cpu: "10m", memory: "10Mi" };
  const image = "lab/hello:0.1.0";
  return { containers: [{ name: "hello", image, resources: { requests } }], ...more };
}

function deployment(name: string, more: object) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: podSpec(more) };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec };
}

/** As upstream's autoscaler does unless it is told otherwise, and the lab's profiles tell it. */
function keepNodesWithLocalStorage(): void {
  const { deployment, command } = house.autoscaler(home);
  const value = command.map((flag) => flag.replace("local-storage=false", "local-storage=true"));
  expect(value).not.toEqual(command);
  const path = "/spec/template/spec/containers/0/command";
  management(
    "patch",
    ...deployment,
    "--type=json",
    "-p",
    JSON.stringify([{ op: "replace", path, value }]),
  );
  management("rollout", "status", ...deployment, "--timeout=60s");
}

test("pods that keep their node", async () => {
  keepNodesWithLocalStorage();
  const running = house.runLabBeside(home, "test");
  await house.eventually(90, () => (nodes().length === 3 ? true : undefined));
  house.applyObjects(home, "workload", KEEPERS);
  const found = blockersOf(await running);
  const of = (kind: string) => found.filter((item) => item.kind === kind);
  expect(of("pdb")).toEqual([
    { phase: "drained", kind: "pdb", subject: expect.stringMatching(/^default\/guarded-/) },
  ]);
  expect(of("local-storage")).toEqual([
    {
      phase: "drained",
      kind: "local-storage",
      subject: expect.stringMatching(/^default\/storing-/),
    },
  ]);
  expect(of("no-controller")).toEqual([
    { phase: "drained", kind: "no-controller", subject: "default/alone" },
  ]);
});

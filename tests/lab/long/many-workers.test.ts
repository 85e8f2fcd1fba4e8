// Hundreds of workers in one workload cluster: simulated machines, each a VM of its own that joins with its own credentials.

import { rmSync } from "node:fs";
import * as path from "node:path";
import { withValues } from "../../../lab/stack-settings";
import * as house from "../house";
import { VirtualMachines } from "../virtual-machines";

const WORKERS = 300;
const LIMIT_SECONDS = 300;
const NAME = "lab-many";

const home = house.makeHouse(12);
const machines = new VirtualMachines(home);

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; labels?: object };
  spec: Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

const management = (...args: string[]) => house.kubectl(home, "management", ...args);

/** An object of the lab's own pool, to be made once more under another name. */
function likeThePools(kind: string, change: (spec: Manifest["spec"]) => void): Manifest {
  const { items } = house.kubectlJson(home, "management", "get", kind) as { items: Manifest[] };
  const {
    apiVersion,
    kind: name,
    metadata,
    spec,
  } = items.find((item) => item.metadata.name.startsWith("lab-wmd"))!;
  change(spec);
  return { apiVersion, kind: name, metadata: { name: NAME, namespace: metadata.namespace }, spec };
}

/** An image whose machines are simulated, in Prism Central. */
function makeImage(): void {
  const output = path.join(home.lab.directory, "images", "many.img");
  house.buildImage(home, output, { guest: "kwok" });
  machines.upload(NAME, output);
}

function makePool(): void {
  const template = likeThePools("nutanixmachinetemplates", ({ template: { spec } }) => {
    spec.image = { type: "name", name: NAME };
    spec.subnet = [{ type: "name", name: "lab-vms-large" }];
  });
  const deployment = likeThePools("machinedeployments", (spec) => {
    const labels = { "test/pool": NAME };
    spec.selector = { matchLabels: labels };
    spec.template.metadata = { labels };
    spec.template.spec.infrastructureRef.name = NAME;
    spec.replicas = 0;
  });
  house.applyObjects(home, "management", [template, deployment]);
}

const scale = (replicas: number) =>
  management("scale", `machinedeployment/${NAME}`, `--replicas=${replicas}`);

beforeAll(() => {
  house.editSettings(home, (text) =>
    withValues(text.replace("run: true", "run: false"), {
      "workloadCluster.podCidr": "10.128.0.0/14",
      // As Cluster API has it by default: dev's own setting is for the latency of a single machine.
      "clusterApi.variables.EXP_RECONCILER_RATE_LIMITING": "true",
    }),
  );
  house.up(home);
  makeImage();
  makePool();
});

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

test(`${WORKERS} workers join within ${LIMIT_SECONDS} s, and go again`, async () => {
  const own = machines.ids().length;
  const start = performance.now();
  scale(WORKERS);
  const all = `--for=jsonpath={.status.readyReplicas}=${WORKERS}`;
  management("wait", `machinedeployment/${NAME}`, all, `--timeout=${LIMIT_SECONDS}s`);
  const seconds = (performance.now() - start) / 1000;
  process.stderr.write(`${WORKERS} workers joined in ${seconds.toFixed(0)} s\n`);
  const nodes = house.kubectl(home, "workload", "get", "nodes", "--no-headers").trim().split("\n");
  expect(nodes.filter((line) => / Ready /.test(line)).length).toBe(WORKERS + 1);
  expect(machines.count()).toBe(own + WORKERS);
  scale(0);
  await house.eventually(LIMIT_SECONDS, () => (machines.count() === own ? true : undefined));
}, 900_000);

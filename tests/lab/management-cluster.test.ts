// Cluster API's own managers at work: their webhooks, by kubectl alone, and what happens when one of them is killed.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { labProcesses } from "../../lab/processes";
import * as house from "./house";

const home = house.makeHouse(8);

beforeAll(() => {
  house.up(home);
});

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

/** What a server-side dry run makes of an object. */
function tried(object: object): { status: number | null; stdout: string; stderr: string } {
  const kubeconfig = path.join(home.lab.directory, "kubeconfig");
  const args = ["--kubeconfig", kubeconfig, "create", "--dry-run=server", "-o", "json", "-f", "-"];
  return spawnSync(path.join(home.lab.directory, "bin", "kubectl"), args, {
    env: home.environment,
    input: JSON.stringify(object),
    encoding: "utf8",
    timeout: 60_000,
  });
}

const made = (object: object): unknown => {
  const { status, stdout, stderr } = tried(object);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

const cluster = (apiVersion: string, spec: object) => ({
  apiVersion: `cluster.x-k8s.io/${apiVersion}`,
  kind: "Cluster",
  metadata: { name: "tried", namespace: "default" },
  spec,
});

/** What no schema forbids: only the webhook knows what a CIDR is. */
const impossible = cluster("v1beta2", {
  clusterNetwork: { services: { cidrBlocks: ["nonsense"] } },
});
const REFUSED =
  'spec.clusterNetwork.services.cidrBlocks[0]: Invalid value: "nonsense": invalid CIDR address';

describe("the webhooks", () => {
  test("convert between v1beta1 and v1beta2", () => {
    const infrastructureRef = { kind: "NutanixCluster", name: "tried" };
    const apiVersion = "infrastructure.cluster.x-k8s.io/v1beta1";
    const old = cluster("v1beta1", { infrastructureRef: { ...infrastructureRef, apiVersion } });
    expect(made(old)).toMatchObject({
      apiVersion: "cluster.x-k8s.io/v1beta1",
      spec: { infrastructureRef: { apiVersion, name: "tried" } },
    });
    const read = house.kubectlJson(
      home,
      "management",
      "get",
      "clusters.v1beta1.cluster.x-k8s.io/lab",
    );
    expect(read).toMatchObject({
      apiVersion: "cluster.x-k8s.io/v1beta1",
      spec: { infrastructureRef: { apiVersion, namespace: "default" } },
    });
    const today = house.kubectlJson(
      home,
      "management",
      "get",
      "clusters.v1beta2.cluster.x-k8s.io/lab",
    );
    expect(today).toMatchObject({
      spec: { infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io" } },
    });
  });

  test("default what is left out", () => {
    const bootstrap = { dataSecretName: "none" };
    const infrastructureRef = {
      apiGroup: "infrastructure.cluster.x-k8s.io",
      kind: "NutanixMachineTemplate",
      name: "tried",
    };
    const deployment = {
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "MachineDeployment",
      metadata: { name: "tried", namespace: "default" },
      spec: {
        clusterName: "lab",
        selector: {},
        template: { spec: { clusterName: "lab", bootstrap, infrastructureRef, version: "1.36.3" } },
      },
    };
    const labels = {
      "cluster.x-k8s.io/cluster-name": "lab",
      "cluster.x-k8s.io/deployment-name": "tried",
    };
    expect(made(deployment)).toMatchObject({
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { version: "v1.36.3" } },
      },
    });
  });

  test("refuse what cannot be", () => {
    const { status, stderr } = tried(impossible);
    expect([status, stderr]).toEqual([1, expect.stringContaining(REFUSED)]);
  });
});

test("a manager that is killed comes back by itself", async () => {
  const program = "/cluster-api-controller ";
  const running = () =>
    labProcesses(home.lab.id).filter(({ command }) => command.includes(program));
  const [before] = running();
  const restarts = () => {
    const pods = ["get", "pods", "-n", "capi-system"];
    const { items } = house.kubectlJson(home, "management", ...pods) as {
      items: { status: { containerStatuses: { restartCount: number; ready: boolean }[] } }[];
    };
    return items.flatMap(({ status }) => status.containerStatuses);
  };
  expect(restarts()).toMatchObject([{ restartCount: 0, ready: true }]);
  process.kill(before!.pid, "SIGKILL");
  await house.eventually(120, () => (restarts()[0]?.restartCount === 1 ? true : undefined));
  await house.eventually(120, () => (restarts()[0]?.ready ? true : undefined));
  expect(running().map(({ pid }) => pid)).not.toContain(before!.pid);
  await house.eventually(60, () => (tried(impossible).stderr.includes(REFUSED) ? true : undefined));
});

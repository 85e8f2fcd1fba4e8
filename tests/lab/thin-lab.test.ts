// The whole house on a slot of its own: up, what a person sees, up again, taken away, down, cut off, down.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import type { Status } from "../../lab/status";
import { PHASES } from "../../scaling-test/settings";
import { added, machineSnapshot, type MachineSnapshot } from "../support/machine-snapshot";
import * as house from "./house";
import { VirtualMachines } from "./virtual-machines";

const SLOT = 14;
const FOLDERS = ["/tmp", "/run", "/etc", "/var/lib", "/etc/kubernetes", "/var/lib/kubelet"];
const NOTHING: MachineSnapshot = { processes: [], sockets: [], mounts: [], files: [] };
const MANAGERS = [
  "cluster-api-controller",
  "kubeadm-bootstrap-controller",
  "kubeadm-control-plane-controller",
];

interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  ports?: unknown[];
}

interface Pod {
  metadata: { name: string; namespace: string };
  spec: { containers: Container[] };
  status: { conditions: { type: string; status: string }[] };
}

interface Manifest {
  kind: string;
  spec: { template: { spec: { containers: Container[] } } };
}

interface Report {
  passed: boolean;
  failures: string[];
  startedAt: string;
  phases: { round: number; name: string; evidence: { uid?: string; detail?: string }[] }[];
}

const home = house.makeHouse(SLOT);
const wrapped = path.join(home.folder, "wrapped");
home.environment["LAB_CATALOGUE"] = wrapAutoscaler(home.folder, wrapped);
const machines = new VirtualMachines(home);
const reportFile = path.join(home.lab.directory, "reports", "scaling-test.json");
const readReport = () => JSON.parse(readFileSync(reportFile, "utf8")) as Report;
const before = machineSnapshot(FOLDERS);
const tracked = () =>
  execFileSync("git", ["status", "--porcelain"], { cwd: home.lab.repository, encoding: "utf8" });
const trackedBefore = tracked();

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

describe("a lab", () => {
  test("comes up within 180 s and passes its scaling test", () => {
    const result = house.runLab(home, "up");
    expect([result.stderr, result.status]).toEqual(["", 0]);
    expect(result.seconds).toBeLessThan(180);
    const report = readReport();
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(true);
    const rounds = [1, 2].flatMap((round) => PHASES.map((name) => `${round} ${name}`));
    expect(report.phases.map(({ round, name }) => `${round} ${name}`)).toEqual(rounds);
    const evidenceOf = (name: string) =>
      report.phases.find((phase) => phase.name === name)!.evidence[0]!;
    const vm = evidenceOf("vm-created").uid!;
    expect(evidenceOf("node-ready").detail).toBe(`providerID nutanix://${vm}`);
    expect(evidenceOf("vm-deleted").uid).toBe(vm);
  });

  test("shows its layers", () => {
    const { layers, stack } = JSON.parse(house.runLab(home, "status", "--json").stdout) as Status;
    expect(stack).toBe("dev");
    expect(layers.map((layer) => [layer.name, layer.state])).toEqual(
      [
        "image",
        "management-cluster",
        "cluster-api",
        "workload-cluster",
        "cluster-autoscaler",
        "sample-workload",
        "scaling-test",
      ].map((name) => [name, "ready"]),
    );
  });

  test("runs Cluster API's managers with upstream's images and PodSpecs, and has their logs", () => {
    const { items } = house.kubectlJson(home, "management", "get", "pods", "-A") as {
      items: Pod[];
    };
    const folder = path.join(home.lab.cache, "manifests", "cluster-api", "v1.13.6");
    const upstream = readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .flatMap((name) => parseAllDocuments(readFileSync(path.join(folder, name), "utf8")))
      .map((document) => document.toJS() as Manifest | null)
      .filter((object) => object?.kind === "Deployment")
      .map((object) => object!.spec.template.spec.containers[0]!);
    for (const manager of MANAGERS) {
      const image = `registry.k8s.io/cluster-api/${manager}:v1.13.6`;
      const pod = items.find((item) => item.spec.containers[0]?.image === image)!;
      const ready = pod.status.conditions.find((condition) => condition.type === "Ready");
      expect([image, ready?.status]).toEqual([image, "True"]);
      const theirs = upstream.find((container) => container.image === image)!;
      const { command, name, ports } = pod.spec.containers[0]!;
      expect({ command, name, ports }).toEqual({
        command: theirs.command,
        name: theirs.name,
        ports: theirs.ports,
      });
      const { namespace } = pod.metadata;
      const log = house.kubectl(
        home,
        "management",
        "logs",
        "-n",
        namespace,
        pod.metadata.name,
        "--tail=5",
      );
      expect(log).not.toBe("");
    }
  });

  test("ran the autoscaler that the catalogue names, with the chart's arguments", () => {
    const command = readFileSync(wrapped, "utf8");
    expect(command).toContain("cluster-autoscaler.cjs --cloud-provider=clusterapi");
  });

  test("changes nothing the second time and runs the scaling test again", () => {
    const first = readReport().startedAt;
    const result = house.runLab(home, "up");
    expect([result.stderr, result.status]).toEqual(["", 0]);
    expect(result.stdout).toContain("nothing changed");
    expect(readReport().startedAt).not.toBe(first);
    expect(tracked()).toBe(trackedBefore);
  });

  test("boots a VM made with curl while the toolchain's cache is away, from the image alone", async () => {
    const away = `${home.lab.cache}.away`;
    renameSync(home.lab.cache, away);
    try {
      const vm = machines.create("by-curl", machines.initConfig());
      const up = /the control plane is up/;
      await house.eventually(90, () => (up.test(machines.consoleOf(vm)) ? true : undefined));
      const unpacked = path.join(home.lab.directory, "prism-central", "unpacked");
      const programs = machines.guestPrograms(vm);
      expect(programs.filter((program) => !program.startsWith(unpacked))).toEqual([]);
      expect([...new Set(programs.map((program) => path.basename(program)))].sort()).toEqual([
        "container-shim",
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubelet-streams",
        "node",
      ]);
      machines.remove(vm);
    } finally {
      renameSync(away, home.lab.cache);
    }
  });

  test.each([
    ["token", { token: "aaaaaa.bbbbbbbbbbbbbbbb" }, /could not find a JWS signature|token/i],
    ["CA hash", { hash: `sha256:${"0".repeat(64)}` }, /none of the public keys|hash/i],
  ])(
    "refuses a node that joins with a wrong %s, and its console says why",
    async (_, wrong, why) => {
      const vm = machines.create("impostor", machines.joinConfig(wrong));
      await house.eventually(60, () => (why.test(machines.consoleOf(vm)) ? true : undefined));
      const nodes = house.kubectl(home, "workload", "get", "nodes", "-o", "name");
      expect(nodes).not.toContain("impostor");
      machines.remove(vm);
    },
  );

  test("is gone after down", () => {
    const result = house.runLab(home, "down");
    expect([result.stderr, result.status]).toEqual(["", 0]);
    expect(existsSync(home.lab.directory)).toBe(false);
    expect(leftSince(before)).toEqual(NOTHING);
  });

  test("is gone after down when everything was killed in the middle of up", async () => {
    const child = house.startLab(home, "up");
    const kind = path.join(home.lab.directory, "kind");
    await house.eventually(90, () => (existsSync(kind) ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 5000)); // somewhere in the middle
    child.kill("SIGKILL");
    house.killAll(home);
    const result = house.runLab(home, "down");
    expect([result.stderr, result.status]).toEqual(["", 0]);
    expect(leftSince(before)).toEqual(NOTHING);
  });
});

/** A catalogue that puts a program of ours in the place of the autoscaler: it leaves a mark and goes on. */
function wrapAutoscaler(folder: string, mark: string): string {
  const script = path.join(folder, "wrapper.sh");
  writeFileSync(script, `echo "$*" >>${mark}\nexec "$@"\n`);
  const file = path.join(folder, "catalogue.yaml");
  const command = ["/bin/sh", script, "${node}", "${dist}/cluster-autoscaler.cjs"];
  const image = {
    programs: { "./cluster-autoscaler": command },
    extraArgs: ["--address=${pod.loopback}:8085"],
  };
  const images = { "registry.k8s.io/autoscaling/cluster-autoscaler": image };
  writeFileSync(file, JSON.stringify({ images })); // YAML is a superset of JSON
  return file;
}

/** What the machine has more than before, the test's own folder and processes of this Jest left out. */
function leftSince(picture: MachineSnapshot): MachineSnapshot {
  const more = added(picture, machineSnapshot(FOLDERS));
  return {
    ...more,
    processes: more.processes.filter((line) => !line.includes("jest")),
    files: more.files.filter((file) => !file.startsWith("/tmp/jest")),
  };
}

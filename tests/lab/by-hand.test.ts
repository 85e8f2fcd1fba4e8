// A person's own pulumi on a lab: each command of theirs once, in the environment that `lab env` prints.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { labProcesses } from "../../lab/processes";
import * as house from "./house";
import { Person } from "./person";

const SLOT = 3;
const home = house.makeHouse(SLOT);
const locks = path.join(home.lab.directory, "state", ".pulumi", "locks");
let person: Person;
const pulumi = (...args: string[]) => person.pulumi(...args);
const changesOf = (...args: string[]) => person.changesOf(...args);

beforeAll(() => {
  house.up(home);
  person = new Person(home);
});

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

describe("by hand", () => {
  test("refresh finds the lab as `lab up` left it", () => {
    expect(Object.keys(changesOf("refresh"))).toEqual(["same"]);
  });

  test("stack output tells, but no secrets unless it is asked to", () => {
    expect(pulumi("stack", "output", "controlPlaneEndpoint")).toEqual({
      status: 0,
      text: `${home.lab.addresses.controlPlaneEndpoint.host}:6443\n`,
    });
    expect(pulumi("stack", "output", "workloadKubeconfig").text).toBe("[secret]\n");
    expect(pulumi("stack", "output", "workloadKubeconfig", "--show-secrets").text).toMatch(
      /^kind: Config$/m,
    );
  });

  test("preview runs policy packs, and has nothing to change", () => {
    const pack = ["--policy-pack", "tests/lab/policy-pack"];
    const { status, text } = pulumi("preview", "--expect-no-changes", ...pack);
    expect([status, text]).toEqual([0, expect.stringContaining("lab@v0.1.0")]);
    expect(text).toMatch(/\[advisory\] {2}control-plane-survives .*workload-control-plane/);
    expect(text).toContain("1 of 3");
    expect(text).not.toContain("[mandatory]");
  });

  test("import takes an object into the stack, and out again it is still there", () => {
    house.kubectl(home, "management", "create", "configmap", "by-hand", "--from-literal=a=b");
    const urns = pulumi("stack", "--show-urns").text;
    const provider = /urn:\S+pulumi:providers:kubernetes::management-provider/.exec(urns)![0];
    const object = ["kubernetes:core/v1:ConfigMap", "by-hand", "default/by-hand"];
    const options = [`--provider=management=${provider}`, "--protect=false", "--yes"];
    const imported = pulumi("import", ...object, ...options, "--generate-code=false");
    expect([imported.status, imported.text]).toEqual([0, expect.stringContaining("1 imported")]);
    const urn = /urn:\S+::kubernetes:core\/v1:ConfigMap::by-hand/;
    const found = urn.exec(pulumi("stack", "--show-urns").text)![0];
    expect(pulumi("state", "delete", found, "--yes").status).toBe(0);
    const left = house.kubectlJson(home, "management", "get", "configmap", "by-hand");
    expect(left).toMatchObject({ data: { a: "b" } });
    house.kubectl(home, "management", "delete", "configmap", "by-hand");
  });

  test("cancel takes the lock of a killed update away", async () => {
    const killed = spawn("pulumi", ["refresh", "--yes", "--skip-preview"], {
      cwd: home.lab.repository,
      env: person.shell,
      stdio: "ignore",
    });
    await house.eventually(30, () => (lockFiles().length > 0 ? true : undefined));
    killed.kill("SIGKILL");
    const refused = pulumi("refresh", "--yes", "--skip-preview");
    expect([refused.status, refused.text]).toEqual([1, expect.stringContaining("locked")]);
    expect(pulumi("cancel", "--yes").status).toBe(0);
    expect(lockFiles()).toEqual([]);
  });

  test("destroy takes everything down, and up brings it back", () => {
    const { delete: deleted, ...others } = changesOf("destroy");
    expect([others, pulumi("stack", "export").text]).toEqual([
      {},
      expect.not.stringContaining('"resources"'),
    ]);
    expect(clusterProcesses()).toEqual([]);
    person.set("scalingTest.run", "false");
    // The scaling test: its command and nothing else.
    expect(changesOf("up")).toEqual({ create: deleted! - 1 });
    const cluster = house.kubectl(home, "management", "get", "cluster", "lab", "-o", "name");
    expect(cluster).toBe("cluster.cluster.x-k8s.io/lab\n");
  });

  test("down removes what was brought up by hand", () => {
    const { status, stderr } = house.runLab(home, "down");
    expect([status, stderr]).toEqual([0, ""]);
    expect(existsSync(home.lab.directory)).toBe(false);
    expect(labProcesses(home.lab.id)).toEqual([]);
  });
});

const lockFiles = () =>
  existsSync(locks)
    ? readdirSync(locks, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".json"))
    : [];

/** Processes of clusters and virtual machines; the Prism Central stand-in lives as long as the lab. */
const clusterProcesses = () =>
  labProcesses(home.lab.id).filter(({ command }) => !command.includes("prism-central.cjs"));

// A lab whose processes are all killed, again and again: while the image is built, before and while it is uploaded, and
// when everything is up. Each time `up` goes on: one image in the end and nothing half-made; no object lost. At last its
// management cluster is deleted.

import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import * as house from "./house";
import { VirtualMachines } from "./virtual-machines";

const home = house.makeHouse(12);
const machines = new VirtualMachines(home);
const within = (...names: string[]) => path.join(home.lab.directory, ...names);
const built = within("images");
const stored = within("prism-central", "images");
const filesOf = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
const isImage = (name: string) => /^[^.]+.*\.img$/.test(name);

afterAll(() => {
  house.runLab(home, "down");
  rmSync(home.folder, { recursive: true, force: true });
});

/** Starts `up`, waits for a moment of it, and kills the command and everything that it started. */
async function killUpWhen(moment: () => boolean): Promise<void> {
  const command = house.startLab(home, "up");
  await house.eventually(300, () => (moment() ? true : undefined));
  command.kill("SIGKILL");
  house.killAll(home);
}

const halfBuilt = () => filesOf(built).some((name) => name.endsWith(".work"));
const wholeBuilt = () => filesOf(built).some(isImage);
const halfStored = () => filesOf(stored).some((name) => name.endsWith(".part"));

test("killed in the build, between build and upload, and in the upload, it comes to one image", async () => {
  await killUpWhen(halfBuilt);
  expect([halfBuilt(), wholeBuilt(), filesOf(stored)]).toEqual([true, false, []]);
  await killUpWhen(wholeBuilt);
  expect([wholeBuilt(), filesOf(stored)]).toEqual([true, []]);
  await killUpWhen(halfStored);
  expect(halfStored()).toBe(true);

  const result = house.runLab(home, "up");
  expect([result.stderr, result.status]).toEqual(["", 0]);
  expect(machines.images()).toEqual([{ name: expect.any(String), state: "COMPLETE" }]);
  expect(filesOf(built).map((name) => name.replace(/^.*?\.img/, "IMAGE"))).toEqual([
    "IMAGE",
    "IMAGE.manifest.json",
  ]);
  expect(filesOf(stored).length).toBe(1);
  expect(halfStored()).toBe(false);
});

test("killed when everything is up, it comes back with every object as it was", () => {
  const before = [objects("management"), objects("workload"), machines.images()];
  house.killAll(home);
  const result = house.runLab(home, "up");
  expect([result.stderr, result.status]).toEqual(["", 0]);
  expect(result.stdout).toContain("starting management again");
  expect(result.stdout).toContain("nothing changed");
  expect([objects("management"), objects("workload"), machines.images()]).toEqual(before);
});

test("a management cluster that somebody deleted is made anew, and all that was in it", () => {
  const before = new Set([...objects("management"), ...machines.ids()]);
  house.program(home, "kind", "delete", "cluster", "--name", "management");
  const result = house.runLab(home, "up");
  expect([result.stderr, result.status]).toEqual(["", 0]);
  expect(result.stdout).toContain("cluster management was deleted");
  const after = [...objects("management"), ...machines.ids()];
  expect(after.filter((one) => before.has(one))).toEqual([]);
  expect([after.length, machines.ids().length]).toEqual([before.size, 1]);
  expect(house.reportOf(home)).toMatchObject({ passed: true });
});

/** What must outlive everything, by uid: not pods, which a Deployment may make anew. */
function objects(which: "management" | "workload"): string[] {
  const kinds =
    which === "management"
      ? "namespaces,deployments,secrets,clusters,machines,nutanixmachines,kubeadmcontrolplanes,nodes"
      : "namespaces,deployments,services,serviceaccounts,nodes";
  const { items } = house.kubectlJson(home, which, "get", kinds, "-A") as {
    items: { kind: string; metadata: { name: string; uid: string } }[];
  };
  return items.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).sort();
}

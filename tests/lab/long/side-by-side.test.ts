// Two labs on one machine at the same time: each has its own, and one goes without the other noticing.

import { rmSync } from "node:fs";
import * as house from "../house";
import { VirtualMachines } from "../virtual-machines";

const homes = [house.makeHouse(10), house.makeHouse(11)];

afterAll(() => {
  for (const home of homes) {
    house.runLab(home, "down");
    rmSync(home.folder, { recursive: true, force: true });
  }
});

/** Uids of nodes and namespaces, and VMs by their extId. */
function own(home: house.House): string[] {
  const clusters = (["management", "workload"] as const).flatMap((which) => {
    const { items } = house.kubectlJson(home, which, "get", "nodes,namespaces") as {
      items: { metadata: { uid: string } }[];
    };
    return items.map(({ metadata }) => metadata.uid);
  });
  return [...clusters, ...new VirtualMachines(home).ids()].sort();
}

test("come up at once, and one goes without the other noticing", async () => {
  const ups = await Promise.all(homes.map((home) => house.runLabBeside(home, "up")));
  expect(ups).toEqual(homes.map(() => ({ stderr: "", status: 0 })));
  const [one, other] = homes.map(own) as [string[], string[]];
  expect(one.filter((id) => other.includes(id))).toEqual([]);
  expect(one.length).toBe(other.length);
  const down = house.runLab(homes[0]!, "down");
  expect([down.stderr, down.status]).toEqual(["", 0]);
  expect(own(homes[1]!)).toEqual(other);
});

// Clusters whose processes died, after a reboot or a kill: real ones are containers, which Docker starts again on their
// files. So are these: the same objects, addresses, ports and certificates.
import { endProcessesWith } from "../shared/process";
import { deleteCluster } from "./delete";
import type { Places } from "./places";
import { planOf } from "./plan";
import { clusterVariable } from "./programs";
import { startAgain } from "./start";
import { type Say, startTimeout, waitForNode, waitForPods } from "./ready";

/** Starts a cluster again and waits until its pods run. One whose creation was cut off is taken away. */
export async function reviveCluster(name: string, places: Places, say: Say): Promise<void> {
  const record = places.read(name);
  if (!record.made) {
    say(`Deleting cluster "${name}", whose creation was cut off ...`);
    await deleteCluster(name, undefined, places);
    return;
  }
  say(`Starting cluster "${name}" again ...`);
  const began = Date.now();
  const plan = planOf(record, places);
  await endProcessesWith(clusterVariable, plan.folder, 0);
  await startAgain(plan);
  say(" ✓ Starting control-plane");
  await waitForNode(plan, { limit: startTimeout, since: began }, say);
  await waitForPods(plan, began, say);
}

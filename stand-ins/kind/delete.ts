// kind delete cluster: every process that carries the cluster's mark, then its files and its context.
import { endProcessesWith } from "../shared/process";
import { changeKubeconfig, kubeconfigFile, without } from "./kubeconfig";
import type { Places } from "./places";
import { clusterVariable } from "./programs";

// As kind, which removes containers by force: all that could be written in a last moment goes away too.
const grace = 0;

/** Takes a cluster away, also one that is half dead or was never whole. No error when there is none. */
export async function deleteCluster(
  name: string,
  kubeconfig: string | undefined,
  places: Places,
): Promise<void> {
  await endProcessesWith(clusterVariable, places.folder(name), grace);
  places.remove(name);
  const file = kubeconfigFile(kubeconfig, places.environment);
  await changeKubeconfig(file, (before) => without(before, name));
}

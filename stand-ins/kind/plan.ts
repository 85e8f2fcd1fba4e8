// What decides a cluster's processes, from what the cluster remembers of itself and where this lab keeps things.
import { clusterAddresses } from "./places";
import type { ClusterRecord, Places } from "./places";
import type { ClusterPlan } from "./programs";

/** The plan of a cluster. Pure. */
export function planOf(record: ClusterRecord, places: Places): ClusterPlan {
  const { name, index, serviceSubnet, ports, kubernetesVersion, catalogueFiles, systemUuid } =
    record;
  return {
    name,
    serviceSubnet,
    ports,
    kubernetesVersion,
    catalogueFiles,
    systemUuid,
    folder: places.folder(name),
    kwok: places.kwok(name),
    bin: places.bin,
    dist: places.dist,
    addresses: clusterAddresses(places.slot, index),
    environment: places.environment,
  };
}

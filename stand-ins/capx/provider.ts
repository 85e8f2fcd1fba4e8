// The three controllers of CAPX on one manager: which change of which object wakes which of them.

import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../shared/kube-client";
import { keyOf, refOf } from "../shared/controller";
import type { Manager } from "../shared/controller";
import { reconcileCluster } from "./cluster-reconciler";
import { reconcileMachine } from "./machine-reconciler";
import * as kinds from "./objects";
import { OwnWrites } from "./own-writes";
import { PrismAccess } from "./prism-access";
import type { Patience } from "../shared/prism-client";
import { reconcileFailureDomain } from "./failure-domain-reconciler";
import { capacityOf } from "./template-capacity";

export interface CapxOptions {
  namespace?: string | undefined;
  /** Machines worked on at once. */
  workers?: number | undefined;
  patience?: Patience;
}

/** Adds CAPX's controllers to a manager that has not been started yet. */
export function addCapx(
  manager: Manager,
  { namespace, workers, patience }: CapxOptions = {},
): void {
  const { client } = manager;
  const writes = new OwnWrites(client.config);
  const prism = new PrismAccess(client, patience);
  const clusters = manager.store(kinds.clusters, namespace);
  const machines = manager.store(kinds.machines, namespace);
  const nutanixClusters = manager.store(kinds.nutanixClusters, namespace);
  const nutanixMachines = manager.store(kinds.nutanixMachines, namespace);
  const templates = manager.store(kinds.nutanixMachineTemplates, namespace);

  const clusterQueue = manager.queue("nutanixcluster", async (key) => {
    const object = nutanixClusters.get(refOf(key));
    return object && reconcileCluster({ client, prism, clusters, nutanixMachines }, object);
  });
  const machineQueue = manager.queue(
    "nutanixmachine",
    async (key) => {
      const object = nutanixMachines.get(refOf(key));
      const world = { client: writes, prism, clusters, machines, nutanixClusters };
      return object && reconcileMachine(world, writes.newest(object));
    },
    workers ?? 50,
  );
  const domains = manager.store(kinds.nutanixFailureDomains, namespace);
  const domainQueue = manager.queue("nutanixfailuredomain", async (key) => {
    const object = domains.get(refOf(key));
    if (object) await reconcileFailureDomain(client, machines, object);
    return undefined;
  });
  const templateQueue = manager.queue("nutanixmachinetemplate", async (key) => {
    const object = templates.get(refOf(key));
    if (!object) return undefined;
    const capacity = capacityOf(object.spec.template.spec);
    if (!isDeepStrictEqual(object.status?.capacity, capacity))
      await client.patch(
        kinds.nutanixMachineTemplates,
        object.metadata,
        { status: { capacity } },
        "status",
      );
    return undefined;
  });

  const machinesOf = (cluster: KubeObject, name: string | undefined) => {
    for (const { metadata } of nutanixMachines.list())
      if (
        metadata.namespace === cluster.metadata.namespace &&
        metadata.labels?.[kinds.clusterNameLabel] === name
      )
        machineQueue.add(keyOf(metadata));
  };

  clusters.onChange((cluster) => {
    const name = cluster.spec?.infrastructureRef?.name;
    if (name) clusterQueue.add(keyOf({ ...cluster.metadata, name }));
    machinesOf(cluster, cluster.metadata.name);
  });
  machines.onChange(({ metadata, spec }) => {
    const ref = spec.infrastructureRef;
    if (spec.failureDomain) domainQueue.add(keyOf({ ...metadata, name: spec.failureDomain }));
    if (ref?.kind === "NutanixMachine") machineQueue.add(keyOf({ ...metadata, name: ref.name }));
  });
  nutanixClusters.onChange((cluster) => {
    clusterQueue.add(keyOf(cluster.metadata));
    machinesOf(cluster, cluster.metadata.labels?.[kinds.clusterNameLabel]);
  });
  nutanixMachines.onChange((machine, gone) => {
    const { metadata } = machine;
    if (gone) writes.forget(machine);
    machineQueue.add(keyOf(metadata));
    const cluster = metadata.labels?.[kinds.clusterNameLabel];
    if (gone && cluster) clusterQueue.add(keyOf({ ...metadata, name: cluster }));
  });
  domains.onChange(({ metadata }) => domainQueue.add(keyOf(metadata)));
  templates.onChange(({ metadata }) => templateQueue.add(keyOf(metadata)));
}

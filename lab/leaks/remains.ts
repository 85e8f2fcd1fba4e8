// Asks Prism Central for what may have been left behind, and deletes of it what a person has confirmed. The edge.

import type { LabConfig } from "../../config/lab-config";
import type { PrismClient } from "../../providers/prism/client";
import { waitForTask } from "../../providers/prism/tasks";
import * as prism from "../prism/entities";
import type { Leak, Remains } from "./leak";

export async function findRemains(client: PrismClient, config: LabConfig): Promise<Remains> {
  const cluster = config.workloadCluster.name;
  const [vms, categories, all, images, volumeGroups] = await Promise.all([
    prism.listVms(client),
    prism.clusterCategories(client, cluster),
    prism.allClusterCategories(client),
    config.image.from === "prism" ? [] : prism.listImages(client),
    prism.listVolumeGroups(client),
  ]);
  const foreign = all.filter(({ value }) => value !== cluster);
  return { vms, categories, foreign, images, volumeGroups };
}

const PATHS: Partial<Record<Leak["kind"], string>> = {
  "virtual machine": prism.VMS,
  category: prism.CATEGORIES,
};

/** Deletes virtual machines, all at once, then categories, which cannot go while a machine has them. */
export async function removeLeaks(client: PrismClient, leaks: Leak[]): Promise<void> {
  for (const [kind, path] of Object.entries(PATHS)) {
    const wanted = leaks.filter((leak) => leak.kind === kind && leak.deletable);
    await Promise.all(
      wanted.map(async ({ extId }) => {
        const task = await client.remove(`${path}/${extId}`);
        if (task !== undefined) await waitForTask(client, task);
      }),
    );
  }
}

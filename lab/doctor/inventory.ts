// Asks Prism Central for all that the checks look at. The edge: it asks, and judges nothing.

import type { LabConfig } from "../../config/lab-config";
import { imageName } from "../../components/image-source";
import type { PrismClient } from "../../providers/prism/client";
import { type Cluster, listClusters } from "../../providers/prism/clusters";
import { findImages, getImage, type Image } from "../../providers/prism/images";
import { type Answer, asked, foundIn } from "../prism/answer";
import * as prism from "../prism/entities";
import { elementsOf, groupsOf } from "./groups";
import { elementsNamed } from "./prism-element";

/** What one Prism Element has, by its uuid. */
export interface ElementInventory {
  hosts: Answer<prism.Host[]>;
  gpus: Answer<(string | number)[]>;
}

export interface World {
  clusters: Answer<Cluster[]>;
  elements: Record<string, ElementInventory>;
  /** By the name that the stack has. */
  subnets: Record<string, Answer<prism.Subnet[]>>;
  /** Of the name or UUID that the stack uses or is going to make. */
  images: Answer<Image[]>;
  containers: Answer<prism.StorageContainer[]>;
  vms: Answer<prism.Vm[]>;
  /** The workload cluster's own. */
  categories: Answer<prism.Category[]>;
  volumeGroups: Answer<prism.VolumeGroup[]>;
}

export interface Inventory {
  /** Who Prism Central takes us for. */
  user: Answer<string>;
  /** Absent where it lets nobody in. */
  world?: World;
}

interface Me {
  status?: { name?: string };
}

/** Nothing is changed by it. */
export async function takeInventory(client: PrismClient, config: LabConfig): Promise<Inventory> {
  const user = await asked(
    client.request<Me>("GET", "/users/me").then(({ status }) => status?.name ?? "unnamed"),
  );
  if ("problem" in user) return { user };
  const clusters = await asked(listClusters(client));
  const subnets = [...new Set(groupsOf(config).flatMap((group) => group.subnets))];
  const [elements, bySubnet, ...rest] = await Promise.all([
    keyed(elementIds(foundIn(clusters) ?? [], config), async (extId) => ({
      hosts: await asked(prism.hostsOf(client, extId)),
      gpus: await asked(prism.gpusOf(client, extId)),
    })),
    keyed(subnets, (name) => asked(prism.subnetsNamed(client, name))),
    asked(imagesOf(client, config)),
    asked(prism.storageContainers(client)),
    asked(prism.listVms(client)),
    asked(prism.clusterCategories(client, config.workloadCluster.name)),
    asked(prism.listVolumeGroups(client)),
  ]);
  const [images, containers, vms, categories, volumeGroups] = rest;
  const world = { clusters, elements, subnets: bySubnet, images, containers, vms };
  return { user, world: { ...world, categories, volumeGroups } };
}

/** UUIDs of the stack's Prism Elements, those that there are. */
function elementIds(clusters: Cluster[], config: LabConfig): string[] {
  const found = elementsOf(config).flatMap((wanted) => elementsNamed(clusters, wanted));
  return [...new Set(found.map(({ extId }) => extId))];
}

async function imagesOf(client: PrismClient, config: LabConfig): Promise<Image[]> {
  const source = config.image;
  if (source.from === "prism" && "uuid" in source) {
    const image = await getImage(client, source.uuid);
    return image ? [image] : [];
  }
  return findImages(client, imageName(source, config.kubernetesVersion));
}

async function keyed<T>(
  keys: string[],
  value: (key: string) => Promise<T>,
): Promise<Record<string, T>> {
  const entries = keys.map(async (key) => [key, await value(key)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

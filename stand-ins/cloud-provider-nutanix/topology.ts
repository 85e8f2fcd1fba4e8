// Zone and region of a VM: names of Prism Element and Prism Central, or values of two categories.

import type { PrismClient } from "../shared/prism-client";
import type { Topology } from "./cloud-config";
import type { Category, Cluster, Vm } from "./objects";

export interface Place {
  zone: string;
  region: string;
}

/** Where a VM is, as values that labels may have. */
export async function placeOf(prism: PrismClient, vm: Vm, topology: Topology): Promise<Place> {
  const { zone, region } =
    topology.type === "Prism"
      ? await fromPrism(prism, vm)
      : await fromCategories(prism, vm, topology);
  return { zone: labelValue(zone), region: labelValue(region) };
}

/** The cluster that a VM runs on. */
export async function clusterOf(prism: PrismClient, vm: Vm): Promise<Cluster> {
  const extId = vm.cluster?.extId;
  if (!extId) throw new Error(`VM ${vm.name} (${vm.extId}) names no cluster.`);
  const found = await prism.get<Cluster>("clustermgmt", `config/clusters/${extId}`);
  if (!found) throw new Error(`Cluster ${extId} of VM ${vm.name} is not in Prism Central.`);
  return found.value;
}

async function fromPrism(prism: PrismClient, vm: Vm): Promise<Place> {
  const all = await prism.list<Cluster>("clustermgmt", "config/clusters");
  const [central, ...more] = all.filter(({ config }) =>
    config?.clusterSoftwareMap?.some(({ softwareType }) => softwareType === "PRISM_CENTRAL"),
  );
  if (!central || more.length > 0)
    throw new Error(
      `Finding the region failed: ${central ? more.length + 1 : 0} of ${all.length} clusters are a Prism Central, not one.`,
    );
  return { region: central.name, zone: (await clusterOf(prism, vm)).name };
}

// The VM's own categories count first; what they leave open, its cluster's say.
async function fromCategories(
  prism: PrismClient,
  vm: Vm,
  { zoneCategory, regionCategory }: Extract<Topology, { type: "Categories" }>,
): Promise<Place> {
  const place = { zone: "", region: "" };
  const sources = [
    () => Promise.resolve((vm.categories ?? []).flatMap(({ extId }) => extId ?? [])),
    async () => (await clusterOf(prism, vm)).categories ?? [],
  ];
  for (const source of sources) {
    const categories = await Promise.all((await source()).map((id) => category(prism, id)));
    place.zone ||= onlyValue(categories, zoneCategory);
    place.region ||= onlyValue(categories, regionCategory);
    if (place.zone && place.region) break;
  }
  return place;
}

async function category(prism: PrismClient, extId: string): Promise<Category> {
  const found = await prism.get<Category>("prism", `config/categories/${extId}`);
  if (!found) throw new Error(`Category ${extId} is not in Prism Central.`);
  return found.value;
}

function onlyValue(categories: Category[], key: string): string {
  const values = categories.filter((each) => key !== "" && each.key === key);
  if (values.length > 1) throw new Error(`Category ${key} has ${values.length} values, not one.`);
  return values[0]?.value ?? "";
}

/** A text as the value of a label: what may not be in one becomes an underscore, 63 characters at most. */
export function labelValue(text: string): string {
  if (/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(text)) return text;
  return text
    .replace(/[^\p{L}\p{Nd}_.-]/gu, "_")
    .replace(/_+/g, "_")
    .replace(/^[-_.]+|[-_.]+$/g, "")
    .slice(0, 63)
    .replace(/[-_.]+$/, "");
}

// What a lab that is gone has left in Prism Central, by the marks that CAPX and this program put on what they make. Pure.

import { createHash } from "node:crypto";
import type { LabConfig } from "../../config/lab-config";
import { vmsWith } from "../doctor/own-vms";
import {
  type Category,
  type NamedImage,
  type Vm,
  type VolumeGroup,
  volumeGroupsOf,
} from "../prism/entities";

export interface Leak {
  kind: "virtual machine" | "category" | "image" | "volume group";
  name: string;
  extId: string;
  /** Why it is taken for this lab's. */
  marks: string[];
  /** Whether `--delete` takes it: its marks leave no doubt, and nothing is lost with it but what the lab made. */
  deletable: boolean;
  /** How to delete it by hand. */
  remedy: string;
}

/** As much of Prism Central as may have been left behind. */
export interface Remains {
  vms: Vm[];
  /** The cluster's own. */
  categories: Category[];
  /** Those of other clusters. */
  foreign: Category[];
  images: NamedImage[];
  volumeGroups: VolumeGroup[];
}

/** CAPX's description of the categories that it makes. */
const MADE_BY_CAPX = "Managed by CAPX";

export function leaksOf(config: LabConfig, remains: Remains): Leak[] {
  const machines = machinesOf(config, remains);
  return [
    ...machines.map((vm) => machineLeak(vm, config, remains)),
    ...volumesOf(remains, machines),
    ...remains.categories.map((category) => categoryLeak(category, config)),
    ...imagesOf(config, remains),
  ];
}

/** By category, or by name where no other cluster's category says whose they are. */
function machinesOf(config: LabConfig, { vms, categories, foreign }: Remains): Vm[] {
  const own = vmsWith(categories, vms);
  const others = vmsWith(foreign, vms);
  const named = machineName(config);
  return vms.filter((vm) => own.includes(vm) || (named.test(vm.name) && !others.includes(vm)));
}

function machineLeak(vm: Vm, config: LabConfig, { categories }: Remains): Leak {
  const isOwn = vmsWith(categories, [vm]).length > 0;
  const isBare = volumeGroupsOf(vm).length === 0;
  const first = isBare ? "" : "detach its volume groups first, then ";
  return {
    kind: "virtual machine",
    ...marked(vm, isOwn, machineName(config)),
    deletable: isOwn && isBare,
    remedy: `${first}Compute > VMs > ${vm.name} > Delete`,
  };
}

function marked(vm: Vm, isOwn: boolean, named: RegExp): Pick<Leak, "name" | "extId" | "marks"> {
  const attribute = vm.customAttributes?.find((each) => /^providerid:/i.test(each));
  return {
    name: vm.name,
    extId: vm.extId,
    marks: [
      ...(isOwn ? ["the cluster's category"] : []),
      ...(attribute === undefined ? [] : ["custom attribute providerid"]),
      ...(named.test(vm.name) ? ["a machine's name"] : []),
    ],
  };
}

/** `lab-kcp-x7k2p`, `lab-wmd-6d4cf-x7k2p`: names that Cluster API gives to machines. */
function machineName({ workloadCluster: { name, pools } }: LabConfig): RegExp {
  const owners = ["kcp", ...pools.map((pool) => pool.name)].join("|");
  return new RegExp(`^${name}-(${owners})(-[a-z0-9]{5,10}){1,2}$`);
}

/** Data may be in them: they are only told of. */
function volumesOf({ volumeGroups }: Remains, machines: Vm[]): Leak[] {
  return volumeGroups.flatMap(({ name, extId }) => {
    const holder = machines.find((vm) => volumeGroupsOf(vm).includes(extId));
    if (!holder) return [];
    const remedy = `look at its data, then Storage > Volume Groups > ${name} > detach, Delete`;
    const marks = [`attached to ${holder.name}`];
    return [{ kind: "volume group", name, extId, marks, deletable: false, remedy }];
  });
}

function categoryLeak({ key, value, extId, description }: Category, config: LabConfig): Leak {
  const isCapx = description === MADE_BY_CAPX;
  return {
    kind: "category",
    name: `${key}:${value}`,
    extId,
    marks: [`of cluster ${config.workloadCluster.name}`, ...(isCapx ? [MADE_BY_CAPX] : [])],
    deletable: isCapx,
    remedy: `Administration > Categories > ${key} > delete the value ${value}, once no VM has it`,
  };
}

/** Another lab may use the same image, since its name says what is in it: they are only told of. */
function imagesOf({ image }: LabConfig, { images }: Remains): Leak[] {
  if (image.from === "prism") return [];
  const kind = image.from === "recipe" ? (image.recipe.split("/").at(-1) ?? "") : image.from;
  const named = new RegExp(`^capx-${kind}-v\\d+\\.\\d+\\.\\d+-[0-9a-f]{8}$`);
  return images
    .filter(({ name }) => named.test(name))
    .map(({ name, extId }) => ({
      ...{ kind: "image", name, extId, marks: ["this program's name for a node image"] },
      deletable: false,
      remedy: `if no other lab uses it, Compute > Images > ${name} > Delete`,
    }));
}

/** Stands for exactly these entities: who has seen the list knows it, and a list that has changed has another. */
export function confirmation(leaks: Leak[]): string {
  const ids = leaks.filter(({ deletable }) => deletable).map(({ extId }) => extId);
  return createHash("sha256").update(ids.sort().join()).digest("hex").slice(0, 8);
}

// Entities of Prism Central's v4 API, the fields that are looked at, and the questions for them. Read only.

import type { PrismClient } from "../../providers/prism/client";
import { listAll, quoted } from "../../providers/prism/list";

interface Address {
  value?: string;
}

export interface Subnet {
  extId: string;
  name: string;
  /** VLAN belongs to a Prism Element, OVERLAY to a VPC. */
  subnetType?: string;
  clusterReference?: string;
  clusterReferenceList?: string[];
  isExternal?: boolean;
  /** Absent where Prism does not give the addresses. */
  ipConfig?: {
    ipv4?: {
      ipSubnet?: { ip?: Address; prefixLength?: number };
      defaultGatewayIp?: Address;
      poolList?: { startIp?: Address; endIp?: Address }[];
    };
  }[];
  ipUsage?: { numFreeIPs?: number };
}

export interface Category {
  extId: string;
  key: string;
  value: string;
  description?: string;
}

interface Ipv4Info {
  ipv4Config?: { ipAddress?: Address; secondaryIpAddressList?: Address[] };
  ipv4Info?: { learnedIpAddresses?: Address[] };
}

export interface Vm {
  extId: string;
  name: string;
  /** ON, OFF, ... */
  powerState?: string;
  createTime?: string;
  memorySizeBytes?: number;
  cluster?: { extId?: string };
  host?: { extId?: string };
  categories?: { extId?: string }[];
  customAttributes?: string[];
  disks?: { backingInfo?: { volumeGroupExtId?: string } }[];
  nics?: { networkInfo?: Ipv4Info; nicNetworkInfo?: Ipv4Info }[];
}

export interface Host {
  extId: string;
  hostName?: string;
  memorySizeBytes?: number;
  numberOfCpuThreads?: number;
}

export interface StorageContainer {
  containerExtId: string;
  name: string;
  clusterExtId: string;
  /** Bytes. */
  maxCapacityBytes?: number;
}

export interface NamedImage {
  extId: string;
  name: string;
  description?: string;
  sizeBytes?: number;
  createTime?: string;
}

export interface VolumeGroup {
  extId: string;
  name: string;
  createTime?: string;
}

interface GpuProfile {
  physicalGpuConfig?: { deviceName?: string; deviceId?: number };
  virtualGpuConfig?: { deviceName?: string; deviceId?: number };
}

const CLUSTER_MANAGEMENT = "/api/clustermgmt/v4.0/config";
export const VMS = "/api/vmm/v4.0/ahv/config/vms";
export const CATEGORIES = "/api/prism/v4.0/config/categories";
const VOLUME_GROUPS = "/api/volumes/v4.0/config/volume-groups";

export const subnetsNamed = (client: PrismClient, name: string) =>
  listAll<Subnet>(client, "/api/networking/v4.0/config/subnets", `name eq ${quoted(name)}`);

export const listVms = (client: PrismClient) => listAll<Vm>(client, VMS);

export const listImages = (client: PrismClient) =>
  listAll<NamedImage>(client, "/api/vmm/v4.0/content/images");

export const hostsOf = (client: PrismClient, element: string) =>
  listAll<Host>(client, `${CLUSTER_MANAGEMENT}/clusters/${element}/hosts`);

export const storageContainers = (client: PrismClient) =>
  listAll<StorageContainer>(client, `${CLUSTER_MANAGEMENT}/storage-containers`);

export const listVolumeGroups = (client: PrismClient) =>
  listAll<VolumeGroup>(client, VOLUME_GROUPS);

/** Names and device ids of a Prism Element's GPUs, physical and virtual ones. */
export async function gpusOf(client: PrismClient, element: string): Promise<(string | number)[]> {
  const base = `${CLUSTER_MANAGEMENT}/clusters/${element}`;
  const profiles = await Promise.all(
    ["physical-gpu-profiles", "virtual-gpu-profiles"].map((kind) =>
      listAll<GpuProfile>(client, `${base}/${kind}`),
    ),
  );
  return profiles.flat().flatMap(({ physicalGpuConfig, virtualGpuConfig }) => {
    const { deviceName, deviceId } = physicalGpuConfig ?? virtualGpuConfig ?? {};
    return [deviceName, deviceId].filter((value) => value !== undefined);
  });
}

/** The categories that CAPX gives to any cluster's machines. */
export const allClusterCategories = (client: PrismClient) =>
  listAll<Category>(client, CATEGORIES, "key eq 'KubernetesClusterName'");

/** The category that CAPX makes for a cluster, and the one that its first versions made, those that there are. */
export async function clusterCategories(client: PrismClient, cluster: string): Promise<Category[]> {
  const marks = [
    `key eq 'KubernetesClusterName' and value eq ${quoted(cluster)}`,
    `key eq ${quoted(`kubernetes-io-cluster-${cluster}`)} and value eq 'owned'`,
  ];
  const found = await Promise.all(
    marks.map((filter) => listAll<Category>(client, CATEGORIES, filter)),
  );
  return found.flat();
}

/** Ids of the volume groups that a VM has among its disks, as CAPX looks for them before it deletes a machine. */
export function volumeGroupsOf({ disks = [] }: Vm): string[] {
  return disks.flatMap(({ backingInfo }) => backingInfo?.volumeGroupExtId ?? []);
}

/** Every IPv4 address that Prism Central knows a VM to have. */
export function addressesOf({ nics = [] }: Vm): string[] {
  const infos = nics.flatMap(({ networkInfo, nicNetworkInfo }) =>
    [networkInfo, nicNetworkInfo].filter((info) => info !== undefined),
  );
  const all = infos.flatMap(({ ipv4Config, ipv4Info }) => [
    ipv4Config?.ipAddress,
    ...(ipv4Config?.secondaryIpAddressList ?? []),
    ...(ipv4Info?.learnedIpAddresses ?? []),
  ]);
  return [...new Set(all.flatMap((address) => address?.value ?? []))];
}

// The addresses of a node, from its VM's NICs. Only nicNetworkInfo counts, as in the CCM.

import type { NicNetwork, Node, NodeAddress, Vm } from "./objects";

const nicTypes = new Set(["VirtualEthernetNicNetworkInfo", "DpOffloadNicNetworkInfo"]);
const providedIp = "alpha.kubernetes.io/provided-node-ip";

/** All addresses of a VM, each NIC's sorted, and its name as Hostname. Throws when it has none. */
export function addressesOf(vm: Vm, isIgnored: (address: string) => boolean): NodeAddress[] {
  const found = (vm.nics ?? []).flatMap(({ nicNetworkInfo }) => addressesOn(nicNetworkInfo));
  const own = [...new Set(found)].filter((address) => !isIgnored(address));
  if (own.length === 0)
    throw new Error(
      `Reading the addresses of VM ${vm.name} (${vm.extId}) failed: Prism Central shows none. Look at its NICs and its console.`,
    );
  return [
    ...own.map((address) => ({ type: "InternalIP", address })),
    { type: "Hostname", address: vm.name },
  ];
}

function addressesOn(network: NicNetwork = {}): string[] {
  if (!nicTypes.has(network.$objectType?.split(".").at(-1) ?? "")) return [];
  const { ipv4Config: { ipAddress, secondaryIpAddressList = [] } = {} } = network;
  const learned = network.ipv4Info?.learnedIpAddresses ?? [];
  const shown = [ipAddress, ...secondaryIpAddressList, ...learned];
  return [...new Set(shown.flatMap((address) => address?.value ?? []))].sort();
}

/** Whether the kubelet, or an earlier run, has set the addresses already. */
export function hasAddresses({ status }: Node): boolean {
  const types = new Set(status?.addresses?.map(({ type }) => type));
  return types.has("InternalIP") && types.has("Hostname");
}

/**
 * What a kubelet with --node-ip wants: that address as the only one of its type, first. Throws when the cloud does
 * not know it.
 */
export function preferred({ metadata }: Node, addresses: NodeAddress[]): NodeAddress[] {
  const wanted = metadata.annotations?.[providedIp]?.split(",") ?? [];
  const first = wanted.map((ip) => {
    const known = addresses.find(({ address }) => address === ip);
    if (known) return known;
    throw new Error(
      `Setting the addresses of ${metadata.name} failed: its kubelet was given --node-ip ${ip}, which its VM does not have.`,
    );
  });
  const types = new Set(first.map(({ type }) => type));
  return [...first, ...addresses.filter(({ type }) => !types.has(type))];
}

// Addresses that meet: a range of pods, Services or machines that another has too, or an address of the API server that
// Prism Central would give to a machine.

import { parse } from "yaml";
import { overlap } from "../../config/address-range";
import { rules } from "../../config/rules";
import { allowed } from "../allowed";
import { at, listAt, objectsOf, type Resource, type Rule, type Violation } from "../rule";

export const network: Rule = {
  name: "network",
  description:
    "Ranges do not meet, and the API server's address is in none of Prism Central's pools.",
  check: (resources) => [...ranges(resources), ...addresses(resources)],
};

function ranges(resources: Resource[]): Violation[] {
  const { network: machines } = allowed(resources);
  return objectsOf(resources, "Cluster").flatMap(({ urn, object }) => {
    const of = (which: string) => at(object, "spec", "clusterNetwork", which, "cidrBlocks");
    const known = [
      ...named("pods", of("pods")),
      ...named("Services", of("services")),
      ...named("machines", machines.subnetRange === undefined ? [] : [machines.subnetRange]),
    ];
    const pairs = known.flatMap((one, place) =>
      known.slice(place + 1).map((other) => [one, other] as const),
    );
    return pairs
      .filter(([one, other]) => overlap(one.range, other.range))
      .map(([one, other]) => ({
        urn,
        message:
          `The range of ${one.of}, ${one.range}, and that of ${other.of}, ${other.range}, have addresses in common. ` +
          "Choose ranges apart: workloadCluster.podCidr, serviceCidr and subnetRange.",
      }));
  });
}

function named(of: string, list: unknown): { of: string; range: string }[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter((range) => typeof range === "string" && rules.range.accepts(range))
    .map((range: string) => ({ of, range }));
}

function addresses(resources: Resource[]): Violation[] {
  const pools = allowed(resources).network.subnetPools;
  return [...endpoints(resources), ...virtual(resources)].flatMap(({ urn, address }) =>
    pools
      .filter((pool) => rules.address.accepts(address) && overlap(pool, address))
      .map((pool) => ({
        urn,
        message:
          `The API server's address ${address} is in ${pool}, from which Prism Central gives addresses to machines. ` +
          "Choose one outside of every pool: workloadCluster.endpoint.host, or vip behind a floating IP.",
      })),
  );
}

function endpoints(resources: Resource[]) {
  return objectsOf(resources, "NutanixCluster").map(({ urn, object }) => ({
    urn,
    address: String(at(object, "spec", "controlPlaneEndpoint", "host")),
  }));
}

/** What kube-vip holds, from the static pod among the control plane's files. */
function virtual(resources: Resource[]) {
  return objectsOf(resources, "KubeadmControlPlane").flatMap(({ urn, object }) => {
    const pods = listAt(object, "spec", "kubeadmConfigSpec", "files").filter((file) =>
      String(at(file, "path")).endsWith("/kube-vip.yaml"),
    );
    return pods.map((file) => ({ urn, address: addressOf(String(at(file, "content"))) }));
  });
}

function addressOf(pod: string): string {
  const found = listAt(parse(pod), "spec", "containers", 0, "env").find(
    (variable) => at(variable, "name") === "address",
  );
  return String(at(found, "value"));
}

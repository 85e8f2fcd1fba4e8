// Where failure domains put machines: NutanixFailureDomain objects, or the deprecated list in the NutanixCluster.

import type { KubeClient } from "../shared/kube-client";
import type { PrismClient } from "../shared/prism-client";
import { nutanixFailureDomains } from "./objects";
import type { FailureDomainSpec, NutanixCluster } from "./objects";
import { prismElement, subnet, TerminalError } from "./prism-lookup";

/** The domain of a machine, checked: its Prism Element is available and has its subnets. */
export async function domainOf(
  client: KubeClient,
  prism: PrismClient,
  of: { name: string; nutanixCluster: NutanixCluster },
): Promise<FailureDomainSpec> {
  const { name, nutanixCluster } = of;
  const spec = legacyDomain(nutanixCluster, name) ?? (await read(client, nutanixCluster, name));
  if (!spec) throw new TerminalError(`There is no NutanixFailureDomain ${name}. Create it.`);
  await check(prism, spec, true);
  return spec;
}

/** What a NutanixCluster's status says of its domains, and what is wrong with those left out. */
export async function clusterDomains(
  client: KubeClient,
  prism: PrismClient,
  cluster: NutanixCluster,
): Promise<{ domains: Record<string, { controlPlane: boolean }>; mistakes: string[] }> {
  const domains: Record<string, { controlPlane: boolean }> = {};
  const mistakes: string[] = [];
  for (const { name } of cluster.spec.controlPlaneFailureDomains ?? [])
    try {
      const spec = await read(client, cluster, name);
      if (!spec) throw new Error(`not found the failure domain object with name "${name}"`);
      await check(prism, spec, false);
      domains[name] = { controlPlane: true };
    } catch (error) {
      mistakes.push(error instanceof Error ? error.message : String(error));
    }
  for (const { name, controlPlane = false } of cluster.spec.failureDomains ?? [])
    domains[name] = { controlPlane };
  return { domains, mistakes };
}

async function read(
  client: KubeClient,
  { metadata }: NutanixCluster,
  name: string,
): Promise<FailureDomainSpec | undefined> {
  const ref = { name, namespace: metadata.namespace };
  return (await client.get(nutanixFailureDomains, ref))?.spec;
}

function legacyDomain({ spec }: NutanixCluster, wanted: string): FailureDomainSpec | undefined {
  const found = (spec.failureDomains ?? []).find(({ name }) => name === wanted);
  return found && { prismElementCluster: found.cluster, subnets: found.subnets };
}

async function check(prism: PrismClient, spec: FailureDomainSpec, available: boolean) {
  const element = await prismElement(prism, spec.prismElementCluster, { available });
  for (const identifier of spec.subnets) await subnet(prism, identifier, element);
}

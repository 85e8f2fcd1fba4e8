// What a NutanixMachine asks for, resolved in Prism Central: Prism Element, subnets, image, categories, project and
// bootstrap data.

import { guestCustomization } from "./bootstrap-data";
import { clusterCategory } from "./cluster-reconciler";
import type { MachineScope } from "./machine-reconciler";
import { nutanixFailureDomains, secrets } from "./objects";
import type { Identifier, NutanixMachineSpec } from "./objects";
import type { PrismClient } from "../shared/prism-client";
import * as lookup from "./prism-lookup";
import { TerminalError } from "./prism-lookup";
import { uuidOf } from "./vms";
import type { VmPlan } from "./vm-body";

/** Resolves every name of a machine's spec. */
export async function planVm(scope: MachineScope, prism: PrismClient): Promise<VmPlan> {
  const { object, machine, nutanixCluster } = scope;
  const { spec } = object;
  refuseUnsupported(spec);
  const placement = await placementOf(scope);
  const clusterExtId = await lookup.prismElement(prism, placement.cluster);
  const subnetExtIds = await Promise.all(
    placement.subnets.map((identifier) => lookup.subnet(prism, identifier, clusterExtId)),
  );
  const own = await lookup.ensureCategory(prism, clusterCategory, nutanixCluster.metadata.name);
  return {
    name: machine.metadata.name,
    spec,
    clusterExtId,
    subnetExtIds,
    imageExtId: await imageOf(spec, machine.spec.version, prism),
    categoryExtIds: [own, ...(await additionalCategories(spec, prism))],
    projectExtId: spec.project && (await lookup.project(prism, spec.project)),
    guest: await guestOf(scope),
  };
}

function refuseUnsupported(spec: NutanixMachineSpec): void {
  const asked = {
    dataDisks: spec.dataDisks?.length,
    gpus: spec.gpus?.length,
    "bootstrapRef.kind Image": spec.bootstrapRef?.kind === "Image" ? 1 : 0,
  };
  for (const [name, count] of Object.entries(asked))
    if (count)
      throw new TerminalError(`The machine asks for ${name}, which this stand-in does not know.`);
}

/** A failure domain decides over Prism Element and subnets; else the machine's own spec does. */
async function placementOf({
  client,
  object,
  machine,
  draft,
}: MachineScope): Promise<{ cluster: Identifier; subnets: Identifier[] }> {
  const domainName = machine.spec.failureDomain;
  if (domainName) {
    const ref = { name: domainName, namespace: object.metadata.namespace };
    const domain = await client.get(nutanixFailureDomains, ref);
    if (!domain) throw new TerminalError(`There is no NutanixFailureDomain ${domainName}.`);
    draft.status.failureDomain = domainName;
    return { cluster: domain.spec.prismElementCluster, subnets: domain.spec.subnets };
  }
  const { cluster, subnet } = object.spec;
  if (!cluster || !subnet?.length)
    throw new TerminalError("The machine names neither a failure domain nor cluster and subnet.");
  return { cluster, subnets: subnet };
}

async function imageOf(
  spec: NutanixMachineSpec,
  version: string | undefined,
  prism: PrismClient,
): Promise<string> {
  if (spec.image) return lookup.image(prism, spec.image);
  if (spec.imageLookup) return lookup.lookedUpImage(prism, spec.imageLookup, version ?? "");
  throw new TerminalError("The machine names neither image nor imageLookup.");
}

async function additionalCategories(
  spec: NutanixMachineSpec,
  prism: PrismClient,
): Promise<string[]> {
  const found: string[] = [];
  for (const { key, value } of spec.additionalCategories ?? []) {
    const extId = await lookup.category(prism, key, value);
    if (!extId) throw new TerminalError(`Found no category ${key}:${value}.`);
    found.push(extId);
  }
  return found;
}

/** CAPX puts a random uuid into the metadata; this one follows from the machine, so that a repeated create is equal. */
async function guestOf({ client, object, machine }: MachineScope) {
  const name = machine.spec.bootstrap?.dataSecretName ?? "";
  const secret = await client.get(secrets, { name, namespace: machine.metadata.namespace });
  const value = secret?.data?.value;
  if (!value) throw new Error(`Bootstrap Secret ${name} is absent or has no key \`value\`.`);
  const bootstrap = Buffer.from(value, "base64").toString("utf8");
  return guestCustomization(
    bootstrap,
    machine.metadata.name,
    uuidOf(`${object.metadata.uid ?? ""}/metadata`),
  );
}

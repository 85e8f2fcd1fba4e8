// What a NutanixMachine asks for, resolved in Prism Central: Prism Element, subnets, image, categories, project and
// bootstrap data.

import { guestCustomization } from "./bootstrap-data";
import { clusterCategory } from "./cluster-reconciler";
import type { MachineScope } from "./machine-reconciler";
import { isFalse, isTrue } from "./conditions";
import { planDisks, resolveDisks } from "./data-disks";
import { domainOf } from "./failure-domains";
import { gpusOf } from "./gpus";
import { checkMachine } from "./machine-check";
import { nutanixMachines, secrets } from "./objects";
import type { NutanixMachineSpec } from "./objects";
import type { PrismClient } from "../shared/prism-client";
import * as lookup from "./prism-lookup";
import { TerminalError } from "./prism-lookup";
import { uuidOf } from "./vms";
import type { VmPlan } from "./vm-body";

/** Resolves every name of a machine's spec. */
export async function planVm(scope: MachineScope, prism: PrismClient): Promise<VmPlan> {
  const { object, machine, nutanixCluster } = scope;
  const spec = await placedSpec(scope, prism);
  checkMachine(object.metadata.name, spec);
  const { cluster = { type: "name" }, subnet = [], gpus = [], dataDisks = [] } = spec;
  const clusterExtId = await lookup.prismElement(prism, cluster);
  const subnetExtIds = await Promise.all(
    subnet.map((identifier) => lookup.subnet(prism, identifier, clusterExtId)),
  );
  const own = await lookup.ensureCategory(prism, clusterCategory, nutanixCluster.metadata.name);
  return {
    name: machine.metadata.name,
    spec,
    clusterExtId,
    subnetExtIds,
    imageExtId: await imageOf(spec, machine.spec.version, prism),
    categoryExtIds: [own, ...(await additionalCategories(spec, prism))],
    projectExtId: await projectOf(scope, prism),
    gpus: await gpusOf(prism, gpus, clusterExtId),
    dataDisks: planDisks(await resolveDisks(prism, dataDisks, clusterExtId)),
    ...(await bootstrapOf(scope, prism)),
  };
}

/** A failure domain decides over Prism Element and subnets, and writes them into the machine's spec. */
async function placedSpec(scope: MachineScope, prism: PrismClient): Promise<NutanixMachineSpec> {
  const { client, object, machine, nutanixCluster, draft } = scope;
  const name = machine.spec.failureDomain;
  if (!name) return object.spec;
  const domain = await domainOf(client, prism, { name, nutanixCluster });
  const placement = { cluster: domain.prismElementCluster, subnet: domain.subnets };
  await client.patch(nutanixMachines, object.metadata, { spec: placement });
  draft.status.failureDomain = name;
  return { ...object.spec, ...placement };
}

async function projectOf({ object, draft }: MachineScope, prism: PrismClient) {
  const { project } = object.spec;
  if (!project) return undefined;
  try {
    const extId = await lookup.project(prism, project);
    draft.set(isTrue("ProjectAssigned"));
    return extId;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    draft.set(isFalse("ProjectAssigned", "ProjectAssignationFailed", message));
    throw error;
  }
}

/** Bootstrap data comes in the config drive, or on a CD-ROM whose image the bootstrapRef names. */
async function bootstrapOf(scope: MachineScope, prism: PrismClient) {
  const { bootstrapRef } = scope.object.spec;
  if (bootstrapRef?.kind !== "Image") return { guest: await guestOf(scope) };
  const identifier = { type: "name" as const, name: bootstrapRef.name };
  return { bootstrapImageExtId: await lookup.image(prism, identifier) };
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
  const name = object.spec.bootstrapRef?.name ?? machine.spec.bootstrap?.dataSecretName ?? "";
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

// A NutanixMachine's life, in CAPX's order: finalizer, infrastructure, bootstrap data, VM, provider id, custom
// attribute, power, addresses, ready. Every step may be repeated; nothing is done twice.

import type { KubeClient } from "../shared/kube-client";
import type { KubeStore } from "../shared/kube-store";
import { bootstrapRefOf } from "./bootstrap-data";
import { isFalse, isTrue } from "./conditions";
import { createRecordOf } from "./create-record";
import { makeVm, Pausing, unrecordedVms } from "./make-vm";
import { machineFinalizer, nutanixMachines } from "./objects";
import type { Cluster, Machine, NutanixCluster, NutanixMachine } from "./objects";
import { clusterOf, isPaused, ownerOf } from "./owners";
import type { PrismAccess } from "./prism-access";
import { PrismError } from "../shared/prism-client";
import type { PrismClient } from "../shared/prism-client";
import { TerminalError } from "./prism-lookup";
import { StatusDraft } from "./status-draft";
import {
  addressesOf,
  deleteVm,
  ensurePoweredOn,
  ensureProviderAttribute,
  StillRunning,
  vmById,
  vmByName,
} from "./vms";
import type { Vm } from "./vms";

const controlPlaneLabel = "cluster.x-k8s.io/control-plane";

export interface MachineWorld {
  client: KubeClient;
  prism: PrismAccess;
  clusters: KubeStore<Cluster>;
  machines: KubeStore<Machine>;
  nutanixClusters: KubeStore<NutanixCluster>;
}

type Draft = StatusDraft<NonNullable<NutanixMachine["status"]>>;

/** One reconcile: the object, who it belongs to, and its status so far. */
export interface MachineScope {
  client: KubeClient;
  object: NutanixMachine;
  machine: Machine;
  cluster: Cluster;
  nutanixCluster: NutanixCluster;
  draft: Draft;
}

/** Moves one NutanixMachine on; a number asks to be called again. */
export async function reconcileMachine(
  world: MachineWorld,
  object: NutanixMachine,
): Promise<number | undefined> {
  const scope = scopeOf(world, object);
  if (!scope || isPaused(object, scope.cluster)) return undefined;
  try {
    if (object.metadata.deletionTimestamp) {
      await deleteMachine(world, scope);
      return undefined;
    }
    await ensureFinalizer(scope);
    const missing = whatIsMissing(scope);
    if (missing) scope.draft.set(missing);
    else if (!scope.draft.status.failureReason)
      return await provision(scope, await world.prism.of(scope.nutanixCluster));
    return undefined;
  } catch (error) {
    if (error instanceof StillRunning) return comeBack(scope, error);
    if (object.metadata.deletionTimestamp) scope.draft.set(deletionFailed(error));
    else if (recordFailure(scope, error)) return undefined;
    throw error;
  } finally {
    await scope.draft.save();
  }
}

function scopeOf(world: MachineWorld, object: NutanixMachine): MachineScope | undefined {
  const { namespace } = object.metadata;
  const owner = ownerOf(object, "Machine");
  const machine = owner && world.machines.get({ name: owner.name, namespace });
  const cluster = clusterOf(object, world.clusters);
  const name = cluster?.spec?.infrastructureRef?.name;
  const nutanixCluster = name ? world.nutanixClusters.get({ name, namespace }) : undefined;
  if (!machine || !cluster || !nutanixCluster) return undefined;
  const draft: Draft = new StatusDraft(world.client, nutanixMachines, object);
  return { client: world.client, object, machine, cluster, nutanixCluster, draft };
}

async function ensureFinalizer({ client, object }: MachineScope): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(machineFinalizer)) return;
  const { resourceVersion } = object.metadata;
  const metadata = { resourceVersion, finalizers: [...finalizers, machineFinalizer] };
  await client.patch(nutanixMachines, object.metadata, { metadata });
}

/** What Cluster API has yet to do before a VM can be made. */
export function whatIsMissing({
  cluster,
  machine,
  object,
}: Pick<MachineScope, "cluster" | "machine" | "object">) {
  const initialization = cluster.status?.initialization;
  const waits = (reason: string, message: string) =>
    isFalse("VMProvisioned", reason, message, "Info");
  if (!initialization?.infrastructureProvisioned)
    return waits("ClusterInfrastructureNotReady", "the cluster's infrastructure is not ready");
  if (object.spec.bootstrapRef ?? machine.spec.bootstrap?.dataSecretName) return undefined;
  const isControlPlane = machine.metadata.labels?.[controlPlaneLabel] !== undefined;
  if (!isControlPlane && !initialization.controlPlaneInitialized)
    return waits("ControlplaneNotInitialized", "the control plane is not initialized");
  return waits("BootstrapDataNotReady", "there is no bootstrap data yet");
}

async function provision(scope: MachineScope, prism: PrismClient): Promise<number | undefined> {
  const { object, draft } = scope;
  let vm = (await findVm(scope, prism)) ?? (await makeVm(scope, prism));
  await recordIdentity(scope, vm);
  if (draft.status.ready) return undefined;
  await ensureProviderAttribute(prism, vm);
  vm = await ensurePoweredOn(prism, vm);
  draft.set(isTrue("VMProvisioned"));
  const addresses = addressesOf(vm);
  if (addresses.length === 0) {
    const message = `VM ${object.metadata.name} has no address yet`;
    draft.set(isFalse("VMAddressesAssigned", "VMAddressesFailed", message, "Info"));
    return 250;
  }
  draft.set(isTrue("VMAddressesAssigned"));
  draft.status.addresses = addresses;
  draft.status.ready = true;
  return undefined;
}

/** The VM that Prism Central has for this machine, by uuid when one is known, else by name. */
async function findVm(scope: MachineScope, prism: PrismClient): Promise<Vm | undefined> {
  const extId = knownUuid(scope);
  if (!extId) return vmByName(prism, scope.machine.metadata.name);
  const found = await vmById(prism, extId);
  if (!found) throw new Error(`VM ${extId} was expected to be present, but is not.`);
  return found.value;
}

function knownUuid({ object, machine }: MachineScope): string | undefined {
  const fromProvider = /^nutanix:\/\/(.+)$/.exec(object.spec.providerID ?? "")?.[1];
  return (
    machine.status?.nodeInfo?.systemUUID?.toLowerCase() ?? object.status?.vmUUID ?? fromProvider
  );
}

/** The provider id is written as soon as it is known, and again whenever it is missing; the VM's uuid with the status. */
async function recordIdentity(scope: MachineScope, vm: Vm): Promise<void> {
  const { client, object, draft } = scope;
  const spec = { providerID: `nutanix://${vm.extId}`, ...bootstrapRefOf(scope) };
  if (object.spec.providerID !== spec.providerID)
    await client.patch(nutanixMachines, object.metadata, { spec });
  draft.status.vmUUID = vm.extId;
}

/** Says what is awaited, unless it is only time that has to pass since a failure: then that stays. */
function comeBack({ object, draft }: MachineScope, error: StillRunning): number {
  const reason = object.metadata.deletionTimestamp ? "Deleting" : "VMTaskRunning";
  if (!(error instanceof Pausing))
    draft.set(isFalse("VMProvisioned", reason, error.message, "Info"));
  return 500;
}

function deletionFailed(error: unknown) {
  return isFalse("VMProvisioned", "DeletionFailed", messageOf(error), "Warning");
}

/** Records why there is no VM; true when no later try can help, so that the machine is given up. */
function recordFailure({ draft }: MachineScope, error: unknown): boolean {
  draft.set(isFalse("VMProvisioned", "FailedVMTask", messageOf(error)));
  if (!isTerminal(error)) return false;
  draft.status.failureReason = "CreateError";
  draft.status.failureMessage = messageOf(error);
  return true;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Unlike CAPX, a 401, 403, 409 or 412 is no death sentence: those pass. */
export function isTerminal(error: unknown): boolean {
  if (error instanceof TerminalError) return true;
  return error instanceof PrismError && [400, 404, 422].includes(error.status);
}

async function deleteMachine(world: MachineWorld, scope: MachineScope): Promise<void> {
  const { client, object, nutanixCluster } = scope;
  const { finalizers } = object.metadata;
  if (!finalizers?.includes(machineFinalizer)) return;
  scope.draft.set(isFalse("VMProvisioned", "Deleting", "", "Info"));
  const prism = await world.prism.of(nutanixCluster);
  for (const extId of await vmsOf(scope, prism)) await deleteVm(prism, extId);
  const left = finalizers.filter((finalizer) => finalizer !== machineFinalizer);
  await client.patch(nutanixMachines, object.metadata, { metadata: { finalizers: left } });
}

/** Every VM that this machine has, or may have had made. */
async function vmsOf(scope: MachineScope, prism: PrismClient): Promise<string[]> {
  const extId = knownUuid(scope) ?? (await vmByName(prism, scope.machine.metadata.name))?.extId;
  const abandoned = createRecordOf(scope.object)?.abandoned ?? [];
  return extId ? [...abandoned, extId] : unrecordedVms(scope, prism);
}

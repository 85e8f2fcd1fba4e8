// Bootstrap data as the VM gets it. CAPX does no templating of its own: cloud-init's jinja line goes, and the one
// variable that Cluster API's templates use is replaced by the Machine's name.

import type { MachineScope } from "./machine-reconciler";

export interface GuestCustomization {
  userData: string;
  metaData: string;
}

/** Bootstrap data and metadata of a VM, both in base64. */
export function guestCustomization(
  bootstrap: string,
  machineName: string,
  uuid: string,
): GuestCustomization {
  const plain = bootstrap
    .replace(/^## template: jinja\r?\n/m, "")
    .replace(/\{\{\s*ds\.meta_data\.hostname\s*\}\}/g, machineName);
  return {
    userData: base64(plain),
    metaData: base64(JSON.stringify({ hostname: machineName, uuid })),
  };
}

/** Where the bootstrap data is, for the machine's spec: others read it there. */
export function bootstrapRefOf({ object, machine }: Pick<MachineScope, "object" | "machine">) {
  const name = machine.spec.bootstrap?.dataSecretName;
  if (object.spec.bootstrapRef || !name) return {};
  const { namespace } = machine.metadata;
  return { bootstrapRef: { apiVersion: "v1", kind: "Secret", name, namespace } };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

// Volume groups that a CSI driver has attached to a VM: they are let go of before the VM is deleted, or they would go
// with it.

import type { PrismClient } from "../shared/prism-client";
import type { Vm } from "./vms";

/** Asks for every volume group of a VM to be detached; answers how many there are. */
export async function detachVolumeGroups(prism: PrismClient, vm: Vm): Promise<number> {
  const groups = (vm.disks ?? []).flatMap(({ backingInfo }) =>
    backingInfo?.$objectType?.endsWith(".ADSFVolumeGroupReference")
      ? (backingInfo.volumeGroupExtId ?? [])
      : [],
  );
  for (const extId of groups) {
    const path = `config/volume-groups/${extId}`;
    const found = await prism.get("volumes", path);
    if (!found) continue;
    await prism.begin("volumes", `${path}/$actions/detach-vm`, {
      method: "POST",
      etag: found.etag,
      body: {
        $objectType: "volumes.v4.config.VmAttachment",
        $reserved: { $fv: "v4.r2" },
        extId: vm.extId,
      },
    });
  }
  return groups.length;
}

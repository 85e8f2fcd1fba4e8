// Nested objects of the v4 API, which name their own type.

export const vmm = "vmm.v4.ahv.config";

const reserved = { $fv: "v4.r2" };

/** An object of the v4 API. */
export function typed(objectType: string, fields: object): object {
  return { $objectType: objectType, $reserved: reserved, ...fields };
}

/** An image as what a disk is cloned from. */
export function imageSource(imageExtId: string): object {
  return typed(`${vmm}.DataSource`, {
    $referenceItemDiscriminator: `${vmm}.ImageReference`,
    reference: typed(`${vmm}.ImageReference`, { imageExtId }),
  });
}

// Whether an image of the wanted name is the wanted one. Prism Central lets several images have one name; its users
// (CAPX among them) mostly do not. Pure.
import { PrismError } from "../prism/errors";
import type { Image } from "../prism/images";
import { isPlaced } from "../prism/images";
import type { Content } from "./content";
import type { ImageInputs } from "./inputs";

export interface Wish {
  inputs: ImageInputs;
  content: Content;
  clusterUuid: string | undefined;
}

export type Found =
  | { kind: "none" }
  | { kind: "identical"; image: Image }
  /** Made for the same content, which never arrived in full: by a run that was cut off. */
  | { kind: "half-made"; image: Image };

/** Throws when a name is taken more than once: nobody could say which image is meant. */
export function atMostOne(name: string, images: Image[]): Image | undefined {
  const [image, ...others] = images.filter(({ status }) => status.state !== "DELETE_PENDING");
  if (others.length === 0) return image;
  const uuids = images.map(({ metadata }) => metadata.uuid).join(", ");
  throw new PrismError(
    `Making image ${name} failed: Prism Central has ${images.length} images of that name (${uuids}). Delete them, or give this image another name.`,
  );
}

/** What there is, compared with what is wished. Throws when it is another image. */
export function judged(image: Image | undefined, wish: Wish): Found {
  if (!image) return { kind: "none" };
  const { name, imageType } = wish.inputs;
  const resources = image.spec.resources;
  if (!hasHash(image, wish.content.sha256) || resources.image_type !== imageType)
    throw taken(name, image, "with other content");
  const size = filledBytes(image);
  if (size === 0) return { kind: "half-made", image };
  if (size !== (wish.content.sizeBytes ?? size)) throw taken(name, image, "with another size");
  if (!isPlaced(image, wish.clusterUuid))
    throw taken(name, image, `but not on the Prism Element ${wish.inputs.prismElement ?? ""}`);
  return { kind: "identical", image };
}

/** Throws unless an image that is to be taken over is what the program says. */
export function mustBeWished(image: Image, wish: Wish): void {
  const { checksum, image_type: type } = image.spec.resources;
  const { sizeBytes, sha256 } = wish.content;
  const facts = [
    ["name", image.spec.name, wish.inputs.name],
    ["imageType", type, wish.inputs.imageType],
    ["size", image.status.resources.size_bytes, sizeBytes],
    ["SHA-256", checksum && hasHash(image, sha256) ? sha256 : checksum?.checksum_value, sha256],
    ["state", image.status.state, "COMPLETE"],
  ] as const;
  const wrong = facts.filter(([, is, wished]) => is && wished && is !== wished);
  if (wrong.length === 0 && isPlaced(image, wish.clusterUuid)) return;
  const list = wrong.map(([what, is, wished]) => `${what} ${is ?? ""} instead of ${wished ?? ""}`);
  throw new PrismError(
    `Importing image ${image.metadata.uuid} failed: it has ${list.join(", ") || "not that Prism Element"}. Correct the program, or import another image.`,
  );
}

/** Bytes that an image holds for good; 0 for one that failed. */
export function filledBytes({ status }: Image): number {
  return status.state === "ERROR" ? 0 : (status.resources.size_bytes ?? 0);
}

/** Whether Prism Central holds, or awaits, bytes of that SHA-256. */
export function hasHash(image: Image, sha256: string): boolean {
  const checksum = image.spec.resources.checksum;
  const isSame = checksum?.checksum_value.toLowerCase() === sha256;
  return isSame && checksum.checksum_algorithm === "SHA_256";
}

function taken(name: string, { metadata }: Image, how: string): PrismError {
  return new PrismError(
    `Making image ${name} failed: Prism Central has that name already (${metadata.uuid}), ${how}. Delete what is there, or give the image another name.`,
  );
}

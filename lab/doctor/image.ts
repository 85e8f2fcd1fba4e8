// Whether the node image is there as often as it has to be. Pure.

import { imageName } from "../../components/image-source";
import type { LabConfig } from "../../config/lab-config";
import type { Image } from "../../providers/prism/images";
import { foundIn } from "../prism/answer";
import { type Finding, findingsOf } from "./finding";
import type { World } from "./inventory";

const { ok, warning, failure } = findingsOf("image");

export function checkImage({ image, kubernetesVersion }: LabConfig, world: World): Finding[] {
  const images = foundIn(world.images);
  if (!images) return [];
  const name = imageName(image, kubernetesVersion);
  const [found] = images;
  if (images.length > 1) return [several(image.from, name, images)];
  if (found) return [whole(name, found)];
  return [image.from === "prism" ? absent(image) : ok(`${name} is not there: it will be made`)];
}

function several(from: string, name: string, images: Image[]): Finding {
  const uuids = images.map(({ metadata }) => metadata.uuid).join(", ");
  return failure(
    `${name} is the name of ${images.length} images (${uuids})`,
    from === "prism"
      ? "Set image.uuid to one of them, in the place of image.name."
      : "Delete all but one of them, or all: it is made anew.",
  );
}

function absent(image: { uuid: string } | { name: string }): Finding {
  return "uuid" in image
    ? failure(
        `there is no image ${image.uuid}`,
        "Set image.uuid to an image of this Prism Central, or image.file or image.url to one to bring.",
      )
    : failure(
        `there is no image of the name ${image.name}`,
        "Upload it, or set image.file or image.url.",
      );
}

function whole(name: string, { metadata, status, spec }: Image): Finding {
  const size = status.resources.size_bytes ?? 0;
  const { image_type: type } = spec.resources;
  if (type !== "DISK_IMAGE")
    return failure(`${name} is of type ${type}`, "Choose a disk image: machines boot from it.");
  if (status.state !== "COMPLETE" || size === 0)
    return warning(
      `${name} is ${status.state} with ${size} bytes`,
      "Wait until it is whole, or delete it.",
    );
  return ok(`${name} is there once (${metadata.uuid})`);
}

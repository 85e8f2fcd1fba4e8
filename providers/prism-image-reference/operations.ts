// Looks an image up, by uuid or by name, and says what to do where there is none, or several of that name.
import { clientFor, type Endpoint, type PrismClient } from "../prism/client";
import { PrismError } from "../prism/errors";
import { findImages, getImage, type Image } from "../prism/images";
import { HERE } from "../prism/surroundings";

export { configure } from "../prism/surroundings";

export interface ReferenceInputs {
  uuid?: string;
  name?: string;
  endpoint: Endpoint;
}

export interface ReferenceOutputs extends ReferenceInputs {
  uuid: string;
}

export async function create(
  inputs: ReferenceInputs,
  surroundings = HERE,
): Promise<{ id: string; outs: ReferenceOutputs }> {
  const image = await theOne(clientFor(inputs.endpoint, surroundings), inputs);
  const { uuid } = image.metadata;
  const { state, resources } = image.status;
  if (state !== "COMPLETE" || (resources.size_bytes ?? 0) === 0)
    throw new PrismError(
      `Using image ${uuid} failed: it is ${state} with ${resources.size_bytes ?? 0} bytes. Wait until it is whole, or take another one.`,
    );
  return { id: uuid, outs: { ...inputs, uuid } };
}

/**
 * Another wish is another look-up; nothing is lost by it. Another way to the same Prism Central (its address, its trust
 * bundle) is written down, so that a refresh takes it.
 */
export function diff(
  olds: ReferenceOutputs,
  news: ReferenceInputs,
): { changes: boolean; replaces: string[] } {
  const replaces = (["uuid", "name"] as const).filter(
    (key) => news[key] !== undefined && news[key] !== olds[key],
  );
  const isOtherWay = (["address", "port", "insecure", "trustBundle"] as const).some(
    (key) => news.endpoint[key] !== olds.endpoint[key],
  );
  return { changes: replaces.length > 0 || isOtherWay, replaces };
}

/** Only the way to it is another. */
export function update(olds: ReferenceOutputs, news: ReferenceInputs): { outs: ReferenceOutputs } {
  return { outs: { ...news, uuid: olds.uuid } };
}

/** Gone when the image is gone; one that somebody renamed is still the same. */
export async function read(
  id: string,
  props: ReferenceOutputs,
  surroundings = HERE,
): Promise<{ id: string; props: ReferenceOutputs }> {
  const image = await getImage(clientFor(props.endpoint, surroundings), id);
  return { id: image ? id : "", props };
}

async function theOne(client: PrismClient, { uuid, name = "" }: ReferenceInputs): Promise<Image> {
  if (uuid === undefined) return named(client, name);
  const image = await getImage(client, uuid);
  if (image) return image;
  throw new PrismError(
    `Looking up image ${uuid} failed: Prism Central has no image of that UUID. Check image.uuid, and that prismCentral.address is a Prism Central, not a Prism Element.`,
  );
}

async function named(client: PrismClient, name: string): Promise<Image> {
  const images = await findImages(client, name);
  const [image, ...others] = images;
  if (image && others.length === 0) return image;
  if (!image)
    throw new PrismError(
      `Looking up image ${name} failed: Prism Central has no image of that name. Upload it, or set image.file or image.url.`,
    );
  const uuids = images.map(({ metadata }) => metadata.uuid).join(", ");
  throw new PrismError(
    `Looking up image ${name} failed: Prism Central has ${images.length} images of that name (${uuids}). Set image.uuid to one of them.`,
  );
}

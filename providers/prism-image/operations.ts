// The life of an image in Prism Central, made from a local file or an address: looked up by name, made, filled,
// awaited; changed in place where Prism Central can; deleted.
import { clientFor, type PrismClient } from "../prism/client";
import { PrismError } from "../prism/errors";
import type { Image } from "../prism/images";
import {
  createImage,
  deleteImage,
  findImages,
  getImage,
  updateImage,
  waitForCalm,
} from "../prism/images";
import { prismElementUuid } from "../prism/clusters";
import type { Surroundings } from "../prism/surroundings";
import { HERE } from "../prism/surroundings";
import { atMostOne, filledBytes, hasHash, judged, mustBeWished, type Wish } from "./adoption";
import { contentOf, sizeOf } from "./content";
import { fill } from "./fill";
import type { ImageInputs, ImageOutputs } from "./inputs";
import { differs, inputsIn } from "./inputs";
import { type Progress, startProgress } from "./progress";

export async function create(
  inputs: ImageInputs,
  surroundings = HERE,
): Promise<{ id: string; outs: ImageOutputs }> {
  const client = clientFor(inputs.endpoint, surroundings);
  const progress = startProgress(inputs.name, surroundings.log);
  progress.begin("asking Prism Central");
  try {
    const outs = await (inputs.importUuid === undefined
      ? make(client, inputs, { progress, log: surroundings.log })
      : takeOver(client, inputs, progress));
    return { id: outs.uuid, outs };
  } finally {
    progress.end();
  }
}

/** What is there now. An empty id tells Pulumi that the image is gone. */
export async function read(
  id: string,
  props: ImageOutputs,
  surroundings = HERE,
): Promise<{ id: string; props?: ImageOutputs; inputs?: ImageInputs }> {
  const image = await getImage(clientFor(props.endpoint, surroundings), id);
  if (!image || image.status.state === "DELETE_PENDING") return { id: "" };
  const { spec, metadata } = image;
  const now: ImageOutputs = {
    ...props,
    uuid: id,
    name: spec.name,
    imageType: spec.resources.image_type,
    // What the program does not say is not its business.
    ...(props.description !== undefined && { description: spec.description ?? "" }),
    ...(props.categories !== undefined && { categories: metadata.categories ?? {} }),
    sizeBytes: filledBytes(image),
  };
  return { id, props: now, inputs: inputsIn(now) };
}

export async function update(
  id: string,
  olds: ImageOutputs,
  { news, surroundings = HERE }: { news: ImageInputs; surroundings?: Surroundings },
): Promise<{ outs: ImageOutputs }> {
  const changes = {
    ...(differs(olds.description, news.description) && { description: news.description ?? "" }),
    ...(differs(olds.categories, news.categories) && { categories: news.categories ?? {} }),
  };
  if (Object.keys(changes).length > 0)
    await updateImage(clientFor(news.endpoint, surroundings), id, changes).catch(
      (error: unknown) => {
        if (!(error instanceof PrismError && error.status === 404)) throw error;
        throw new PrismError(
          `Changing image ${news.name} failed: Prism Central has no image ${id} any more. Run pulumi refresh, then pulumi up.`,
          { cause: error },
        );
      },
    );
  const { uuid, sizeBytes, contentSha256, prismElementUuid: element } = olds;
  return { outs: outputs(news, { uuid, sizeBytes, contentSha256 }, element) };
}

export async function remove(id: string, props: ImageOutputs, surroundings = HERE): Promise<void> {
  await deleteImage(clientFor(props.endpoint, surroundings), id);
}

interface Reporting {
  progress: Progress;
  log: (line: string) => void;
}

async function make(
  client: PrismClient,
  inputs: ImageInputs,
  reporting: Reporting,
): Promise<ImageOutputs> {
  const size = await sizeOf(inputs);
  // Before the file is read, which takes its time: this finds a wrong password, too.
  const there = atMostOne(inputs.name, await findImages(client, inputs.name));
  const clusterUuid = await elementOf(client, inputs);
  const content = await contentOf(inputs, size, reporting.progress);
  const wish: Wish = { inputs, content, clusterUuid };
  const image = await identical(client, there, wish);
  const uuid = image?.metadata.uuid ?? (await made(client, wish));
  let sizeBytes = image?.status.resources.size_bytes;
  if (image) {
    reporting.log(`Image ${inputs.name} is there already: ${uuid}.`);
    await align(client, image, inputs);
  }
  sizeBytes ??= await fill(client, uuid, wish, reporting);
  return outputs(inputs, { uuid, sizeBytes, contentSha256: content.sha256 }, clusterUuid);
}

/** The wanted image, if it is there; what a run that was cut off left of it is deleted. */
async function identical(
  client: PrismClient,
  there: Image | undefined,
  wish: Wish,
): Promise<Image | undefined> {
  let found = judged(there, wish);
  if (found.kind === "half-made" && found.image.status.state === "RUNNING") {
    // Somebody may be sending; only Prism Central knows when that ends.
    const calm = await waitForCalm(client, found.image.metadata.uuid);
    found = judged(calm, wish);
  }
  if (found.kind === "half-made") await deleteImage(client, found.image.metadata.uuid);
  return found.kind === "identical" ? found.image : undefined;
}

/** Makes the image without content. An answer that got lost may have made it all the same. */
async function made(client: PrismClient, { inputs, content, clusterUuid }: Wish): Promise<string> {
  const spec = { ...inputs, sha256: content.sha256, clusterUuid };
  try {
    return await createImage(client, spec);
  } catch (error) {
    if (!(error instanceof PrismError && error.passes)) throw error;
    const images = await findImages(client, inputs.name);
    const ours = images.find((image) => hasHash(image, content.sha256));
    if (!ours) throw error;
    return ours.metadata.uuid;
  }
}

async function takeOver(
  client: PrismClient,
  inputs: ImageInputs,
  progress: Progress,
): Promise<ImageOutputs> {
  const uuid = inputs.importUuid ?? "";
  const image = await getImage(client, uuid);
  if (!image)
    throw new PrismError(
      `Importing image ${uuid} failed: Prism Central has no image of that uuid. Check the uuid and the endpoint.`,
    );
  const clusterUuid = await elementOf(client, inputs);
  const content = await contentOf(inputs, await sizeOf(inputs), progress);
  mustBeWished(image, { inputs, content, clusterUuid });
  await align(client, image, inputs);
  const sizeBytes = image.status.resources.size_bytes ?? 0;
  return outputs(inputs, { uuid, sizeBytes, contentSha256: content.sha256 }, clusterUuid);
}

/** Gives an image that was there already the description and the categories that the program says. */
async function align(client: PrismClient, image: Image, inputs: ImageInputs): Promise<void> {
  const { spec, metadata } = image;
  const { description, categories } = inputs;
  const changes = {
    ...(description !== undefined && differs(spec.description, description) && { description }),
    ...(categories !== undefined && differs(metadata.categories, categories) && { categories }),
  };
  if (Object.keys(changes).length > 0) await updateImage(client, metadata.uuid, changes);
}

async function elementOf(client: PrismClient, inputs: ImageInputs): Promise<string | undefined> {
  const { prismElement } = inputs;
  return prismElement === undefined ? undefined : prismElementUuid(client, prismElement);
}

function outputs(
  inputs: ImageInputs,
  facts: Pick<ImageOutputs, "uuid" | "sizeBytes" | "contentSha256">,
  element: string | undefined,
): ImageOutputs {
  return { ...inputs, ...facts, ...(element === undefined ? {} : { prismElementUuid: element }) };
}

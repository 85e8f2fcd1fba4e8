// The life of an image in Prism Central, made from a local file: looked up by name, made, uploaded, awaited; a
// half-made one is removed again. Credentials come from the environment at run time and are kept nowhere.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { ClientOptions, Credentials, Endpoint } from "../prism/client";
import { PrismClient } from "../prism/client";
import { PrismError } from "../prism/errors";
import type { Image } from "../prism/images";
import {
  createImage,
  deleteImage,
  findImages,
  getImage,
  updateImage,
  uploadImage,
  waitForImage,
  waitForImageTasks,
} from "../prism/images";
import { progressReport } from "./progress";

export interface ImageInputs {
  name: string;
  /** It need not exist before create. */
  sourcePath?: string;
  /** In the place of a file: Prism Central fetches it from there, and sha256 is given. */
  sourceUri?: string;
  /** What the file must be; computed when it is not given. */
  sha256?: string;
  imageType: string;
  description?: string;
  categories?: Record<string, string>;
  clusterUuid?: string;
  endpoint: Endpoint;
  replaceTrigger?: string;
}

export interface ImageOutputs extends ImageInputs {
  uuid: string;
  sizeBytes: number;
  sha256: string;
}

/** What operations need of the world; tests give their own. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  log: (line: string) => void;
  client?: ClientOptions;
}

export const HERE: Surroundings = {
  environment: process.env,
  log: (line) => process.stderr.write(`${line}\n`),
};

const REPLACING = ["name", "imageType", "clusterUuid", "replaceTrigger"] as const;
const CHANGING = ["description", "categories", "sourcePath", "sourceUri", "endpoint"] as const;

export async function create(
  inputs: ImageInputs,
  surroundings = HERE,
): Promise<{ id: string; outs: ImageOutputs }> {
  const client = clientFor(inputs.endpoint, surroundings);
  const { sizeBytes, sha256 } = await measure(inputs);
  const images = await findImages(client, inputs.name);
  const found = images.filter((image) => image.status.state !== "DELETE_PENDING");
  const known = adoptable(inputs, found, sha256);
  const uuid = known?.metadata.uuid ?? (await createImage(client, { ...inputs, sha256 }));
  if (known && isFilled(known, sizeBytes)) {
    surroundings.log(`Image ${inputs.name} is there already: ${uuid}.`);
  } else {
    await fill(client, uuid, { inputs, sizeBytes, sha256, log: surroundings.log });
  }
  const size = sizeBytes ?? (await getImage(client, uuid))?.status.resources.size_bytes ?? 0;
  return { id: uuid, outs: { ...inputs, uuid, sizeBytes: size, sha256 } };
}

/** A size that only Prism Central knows is right once the image is COMPLETE. */
function isFilled({ status }: Image, sizeBytes: number | undefined): boolean {
  const size = status.resources.size_bytes ?? 0;
  if (sizeBytes === undefined) return size > 0 && status.state === "COMPLETE";
  return size === sizeBytes;
}

export function diff(
  olds: ImageOutputs,
  news: ImageInputs,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const replaces: string[] = REPLACING.filter((property) =>
    differs(olds[property], news[property]),
  );
  const { address, port } = news.endpoint;
  if (address !== olds.endpoint.address || port !== olds.endpoint.port) replaces.push("endpoint");
  // Without a hash among the inputs, the one found at create says nothing about the program's wish.
  if (news.sha256 !== undefined && news.sha256 !== olds.sha256) replaces.push("sha256");
  const changes = replaces.length > 0 || CHANGING.some((name) => differs(olds[name], news[name]));
  return { changes, replaces, deleteBeforeReplace: olds.name === news.name };
}

export async function read(
  id: string,
  props: ImageOutputs,
  surroundings = HERE,
): Promise<{ id: string; props: ImageOutputs }> {
  const image = await getImage(clientFor(props.endpoint, surroundings), id);
  // An empty id tells Pulumi that the resource is gone.
  if (!image) return { id: "", props };
  const sizeBytes = image.status.resources.size_bytes ?? 0;
  return { id, props: { ...props, uuid: id, sizeBytes } };
}

export async function update(
  id: string,
  olds: ImageOutputs,
  { news, surroundings = HERE }: { news: ImageInputs; surroundings?: Surroundings },
): Promise<{ outs: ImageOutputs }> {
  const isOurs = ["description", "categories"] as const;
  if (isOurs.some((name) => differs(olds[name], news[name])))
    await persistently(() => updateImage(clientFor(news.endpoint, surroundings), id, news));
  const { uuid, sizeBytes, sha256 } = olds;
  return { outs: { ...news, uuid, sizeBytes, sha256 } };
}

export async function remove(id: string, props: ImageOutputs, surroundings = HERE): Promise<void> {
  await deleteImage(clientFor(props.endpoint, surroundings), id);
}

/** Uploads into an image, or lets it be fetched, and waits until it is whole; removes it when that fails. */
async function fill(
  client: PrismClient,
  uuid: string,
  upload: {
    inputs: ImageInputs;
    sizeBytes: number | undefined;
    sha256: string;
    log: (line: string) => void;
  },
): Promise<void> {
  const { inputs, sizeBytes, sha256, log } = upload;
  const report = sizeBytes === undefined ? undefined : progressReport(inputs.name, sizeBytes, log);
  if (!report) log(`${inputs.name}: Prism Central fetches it.`);
  try {
    await waitForImageTasks(client, uuid);
    if (inputs.sourcePath !== undefined && sizeBytes !== undefined)
      await uploadImage(client, uuid, {
        file: inputs.sourcePath,
        sizeBytes,
        sha256,
        onProgress: report?.moved,
      });
    await waitForImage(client, uuid, { sizeBytes, clusterUuid: inputs.clusterUuid });
  } catch (error) {
    const rest = await deleteImage(client, uuid).then(
      () => "The half-made image was deleted.",
      (reason: unknown) => `The half-made image ${uuid} is left behind: ${told(reason)}`,
    );
    throw new PrismError(`Uploading image ${inputs.name} failed: ${told(error)} ${rest}`, {
      cause: error,
    });
  } finally {
    report?.end();
  }
}

/** An image of that name that is, or was to become, exactly ours. Another one of that name is a mistake. */
function adoptable(inputs: ImageInputs, found: Image[], sha256: string): Image | undefined {
  const ours = found.find((image) => {
    const checksum = image.spec.resources.checksum;
    const sameBytes = checksum?.checksum_value.toLowerCase() === sha256;
    return sameBytes && checksum.checksum_algorithm === "SHA_256";
  });
  if (ours && found.length === 1) return ours;
  if (found.length === 0) return undefined;
  const uuids = found.map((image) => image.metadata.uuid).join(", ");
  throw new PrismError(
    `Making image ${inputs.name} failed: Prism Central has that name already (${uuids}), with other content. Delete what is there, or give the image another name.`,
  );
}

/** Size and hash of the file; of an address, the hash that was promised. */
async function measure(
  inputs: ImageInputs,
): Promise<{ sizeBytes: number | undefined; sha256: string }> {
  const { sourcePath, sourceUri } = inputs;
  if (sourcePath === undefined) {
    if (sourceUri !== undefined && inputs.sha256 !== undefined)
      return { sizeBytes: undefined, sha256: inputs.sha256.toLowerCase() };
    throw new PrismError(
      `Making image ${inputs.name} failed: it has neither a sourcePath, nor a sourceUri with its sha256. Give one of them.`,
    );
  }
  const { size } = await stat(sourcePath).catch((error: unknown) => {
    throw new PrismError(
      `Reading the image file ${sourcePath} failed: ${told(error)}. Build it first.`,
      { cause: error },
    );
  });
  const hash = createHash("sha256");
  await pipeline(createReadStream(sourcePath, { highWaterMark: 1024 * 1024 }), hash);
  const sha256 = hash.digest("hex");
  if (inputs.sha256 !== undefined && inputs.sha256.toLowerCase() !== sha256)
    throw new PrismError(
      `The image file ${sourcePath} has SHA-256 ${sha256}, not ${inputs.sha256}.`,
    );
  return { sizeBytes: size, sha256 };
}

/** A client with the credentials of the environment. */
export function clientFor(endpoint: Endpoint, { environment, client }: Surroundings): PrismClient {
  return new PrismClient(endpoint, credentialsIn(environment), client);
}

function credentialsIn(environment: NodeJS.ProcessEnv): Credentials {
  const apiKey = environment["NUTANIX_API_KEY"];
  if (apiKey) return { apiKey };
  const username = environment["NUTANIX_USERNAME"];
  const password = environment["NUTANIX_PASSWORD"];
  if (username && password) return { username, password };
  throw new PrismError(
    "There are no credentials for Prism Central. Set NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, in the environment of pulumi.",
  );
}

/** Tries again when another client was faster (v3 compares spec versions). */
async function persistently(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof PrismError && error.status === 409 && attempt < 3)) throw error;
    }
  }
}

function differs(old: unknown, wanted: unknown): boolean {
  return JSON.stringify(old ?? null) !== JSON.stringify(wanted ?? null);
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

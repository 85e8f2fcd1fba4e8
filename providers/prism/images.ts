// Images by the v3 API, the one way to bring a local file into Prism Central of any version.
import type { PrismClient } from "./client";
import { PrismError } from "./errors";
import { until, waitForTask } from "./tasks";
import { type Upload, upload } from "./upload";

export interface ImageSpec {
  name: string;
  description?: string | undefined;
  imageType: string;
  sha256: string;
  /** Where Prism Central fetches the content from; without it, the content is uploaded. */
  sourceUri?: string | undefined;
  categories?: Record<string, string> | undefined;
  /** The one Prism Element that is to hold it; without it, all do. */
  clusterUuid?: string | undefined;
}

export interface Image {
  metadata: {
    uuid: string;
    spec_version: number;
    categories?: Record<string, string>;
  };
  spec: {
    name: string;
    description?: string;
    resources: { image_type: string; checksum?: Checksum };
  };
  status: {
    state: "PENDING" | "RUNNING" | "COMPLETE" | "ERROR" | "DELETE_PENDING";
    message_list?: { message: string }[];
    execution_context?: { task_uuid?: string | string[] };
    resources: {
      size_bytes?: number;
      current_cluster_reference_list?: { uuid: string }[];
    };
  };
}

interface Checksum {
  checksum_algorithm: string;
  checksum_value: string;
}

/** What an image must be when it is whole; a size that nobody knows yet is not compared. */
export interface Wanted {
  sizeBytes?: number | undefined;
  clusterUuid?: string | undefined;
}

/** All images of that name; Prism Central lets there be several. */
export async function findImages(client: PrismClient, name: string): Promise<Image[]> {
  const query = { kind: "image", filter: `name==${name}`, length: 100, offset: 0 };
  const page = await client.request<{ entities?: Image[] }>("POST", "/images/list", query);
  return (page.entities ?? []).filter((image) => image.spec.name === name);
}

/** The image, or undefined when there is none. */
export async function getImage(client: PrismClient, uuid: string): Promise<Image | undefined> {
  try {
    return await client.request<Image>("GET", `/images/${uuid}`);
  } catch (error) {
    if (error instanceof PrismError && error.status === 404) return undefined;
    throw error;
  }
}

/** Makes an image without content and answers its uuid at once. */
export async function createImage(client: PrismClient, spec: ImageSpec): Promise<string> {
  const placement = spec.clusterUuid;
  const image = await client.request<Image>("POST", "/images", {
    spec: {
      name: spec.name,
      description: spec.description ?? "",
      resources: {
        image_type: spec.imageType,
        ...(spec.sourceUri === undefined ? {} : { source_uri: spec.sourceUri }),
        checksum: { checksum_algorithm: "SHA_256", checksum_value: spec.sha256 },
        ...(placement === undefined
          ? {}
          : { initial_placement_ref_list: [{ kind: "cluster", uuid: placement }] }),
      },
    },
    metadata: { kind: "image", name: spec.name, categories: spec.categories ?? {} },
  });
  return image.metadata.uuid;
}

/** Sends the content, once. */
export function uploadImage(client: PrismClient, uuid: string, content: Upload): Promise<void> {
  return upload(client, `/images/${uuid}/file`, content);
}

/** The tasks that an image names: one after it was made, a list later. */
export function tasksOf(image: Image | undefined): string[] {
  return [image?.status.execution_context?.task_uuid ?? []].flat();
}

/** Waits for the tasks of an image, but for those that are past. */
export async function waitForImageTasks(
  client: PrismClient,
  uuid: string,
  past: string[] = [],
): Promise<void> {
  const tasks = tasksOf(await getImage(client, uuid));
  for (const task of tasks) if (!past.includes(task)) await waitForTask(client, task);
}

/** Waits until the image is whole: no task open, state COMPLETE, all bytes there, and on the cluster asked for. */
export function waitForImage(
  client: PrismClient,
  uuid: string,
  { past, ...wanted }: Wanted & { past?: string[] },
): Promise<void> {
  return until(client, `image ${uuid}`, async () => {
    await waitForImageTasks(client, uuid, past);
    const image = await getImage(client, uuid);
    if (!image) throw new PrismError(`Image ${uuid} vanished while it was being made.`);
    return isWhole(image, wanted);
  });
}

/** Waits while bytes are coming in. Answers the image as it is then, or undefined when it is gone. */
export async function waitForCalm(client: PrismClient, uuid: string): Promise<Image | undefined> {
  let image: Image | undefined;
  await until(client, `the end of an upload into image ${uuid}`, async () => {
    image = await getImage(client, uuid);
    return image?.status.state !== "RUNNING";
  });
  return image;
}

function isWhole(image: Image, wanted: Wanted): boolean {
  const { state, resources, message_list: messages = [] } = image.status;
  const { uuid } = image.metadata;
  if (state === "ERROR") {
    const reason = messages.map(({ message }) => message).join("; ");
    throw new PrismError(`Image ${uuid} is in state ERROR: ${reason || "no reason is given."}`);
  }
  const size = resources.size_bytes ?? 0;
  if (state !== "COMPLETE" || size === 0) return false;
  if (wanted.sizeBytes !== undefined && size !== wanted.sizeBytes)
    throw new PrismError(
      `Image ${uuid} has ${size} bytes instead of ${wanted.sizeBytes}: the upload was not whole.`,
    );
  return isPlaced(image, wanted.clusterUuid);
}

/** Whether a cluster has the image. */
export function isPlaced({ status }: Image, clusterUuid: string | undefined): boolean {
  const clusters = status.resources.current_cluster_reference_list ?? [];
  return clusterUuid === undefined || clusters.some(({ uuid }) => uuid === clusterUuid);
}

const CONFLICTS = 5;

/** Changes description and categories, those that are given; again when somebody else was faster (spec_version). */
export async function updateImage(
  client: PrismClient,
  uuid: string,
  changes: { description?: string; categories?: Record<string, string> },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { spec, metadata } = await client.request<Image>("GET", `/images/${uuid}`);
    const { description = spec.description, categories = metadata.categories } = changes;
    try {
      await client.request("PUT", `/images/${uuid}`, {
        spec: { ...spec, description },
        metadata: { ...metadata, categories },
      });
      break;
    } catch (error) {
      const isConflict = error instanceof PrismError && error.status === 409;
      if (!isConflict || attempt >= CONFLICTS) throw error;
      await client.pause(attempt, error);
    }
  }
  await waitForImageTasks(client, uuid);
}

/** Deletes an image and waits until it is gone; one that is gone already is no error. */
export async function deleteImage(client: PrismClient, uuid: string): Promise<void> {
  try {
    await client.request("DELETE", `/images/${uuid}`);
  } catch (error) {
    if (error instanceof PrismError && error.status === 404) return;
    throw error;
  }
  await until(client, `the end of image ${uuid}`, async () => !(await getImage(client, uuid)));
}

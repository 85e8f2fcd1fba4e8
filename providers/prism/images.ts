// Images by the v3 API, the one way to bring a local file into Prism Central of any version.
import type { PrismClient, Upload } from "./client";
import { PrismError } from "./errors";
import { until, waitForTask } from "./tasks";

export interface ImageSpec {
  name: string;
  description?: string;
  imageType: string;
  sha256: string;
  /** Where Prism Central fetches the content from; without it, the content is uploaded. */
  sourceUri?: string;
  categories?: Record<string, string>;
  clusterUuid?: string;
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

/** Sends the content. */
export function uploadImage(client: PrismClient, uuid: string, upload: Upload): Promise<void> {
  return client.upload(`/images/${uuid}/file`, upload);
}

/** Waits for the tasks that an image names. */
export async function waitForImageTasks(client: PrismClient, uuid: string): Promise<void> {
  const image = await getImage(client, uuid);
  const tasks = [image?.status.execution_context?.task_uuid ?? []].flat();
  for (const task of tasks) await waitForTask(client, task);
}

/** What an image must be when it is whole; a size that nobody knows yet is not compared. */
interface Wanted {
  sizeBytes?: number;
  clusterUuid?: string;
}

/** Waits until the image is whole: no task open, state COMPLETE, all bytes there, and on the cluster asked for. */
export function waitForImage(client: PrismClient, uuid: string, wanted: Wanted): Promise<void> {
  return until(client, `image ${uuid}`, async () => {
    await waitForImageTasks(client, uuid);
    const image = await getImage(client, uuid);
    if (!image) throw new PrismError(`Image ${uuid} vanished while it was being made.`);
    return isWhole(image, wanted);
  });
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
  if (size !== (wanted.sizeBytes ?? size))
    throw new PrismError(
      `Image ${uuid} has ${size} bytes instead of ${wanted.sizeBytes ?? size}: the upload was not whole.`,
    );
  return isPlaced(image, wanted.clusterUuid);
}

function isPlaced({ status }: Image, clusterUuid: string | undefined): boolean {
  const clusters = status.resources.current_cluster_reference_list ?? [];
  return clusterUuid === undefined || clusters.some(({ uuid }) => uuid === clusterUuid);
}

/** Changes description and categories. Throws a PrismError of status 409 when somebody else was faster. */
export async function updateImage(
  client: PrismClient,
  uuid: string,
  changes: { description?: string; categories?: Record<string, string> },
): Promise<void> {
  const image = await client.request<Image>("GET", `/images/${uuid}`);
  await client.request("PUT", `/images/${uuid}`, {
    spec: { ...image.spec, description: changes.description ?? "" },
    metadata: { ...image.metadata, categories: changes.categories ?? {} },
  });
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

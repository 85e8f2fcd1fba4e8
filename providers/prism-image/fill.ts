// From an empty image in Prism Central to a whole one: uploaded (again from the start after a cut: v3 cannot resume)
// or fetched, then judged by Prism Central. What cannot be filled is deleted.
import type { PrismClient } from "../prism/client";
import { PrismError, told } from "../prism/errors";
import {
  deleteImage,
  getImage,
  tasksOf,
  uploadImage,
  waitForCalm,
  waitForImage,
  waitForImageTasks,
} from "../prism/images";
import { filledBytes, type Wish } from "./adoption";
import type { Progress } from "./progress";

interface Reporting {
  progress: Progress;
  log: (line: string) => void;
}

const UPLOADS = 4;

/** An image that could neither be filled nor deleted. Pulumi keeps its id, so that the next update deletes it. */
export class HalfMade extends PrismError {
  readonly id: string;
  readonly reasons: string[];
  readonly properties: object;

  constructor(message: string, id: string, properties: object) {
    super(message);
    this.id = id;
    this.reasons = [message];
    this.properties = properties;
  }
}

/** Fills an image and waits until it is whole; deletes it when that fails. Answers its size. */
export async function fill(
  client: PrismClient,
  uuid: string,
  wish: Wish,
  reporting: Reporting,
): Promise<number> {
  const { inputs, content, clusterUuid } = wish;
  try {
    await waitForImageTasks(client, uuid);
    const past = content.file === undefined ? [] : await send(client, uuid, wish, reporting);
    reporting.progress.begin("waiting for Prism Central");
    await waitForImage(client, uuid, { sizeBytes: content.sizeBytes, clusterUuid, past });
    return content.sizeBytes ?? (await getImage(client, uuid))?.status.resources.size_bytes ?? 0;
  } catch (error) {
    const failure = `Making image ${inputs.name} failed: ${told(error)}`;
    reporting.progress.begin("deleting what was half made");
    await deleteImage(client, uuid).catch((reason: unknown) => {
      throw new HalfMade(
        `${failure} The half-made image ${uuid} is left behind: ${told(reason)} The next update deletes it.`,
        uuid,
        { ...inputs, uuid, sizeBytes: 0, contentSha256: content.sha256 },
      );
    });
    throw new PrismError(`${failure} The half-made image was deleted.`, { cause: error });
  }
}

/** Answers the tasks that earlier attempts left. */
async function send(
  client: PrismClient,
  uuid: string,
  { inputs, content }: Wish,
  { progress, log }: Reporting,
): Promise<string[]> {
  const { file = "", sizeBytes = 0, sha256 } = content;
  let past: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    progress.begin("uploading", sizeBytes);
    try {
      await uploadImage(client, uuid, { file, sizeBytes, sha256, onProgress: progress.moved });
      return past;
    } catch (error) {
      if (!(error instanceof PrismError && error.passes) || attempt >= UPLOADS) throw error;
      const next = `${attempt + 1} of ${UPLOADS}`;
      log(`${inputs.name}: ${error.message} Uploading again from the start (${next}).`);
      progress.begin("waiting before another upload");
      await client.pause(attempt, error);
    }
    const image = await waitForCalm(client, uuid);
    // All had arrived, but for the answer.
    if (image && filledBytes(image) > 0) return past;
    past = tasksOf(image);
  }
}

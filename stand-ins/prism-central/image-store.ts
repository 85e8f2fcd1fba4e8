// The one image store behind the v3 and v4 APIs: rows in the journal, bytes in DATA/images. Uploads stream to disk
// with constant memory while they are hashed; the checksum is judged by a task afterwards, as Prism does it.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { conflict, notFound, unprocessable } from "./errors";
import type { ImageSource } from "./image-source";
import { openSource } from "./image-source";
import type { World } from "./world";

export type ImageType = "DISK_IMAGE" | "ISO_IMAGE";
export type ChecksumAlgorithm = "SHA_1" | "SHA_256";

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  value: string;
}

export interface ImageRow {
  extId: string;
  /** v3's spec_version and v4's ETag. */
  version: number;
  name: string;
  description?: string;
  imageType: ImageType;
  categories: Record<string, string>;
  /** Clusters asked for; empty means all. */
  placement: string[];
  /** What the bytes are expected to be. */
  expected?: Checksum;
  /** Where Prism Central gets the bytes itself. */
  source?: ImageSource;
  state: "PENDING" | "RUNNING" | "COMPLETE" | "ERROR" | "DELETE_PENDING";
  message?: string;
  /** Absent until the bytes are there. */
  content?: { sizeBytes: number; sha256: string };
  taskUuids: string[];
  createTime: string;
  lastUpdateTime: string;
  user: string;
}

interface Received {
  extId: string;
  sizeBytes: number;
  sha1?: string;
  sha256: string;
  expected?: Checksum;
}

const DIGEST_LENGTH: Record<ChecksumAlgorithm, number> = { SHA_1: 40, SHA_256: 64 };
const REL = "vmm:content:image";

export class ImageStore {
  private readonly world: World;
  private readonly folder: string;
  private readonly receiving = new Set<string>();

  constructor(world: World) {
    this.world = world;
    this.folder = join(world.dataDir, "images");
    const { tasks } = world;
    tasks.register("kImageCreate", (extId: string) => this.settle(extId));
    tasks.register("kImageUpload", (received: Received) => this.judge(received));
    tasks.register("kImageUpdate", () => undefined);
    tasks.register("kImageDelete", (extId: string) => this.discard(extId));
  }

  get(extId: string): ImageRow {
    const row = this.world.images.get(extId);
    if (!row) throw notFound("image", extId);
    return row;
  }

  /** Where an image's bytes are. */
  fileOf(extId: string): string {
    return join(this.folder, extId);
  }

  read(extId: string): Readable {
    if (!this.get(extId).content) throw conflict("NO_CONTENT", "The image has no content yet.");
    return createReadStream(this.fileOf(extId));
  }

  create(
    image: Pick<ImageRow, "name" | "imageType" | "categories" | "placement" | "user"> &
      Partial<ImageRow>,
  ): ImageRow {
    if (image.expected) checkLength(image.expected);
    const time = this.world.now().toISOString();
    const extId = randomUUID();
    this.world.images.put(extId, {
      ...image,
      extId,
      version: 0,
      state: "PENDING",
      taskUuids: [],
      createTime: time,
      lastUpdateTime: time,
    });
    return this.startTask(extId, "kImageCreate", extId);
  }

  /** Takes the bytes in; when this resolves they are on disk and a task judges them. */
  async receive(extId: string, stream: Readable, given?: Checksum): Promise<ImageRow> {
    const image = this.get(extId);
    if (given) checkLength(given);
    if (image.content ?? this.receiving.has(extId))
      throw conflict("IMAGE_HAS_CONTENT", "The image has its content, or is receiving it.");
    this.receiving.add(extId);
    this.change(extId, { state: "RUNNING", message: undefined });
    try {
      const expected = given ?? image.expected;
      const received = await this.toDisk(extId, stream, expected?.algorithm);
      return this.startTask(extId, "kImageUpload", { extId, ...received, expected });
    } catch (error) {
      await rm(this.partOf(extId), { force: true });
      this.change(extId, { state: "ERROR", message: "The upload was cut off." });
      throw error;
    } finally {
      this.receiving.delete(extId);
    }
  }

  /** Changes what may be changed; the caller has compared versions. */
  update(extId: string, changes: Pick<Partial<ImageRow>, "name" | "description" | "categories">) {
    const { version } = this.get(extId);
    this.change(extId, { ...changes, version: version + 1 });
    return this.startTask(extId, "kImageUpdate", extId);
  }

  remove(extId: string): ImageRow {
    this.get(extId);
    this.change(extId, { state: "DELETE_PENDING" });
    return this.startTask(extId, "kImageDelete", extId);
  }

  private startTask(extId: string, operation: string, input: unknown): ImageRow {
    const row = this.get(extId);
    const entities = [{ extId, rel: REL, name: row.name }];
    const uuid = this.world.tasks.start({ operation, entities, input, user: row.user });
    return this.change(extId, { taskUuids: [...row.taskUuids, uuid] });
  }

  private async toDisk(
    extId: string,
    stream: Readable,
    algorithm?: ChecksumAlgorithm,
  ): Promise<Omit<Received, "extId">> {
    await mkdir(this.folder, { recursive: true });
    const sha256 = createHash("sha256");
    const sha1 = algorithm === "SHA_1" ? createHash("sha1") : undefined;
    let sizeBytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sizeBytes += chunk.length;
        sha256.update(chunk);
        sha1?.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(stream, measure, createWriteStream(this.partOf(extId), { mode: 0o600 }));
    return { sizeBytes, sha256: sha256.digest("hex"), sha1: sha1?.digest("hex") };
  }

  private async judge({ extId, sizeBytes, sha1, sha256, expected }: Received): Promise<void> {
    const actual = expected?.algorithm === "SHA_1" ? sha1 : sha256;
    if (expected && expected.value.toLowerCase() !== actual) {
      await rm(this.partOf(extId), { force: true });
      const message = `Checksum mismatch: expected ${expected.algorithm} ${expected.value}, received ${actual}.`;
      this.change(extId, { state: "ERROR", message });
      throw unprocessable(message);
    }
    if (existsSync(this.partOf(extId))) await rename(this.partOf(extId), this.fileOf(extId));
    this.change(extId, { state: "COMPLETE", content: { sizeBytes, sha256 } });
  }

  private async settle(extId: string): Promise<void> {
    const image = this.world.images.get(extId);
    if (!image || image.content) return;
    if (image.source) await this.fetch(image, image.source);
    else if (image.state === "PENDING") this.change(extId, { state: "COMPLETE" });
  }

  /** What a task of a restarted Prism Central does anew, from the first byte. */
  private async fetch({ extId, expected }: ImageRow, source: ImageSource): Promise<void> {
    this.receiving.add(extId);
    this.change(extId, { state: "RUNNING", message: undefined });
    try {
      const stream = await openSource(this.world, source);
      const received = await this.toDisk(extId, stream, expected?.algorithm);
      await this.judge({ extId, ...received, ...(expected ? { expected } : {}) });
    } catch (error) {
      await rm(this.partOf(extId), { force: true });
      const message = error instanceof Error ? error.message : String(error);
      this.change(extId, { state: "ERROR", message });
      throw error;
    } finally {
      this.receiving.delete(extId);
    }
  }

  /** Removes an image and its bytes at once. */
  async discard(extId: string): Promise<void> {
    await rm(this.fileOf(extId), { force: true });
    await rm(this.partOf(extId), { force: true });
    this.world.images.delete(extId);
  }

  private change(extId: string, changes: Partial<ImageRow>): ImageRow {
    const row = this.world.images.get(extId);
    if (!row) throw notFound("image", extId);
    const lastUpdateTime = this.world.now().toISOString();
    return this.world.images.put(extId, { ...row, ...changes, lastUpdateTime });
  }

  private partOf(extId: string): string {
    return `${this.fileOf(extId)}.part`;
  }
}

function checkLength(checksum: Checksum): void {
  if (!new RegExp(`^[0-9a-fA-F]{${DIGEST_LENGTH[checksum.algorithm]}}$`).test(checksum.value))
    throw unprocessable("Invalid length of checksum");
}

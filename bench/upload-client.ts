// One upload by the product's own client, in a process of its own: how long the PUT took, and how far memory grew
// over what the process had before. Asked by one line of JSON on stdin; answers one on stdout.
import { readFileSync } from "node:fs";
import { contentOf, sizeOf } from "../providers/prism-image/content";
import {
  createImage,
  deleteImage,
  uploadImage,
  waitForImage,
  waitForImageTasks,
} from "../providers/prism/images";
import { PrismClient } from "../providers/prism/client";

export interface UploadOrder {
  file: string;
  port: number;
  caFile: string;
  password: string;
}

export interface UploadFigures {
  hashSeconds: number;
  putSeconds: number;
  memoryGrowthMiB: number;
}

const SAMPLES = 25;

async function run(order: UploadOrder): Promise<UploadFigures> {
  const { file, port, password } = order;
  const trustBundle = readFileSync(order.caFile, "utf8");
  const endpoint = { address: "127.0.0.1", port, trustBundle };
  const client = new PrismClient(endpoint, { username: "admin", password });
  const before = process.memoryUsage.rss();
  let highest = before;
  const sampler = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, SAMPLES);
  const inputs = { name: "bench", sourcePath: file, imageType: "DISK_IMAGE", endpoint };
  const quiet = { begin: () => undefined, moved: () => undefined, end: () => undefined };
  const start = performance.now();
  const sizeBytes = (await sizeOf(inputs)) ?? 0;
  const { sha256 } = await contentOf(inputs, sizeBytes, quiet);
  const hashed = performance.now();
  const uuid = await createImage(client, { ...inputs, sha256 });
  await waitForImageTasks(client, uuid);
  const sending = performance.now();
  await uploadImage(client, uuid, { file, sizeBytes, sha256 });
  const sent = performance.now();
  await waitForImage(client, uuid, { sizeBytes });
  clearInterval(sampler);
  await deleteImage(client, uuid);
  return {
    hashSeconds: (hashed - start) / 1000,
    putSeconds: (sent - sending) / 1000,
    memoryGrowthMiB: (Math.max(highest, process.memoryUsage.rss()) - before) / 2 ** 20,
  };
}

const order = JSON.parse(readFileSync(0, "utf8")) as UploadOrder;
void run(order).then((figures) => process.stdout.write(`${JSON.stringify(figures)}\n`));

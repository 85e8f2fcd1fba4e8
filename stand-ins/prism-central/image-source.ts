// Where an image's bytes come from when no client uploads them: an address on this machine (nothing else is ever
// dialled), a file of it, or a VM's disk.
import { createReadStream, existsSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { unprocessable } from "./errors";
import type { World } from "./world";

export type ImageSource =
  | { kind: "url"; url: string; isInsecure?: boolean; username?: string; password?: string }
  | { kind: "vmDisk"; extId: string };

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;
const REDIRECTS = 5;
const SILENCE = 60_000;

/** Refuses an address that is not on this machine: the stand-in fetches from nowhere else. */
export function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:", "file:"].includes(url.protocol))
    throw unprocessable(`'${text}' is no http, https or file address.`);
  if (url.protocol === "file:" ? url.host !== "" : !LOOPBACK.test(url.hostname))
    throw unprocessable(`'${text}' is not on this machine, and nothing else is fetched from.`);
  return text;
}

/** The bytes; rejects with a sentence when there are none. */
export async function openSource(world: World, source: ImageSource): Promise<Readable> {
  if (source.kind === "vmDisk") return openDisk(world, source.extId);
  checkUrl(source.url);
  if (source.url.startsWith("file:")) return openFile(fileURLToPath(source.url), source.url);
  return download(source, REDIRECTS);
}

function openFile(file: string, name: string): Readable {
  if (!existsSync(file)) throw new Error(`Fetching ${name} failed: there is no such file.`);
  return createReadStream(file);
}

// Of a VM's disks only the boot disk has bytes of its own, and another one those of its image.
function openDisk(world: World, extId: string): Readable {
  const [vm] = world.vms.find("disks/extId", extId);
  const disk = vm?.disks.find((one) => one.extId === extId);
  if (!vm || !disk) throw new Error(`The disk ${extId} does not exist.`);
  const files = [
    ...(vm.disks[0] === disk ? [join(world.dataDir, "disks", vm.extId)] : []),
    ...(disk.imageExtId === undefined ? [] : [join(world.dataDir, "images", disk.imageExtId)]),
  ];
  const file = files.find((path) => existsSync(path));
  if (file === undefined) throw new Error(`The disk ${extId} of VM ${vm.name} is empty.`);
  return createReadStream(file);
}

function download(source: Extract<ImageSource, { kind: "url" }>, left: number): Promise<Readable> {
  const { url, username, password } = source;
  const get = url.startsWith("https:") ? getHttps : getHttp;
  return new Promise<Readable>((resolve, reject) => {
    const request = get(
      url,
      {
        rejectUnauthorized: source.isInsecure !== true,
        timeout: SILENCE,
        ...(username === undefined ? {} : { auth: `${username}:${password ?? ""}` }),
      },
      (answer: IncomingMessage) => {
        const { statusCode = 0, headers } = answer;
        if (statusCode === 200) {
          resolve(answer);
          return;
        }
        answer.resume();
        const isRedirect = statusCode >= 300 && statusCode <= 399 && left > 0;
        const next = isRedirect ? headers.location : undefined;
        if (next === undefined)
          reject(new Error(`Fetching ${url} failed: it answered ${statusCode}.`));
        else resolve(openNext({ ...source, url: new URL(next, url).href }, left - 1));
      },
    );
    request.on("timeout", () => request.destroy(new Error("it was silent for a minute")));
    request.on("error", (error) =>
      reject(new Error(`Fetching ${url} failed: ${error.message}.`, { cause: error })),
    );
  });
}

async function openNext(
  source: Extract<ImageSource, { kind: "url" }>,
  left: number,
): Promise<Readable> {
  checkUrl(source.url);
  if (source.url.startsWith("file:")) throw new Error(`${source.url}: a redirect to a file.`);
  return download(source, left);
}

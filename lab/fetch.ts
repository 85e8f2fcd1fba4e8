// `lab fetch`: brings what a stack has addresses of into the cache, where previews and updates read it. What is kept
// has the SHA-256 that the stack pins, and nothing else.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axios, { AxiosError } from "axios";
import { parseDocument } from "yaml";
import { fetchedFile } from "../config/cluster-api";
import type { LabConfig } from "../config/lab-config";
import { writeWhole } from "../toolchain/cache";
import { PROJECT } from "./stack-settings";
import { stackConfig, stackSettings } from "./stack-values";

export interface Fetched {
  /** Key of the stack that names the address. */
  key: string;
  url: string;
  sha256: string;
  /** The file in the cache. */
  path: string;
  how: "fetched" | "in the cache";
  /** Whether this run has written the SHA-256 into the stack's file. */
  pinned: boolean;
}

export interface FetchOptions {
  /** Write the SHA-256 of what was fetched into the stack's file where it has none. */
  pin: boolean;
}

const ANSWER_MILLISECONDS = 120_000;

/** What a stack has an address of, by key. */
export function addresses(config: LabConfig): { key: string; url: string; sha256?: string }[] {
  return Object.entries(config.clusterApi.sources).flatMap(([part, { url, sha256 }]) =>
    url === undefined ? [] : [{ key: `clusterApi.${part}`, url, ...(sha256 ? { sha256 } : {}) }],
  );
}

/** Fetches all that a stack has addresses of. Throws the first sentence of what went wrong. */
export async function fetchAll(
  repository: string,
  stack: string,
  options: FetchOptions,
): Promise<Fetched[]> {
  const found: Fetched[] = [];
  for (const wanted of addresses(stackConfig(repository, stack)))
    found.push(await fetchOne(wanted, { repository, stack, ...options }));
  return found;
}

type Context = FetchOptions & { repository: string; stack: string };

async function fetchOne(
  { key, url, sha256 }: { key: string; url: string; sha256?: string },
  context: Context,
): Promise<Fetched> {
  if (sha256 !== undefined && isWhole(sha256))
    return { key, url, sha256, path: fetchedFile(sha256), how: "in the cache", pinned: false };
  const content = await download(url);
  const sum = createHash("sha256").update(content).digest("hex");
  if (sha256 !== undefined && sum !== sha256)
    throw new Error(
      `Fetching ${url} failed: its SHA-256 is ${sum}, but ${key}.sha256 is ${sha256}. ` +
        "Nothing was kept. Find out why it has changed before you change the stack.",
    );
  if (sha256 === undefined && !context.pin)
    throw new Error(
      `Fetching ${url} failed: ${key}.sha256 is not given, and what is not pinned is not kept. ` +
        `Compare ${sum} with what its publisher says, then write it into Pulumi.${context.stack}.yaml, or let ` +
        `\`npm run lab -- fetch -s ${context.stack} --pin\` do so.`,
    );
  await writeWhole(fetchedFile(sum), content);
  if (sha256 === undefined) pin(key, sum, context);
  return {
    ...{ key, url, sha256: sum, path: fetchedFile(sum) },
    ...{ how: "fetched", pinned: sha256 === undefined },
  };
}

function isWhole(sha256: string): boolean {
  const file = fetchedFile(sha256);
  if (!existsSync(file)) return false;
  return createHash("sha256").update(readFileSync(file)).digest("hex") === sha256;
}

async function download(url: string): Promise<Uint8Array> {
  try {
    if (url.startsWith("file://")) return await readFile(fileURLToPath(url));
    const { data } = await axios.get<Buffer>(url, {
      responseType: "arraybuffer",
      timeout: ANSWER_MILLISECONDS,
    });
    return data;
  } catch (error) {
    throw new Error(
      `Fetching ${url} failed: ${answerOf(error)}. ` +
        "Look at the address; behind a proxy set HTTPS_PROXY, without a network name a file:// address.",
      { cause: error },
    );
  }
}

function answerOf(error: unknown): string {
  const status = error instanceof AxiosError ? error.response?.status : undefined;
  if (status !== undefined) return `HTTP ${status}`;
  return error instanceof Error ? error.message || String(error.cause) : String(error);
}

/** Writes a SHA-256 beside its address, the file's comments kept. */
function pin(key: string, sha256: string, { repository, stack }: Context): void {
  const file = stackSettings(repository, stack);
  writeFileSync(file, withSha256(readFileSync(file, "utf8"), key, sha256));
}

/** The text of a stack's file with a SHA-256 at `<key>.sha256`. Pure. */
export function withSha256(text: string, key: string, sha256: string): string {
  const document = parseDocument(text);
  const [group = "", part = ""] = key.split(".");
  document.setIn(["config", `${PROJECT}:${group}`, part, "sha256"], sha256);
  return document.toString({ lineWidth: 0 });
}

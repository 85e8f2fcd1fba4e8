// What an image is to hold: a file's size and hash, or what was promised of an address.
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { PrismError, told } from "../prism/errors";
import type { ImageInputs } from "./inputs";
import type { Progress } from "./progress";

export interface Content {
  /** Absent where Prism Central fetches the file itself. */
  file?: string;
  sizeBytes?: number;
  sha256: string;
}

/** The file's size, at once; throws when there is neither a file nor an address. */
export async function sizeOf(inputs: ImageInputs): Promise<number | undefined> {
  const { sourcePath, sourceUri, sha256, name } = inputs;
  if (sourcePath !== undefined) {
    const { size } = await stat(sourcePath).catch((error: unknown) => {
      throw unreadable(sourcePath, error);
    });
    if (size > 0) return size;
    throw new PrismError(`Making image ${name} failed: ${sourcePath} is empty. Build it anew.`);
  }
  if (sourceUri !== undefined && sha256 !== undefined) return undefined;
  throw new PrismError(
    `Making image ${name} failed: it has neither a sourcePath, nor a sourceUri with its sha256. Give one of them.`,
  );
}

/** Size and hash; reads the whole file. */
export async function contentOf(
  inputs: ImageInputs,
  sizeBytes: number | undefined,
  progress: Progress,
): Promise<Content> {
  const promised = inputs.sha256?.toLowerCase();
  const file = inputs.sourcePath;
  if (file === undefined || sizeBytes === undefined) return { sha256: promised ?? "" };
  progress.begin("hashing", sizeBytes);
  const sha256 = await hashOf(file, progress.moved);
  if (promised === undefined || promised === sha256) return { file, sizeBytes, sha256 };
  throw new PrismError(
    `Making image ${inputs.name} failed: the file ${file} has SHA-256 ${sha256}, not ${promised}. Fetch it anew, or correct sha256.`,
  );
}

/** Through one buffer: a stream's would pile up faster than they are collected. */
async function hashOf(file: string, moved: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1024 * 1024);
  const opened = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await opened.read(piece);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(piece.subarray(0, bytesRead));
      moved((bytes += bytesRead));
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await opened.close();
  }
}

function unreadable(file: string, error: unknown): PrismError {
  return new PrismError(
    `Reading the image file ${file} failed: ${told(error)}. Build it first, or correct its path.`,
    { cause: error },
  );
}

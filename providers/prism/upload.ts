// A file sent to Prism Central as it is: from disk to the socket with constant memory, with no limit on the whole
// but one on standstill.
import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import type { PrismClient } from "./client";
import { unreachable } from "./errors";

export interface Upload {
  file: string;
  sizeBytes: number;
  sha256: string;
  /** Told each time some bytes left. */
  onProgress?: (sentBytes: number) => void;
}

const PIECE = 256 * 1024;

/** One attempt. Throws PrismError. */
export async function upload(client: PrismClient, path: string, what: Upload): Promise<void> {
  const idle = client.idleMilliseconds;
  const standstill = new AbortController();
  const timer = setTimeout(() => {
    standstill.abort();
  }, idle);
  let sentBytes = 0;
  const meter = new Transform({
    highWaterMark: PIECE,
    transform(chunk: Buffer, _encoding, done) {
      sentBytes += chunk.length;
      timer.refresh();
      what.onProgress?.(sentBytes);
      done(null, chunk);
    },
  });
  const source = createReadStream(what.file, { highWaterMark: PIECE });
  source.once("error", (error) => meter.destroy(error));
  try {
    await client.stream(path, source.pipe(meter), {
      signal: standstill.signal,
      headers: headersOf(what),
    });
  } catch (error) {
    if (!standstill.signal.aborted) throw error;
    const cause = Object.assign(
      new Error(`nothing moved for ${idle / 1000} s after ${sentBytes} bytes`),
      { code: "ETIMEDOUT" },
    );
    throw unreachable(client.named("PUT", path), cause);
  } finally {
    clearTimeout(timer);
    source.destroy();
    meter.destroy();
  }
}

function headersOf({ sizeBytes, sha256 }: Upload): Record<string, string> {
  return {
    "content-type": "application/octet-stream",
    "content-length": String(sizeBytes),
    "x-nutanix-checksum-type": "SHA_256",
    "x-nutanix-checksum-bytes": sha256,
  };
}

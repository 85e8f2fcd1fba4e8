// Bodies that come slowly or are cut off at a byte, on their way in or out.
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

type Chunks = AsyncIterable<Buffer> | Iterable<Buffer>;

export interface Trouble {
  bytesPerSecond?: number;
  /** Where the connection breaks. */
  cutAt?: number;
  /** Breaks it; throws where the body must not pass for a whole one. */
  cut: () => void;
}

/** A body as one side gets it from the other when the connection is in trouble. */
export function troubled(body: Readable | Buffer | string, trouble: Trouble): Readable {
  let chunks: Chunks = body instanceof Readable ? body : [Buffer.from(body)];
  if (trouble.bytesPerSecond !== undefined) chunks = slowly(chunks, trouble.bytesPerSecond);
  if (trouble.cutAt !== undefined) chunks = cutAfter(chunks, trouble.cutAt, trouble.cut);
  return Readable.from(chunks, { objectMode: false });
}

const BEATS_PER_SECOND = 20;

async function* slowly(chunks: Chunks, bytesPerSecond: number): AsyncGenerator<Buffer> {
  // Below one byte a beat the beats grow longer.
  const step = Math.max(1, Math.floor(bytesPerSecond / BEATS_PER_SECOND));
  const pause = (1000 * step) / bytesPerSecond;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += step) {
      yield chunk.subarray(at, at + step);
      await sleep(pause, undefined, { ref: false });
    }
}

async function* cutAfter(chunks: Chunks, bytes: number, cut: () => void): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  // What was handed on is to be on the wire before the connection goes.
  await sleep(5, undefined, { ref: false });
  cut();
}

// A provider's process whose engine was killed: nobody will hear the result, and the next update may be at the same
// work already. What it writes has no reader then, and Pulumi's SDK would report that failure, to the same stream, for
// ever.
import type { Writable } from "node:stream";

const watched = new WeakSet<Writable>();

/** Ends the process when the stream that the engine reads is closed; asked more than once, it does so once. */
export function endWithEngine(
  stream: Writable = process.stderr,
  end: () => void = () => process.exit(1),
): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  stream.on("error", end);
}

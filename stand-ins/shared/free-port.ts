// A port of 127.0.0.1 for a program that is told its port before it listens. Until it does the port is claimed, so that
// two that look in the same moment never find the same one.
import { randomInt } from "node:crypto";
import { claim, isFree } from "./claim";

// A program that does not listen by then was given up.
const claimMilliseconds = 300_000;

/** Below the range that the kernel takes for outgoing connections, which would compete for it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_000);
    const release = await claim(`port ${port}`);
    if (!release) continue;
    if (await isFree(port)) {
      setTimeout(release, claimMilliseconds).unref();
      return port;
    }
    release();
  }
  throw new Error("Finding a free port failed: 100 ports between 20000 and 32000 are taken.");
}

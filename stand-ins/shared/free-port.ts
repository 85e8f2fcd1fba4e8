// A port of 127.0.0.1 for a program that is told its port before it listens.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the range that the kernel takes for outgoing connections, which would compete for it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error("Finding a free port failed: 100 ports between 20000 and 32000 are taken.");
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

// Things of which one process alone may have each: a port that nothing listens on yet, a file that is read, changed and
// written. A claim is an abstract unix socket named after the thing: the kernel gives it to one process and takes it back
// when that ends, however it ends.
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Gives a claim back. */
export type Release = () => void;

/** Claims what is named, for as long as this process lives; undefined when somebody has it. */
export async function claim(name: string): Promise<Release | undefined> {
  // A digest, since a socket's name takes 107 bytes.
  const digest = createHash("sha256").update(name).digest("hex");
  const server = await listening({ path: `\0nutanix-serverless-lab/${digest}` });
  return server && (() => void server.close());
}

/** Does something while nobody else does something with the same name. Waits for its turn without limit. */
export async function alone<T>(name: string, action: () => T | Promise<T>): Promise<T> {
  for (;;) {
    const release = await claim(name);
    if (release)
      try {
        return await action();
      } finally {
        release();
      }
    await sleep(20);
  }
}

/** Whether a port of 127.0.0.1 is free now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listening({ port, host: "127.0.0.1" });
  server?.close();
  return server !== undefined;
}

function listening(where: { path: string } | { port: number; host: string }) {
  const server = createServer().unref();
  return new Promise<Server | undefined>((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(where, () => resolve(server));
  });
}

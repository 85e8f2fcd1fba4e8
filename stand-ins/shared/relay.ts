// A TCP relay on loopback: what connects to one address is connected to another.
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

export interface Endpoint {
  host: string;
  port: number;
}

export interface Relay {
  close(): void;
}

/** Listens on one endpoint and joins each connection with a new one to the other, which may move. */
export function startRelay(listen: Endpoint, target: Endpoint | (() => Endpoint)): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const there = typeof target === "function" ? target() : target;
    const far = connect({ ...there, allowHalfOpen: true });
    join(near, far);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen.port, listen.host, () => {
      resolve({
        close() {
          server.close();
          for (const socket of open) socket.destroy();
        },
      });
    });
  });
}

/** Joins two connections; when one breaks, the other does. */
export function join(near: Socket, far: Socket): void {
  near.pipe(far);
  far.pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
    one.setNoDelay(true);
  }
}

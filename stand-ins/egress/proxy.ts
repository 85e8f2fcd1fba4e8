// A CONNECT proxy on a unix socket, as an API server's egress selector (HTTPConnect, uds) speaks to it.
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { log } from "../shared/log";
import { join } from "../shared/relay";
import type { Endpoint } from "../shared/relay";
import { parseTarget } from "./resolve";

const dialTimeout = 10_000;

export interface Proxy {
  close(): void;
}

/** Serves CONNECT on the socket; `find` says where a target really is, or throws why there is no way. */
export function serveProxy(socket: string, find: (target: Endpoint) => Endpoint): Promise<Proxy> {
  if (existsSync(socket)) rmSync(socket);
  const server = createServer((request, response) => {
    response
      .writeHead(501)
      .end(`${request.method ?? ""} is not played: this proxy knows CONNECT.\n`);
  });
  server.on("connect", (request, near: Socket, head: Buffer) => {
    near.on("error", () => near.destroy());
    try {
      dial(find(parseTarget(request.url)), request.url ?? "", near, head);
    } catch (error) {
      refuse(near, request.url ?? "", error);
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, () => resolve({ close: () => server.close() }));
  });
}

function dial(endpoint: Endpoint, name: string, near: Socket, head: Buffer): void {
  const far = connect({ ...endpoint, allowHalfOpen: true });
  const fail = (error: Error) =>
    refuse(near, name, new Error(`${endpoint.host}:${endpoint.port} answered: ${error.message}.`));
  far.setTimeout(dialTimeout, () => far.destroy(new Error("no answer in time")));
  far.once("error", fail);
  far.once("connect", () => {
    far.off("error", fail);
    far.setTimeout(0);
    near.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) far.write(head);
    join(near, far);
  });
}

function refuse(near: Socket, target: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const text = `Connecting to ${target} failed: ${reason}\n`;
  log(text.trim());
  near.end(
    `HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

// The machine's way to addresses of 198.18/15: an HTTP CONNECT proxy that dials the twin. Go's clients go through
// HTTPS_PROXY except to loopback addresses: kubeadm to its API server and to etcd, etcd to the other members.
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { twin } from "../shared/addresses";
import { join } from "../shared/relay";
import { memberAddress } from "./etcd-names";

/** A running proxy; `url` is for HTTPS_PROXY. */
export interface Relay {
  url: string;
  close(): void;
}

/** Where a CONNECT request leads: only addresses with a twin are relayed, nothing leaves the machine. */
export function targetOf(authority: string): { host: string; port: number } | undefined {
  const match = /^([\w.-]+):(\d+)$/.exec(authority);
  if (match?.[1] === undefined) return undefined;
  try {
    return { host: twin(memberAddress(match[1])), port: Number(match[2]) };
  } catch {
    return undefined;
  }
}

const relayPort = 3128;

/** The proxy of a machine, for HTTPS_PROXY; the image's catalogue gives the same one to etcd. */
export function relayUrl(twin: string): string {
  return `http://${twin}:${relayPort}`;
}

/** Starts a proxy. Rejects when the port is taken. */
export async function startRelay(address: string, wanted = relayPort): Promise<Relay> {
  const server = createServer((_request, response) => response.writeHead(501).end());
  const open = new Set<Socket>();
  server.on("connect", (request, client: Socket) => {
    const target = targetOf(request.url ?? "");
    if (target === undefined)
      return client.end(`HTTP/1.1 502 ${request.url ?? ""} has no twin\r\n\r\n`);
    const upstream = connect(target, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      join(client, upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

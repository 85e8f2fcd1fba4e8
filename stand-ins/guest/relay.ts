// An HTTP CONNECT proxy for kubeadm: it dials the machine's address N to reach the machine's own API server, which
// listens on the twin L. Go's clients go through HTTPS_PROXY, except to loopback addresses.
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { twin } from "../shared/addresses";
import { join } from "../shared/relay";

/** A running proxy; `url` is for HTTPS_PROXY. */
export interface Relay {
  url: string;
  close(): void;
}

/** Where a CONNECT request leads: only addresses with a twin are relayed, nothing leaves the machine. */
export function targetOf(authority: string): { host: string; port: number } | undefined {
  const match = /^([\d.]+):(\d+)$/.exec(authority);
  if (match?.[1] === undefined) return undefined;
  try {
    return { host: twin(match[1]), port: Number(match[2]) };
  } catch {
    return undefined;
  }
}

/** Starts a proxy on a free port of `address`. */
export async function startRelay(address: string): Promise<Relay> {
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
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

// The small HTTP server of a controller: health, readiness and metrics, each a function asked at every request.
// An address without a host means loopback here, where Go would listen everywhere.

import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Answer {
  ok: boolean;
  body: string;
}
export type Routes = Record<string, () => Answer>;

export interface Probes {
  address: string;
  close(): void;
}

/** Splits a Go listen address such as ":8081" or "127.0.0.1:8081"; undefined for "" and "0", which mean off. */
export function listenAddress(address: string): { host: string; port: number } | undefined {
  if (address === "" || address === "0") return undefined;
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`Listening failed: ${address} is no address. Write HOST:PORT or :PORT.`);
  return { host: address.slice(0, colon) || "127.0.0.1", port };
}

/** Serves the routes on an address, or nothing when the address means off. */
export async function serveProbes(address: string, routes: Routes): Promise<Probes | undefined> {
  const where = listenAddress(address);
  if (where === undefined) return undefined;
  const server = http.createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const route = routes[path];
    const answer = route ? route() : { ok: false, body: `nothing is served at ${path}` };
    response.writeHead(answer.ok ? 200 : route ? 500 : 404, { "Content-Type": "text/plain" });
    response.end(answer.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where.port, where.host, resolve);
  });
  const { address: host, port } = server.address() as AddressInfo;
  return { address: `${host}:${port}`, close: () => server.close() };
}

/** Counters and gauges as Prometheus text; a name may carry labels, as in `runs_total{result="error"}`. */
export class Metrics {
  private readonly values = new Map<string, number>();

  add(name: string, by = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + by);
  }

  set(name: string, value: number): void {
    this.values.set(name, value);
  }

  text(): string {
    return [...this.values].map(([name, value]) => `${name} ${value}\n`).join("");
  }
}

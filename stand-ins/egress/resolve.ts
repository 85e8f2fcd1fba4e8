// Where the API server's outgoing connections go on this machine: ClusterIPs to a ready endpoint, addresses of
// 198.18.0.0/15 to their twins, loopback as it is, nothing else anywhere.
import { isIP } from "node:net";
import { twin } from "../shared/addresses";
import type { KubeObject } from "../shared/kube-client";
import type { Endpoint } from "../shared/relay";

export interface Service extends KubeObject {
  spec?: { clusterIP?: string; clusterIPs?: string[]; ports?: { name?: string; port: number }[] };
}

export interface EndpointSlice extends KubeObject {
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[] | null;
  ports?: { name?: string; port?: number }[] | null;
}

export interface Known {
  services: readonly Service[];
  slices: readonly EndpointSlice[];
}

/** A connection that cannot be made, in one sentence. */
export class NoWayError extends Error {}

/** The socket behind a host and port. Throws a NoWayError. `pick` chooses among several endpoints. */
export function resolve(target: Endpoint, known: Known, pick: (of: number) => number): Endpoint {
  const { host, port } = target;
  if (isIP(host) !== 4) throw new NoWayError(`${host}:${port} is no IPv4 address and port.`);
  const service = known.services.find(({ spec }) => addressesOf(spec).includes(host));
  if (service) return endpointOf(service, port, { known, pick });
  try {
    return { host: twin(host), port };
  } catch {
    throw new NoWayError(
      `${host}:${port} is neither the ClusterIP of a Service nor an address of 198.18.0.0/15, and nothing else is dialled.`,
    );
  }
}

/** "host:port" of a CONNECT request. */
export function parseTarget(text: string | undefined): Endpoint {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text ?? "") ?? [];
  if (host === undefined) throw new NoWayError(`"${text ?? ""}" is not HOST:PORT.`);
  return { host, port: Number(port) };
}

function addressesOf(spec: Service["spec"]): string[] {
  const all = [spec?.clusterIP, ...(spec?.clusterIPs ?? [])];
  return all.filter((address) => address !== undefined && address !== "None") as string[];
}

function endpointOf(
  service: Service,
  port: number,
  { known, pick }: { known: Known; pick: (of: number) => number },
): Endpoint {
  const { name, namespace = "" } = service.metadata;
  const wanted = service.spec?.ports?.find((each) => each.port === port);
  if (!wanted) throw new NoWayError(`Service ${namespace}/${name} has no port ${port}.`);
  const ready = known.slices
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace &&
        metadata.labels?.["kubernetes.io/service-name"] === name,
    )
    .flatMap((slice) => endpointsOf(slice, wanted.name ?? ""));
  const chosen = ready[pick(ready.length)];
  if (!chosen) throw new NoWayError(`Service ${namespace}/${name} has no ready endpoint.`);
  return { host: twin(chosen.host), port: chosen.port };
}

function endpointsOf(slice: EndpointSlice, portName: string): Endpoint[] {
  const port = slice.ports?.find((each) => (each.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port })));
}

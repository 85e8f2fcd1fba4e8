// What all containers of a pod share: addresses, volumes, mapped ports, variables, the way to the API server.
import { join } from "node:path";
import { freePort } from "../shared/free-port";
import { startRelay } from "../shared/relay";
import type { Endpoint, Relay } from "../shared/relay";
import { twin } from "../shared/addresses";
import { placeVolume } from "./volumes";
import type { PlacedVolume, VolumeSources } from "./volumes";
import type { Catalogue, Image, Variables } from "./images";
import type { NodeIdentity, Pod, PodAddress } from "./types";

/** What a pod needs of its node. */
export interface NodeServices {
  node: NodeIdentity;
  /** Read anew for each start, so that a new entry heals a pod. */
  catalogue(): Catalogue;
  variables: Variables;
  /** Under every container's environment. */
  environment: Record<string, string>;
  /** Variables by which in-cluster clients find the API server. */
  apiServer(): Record<string, string>;
  sources(pod: Pod, address: PodAddress): VolumeSources;
  event(pod: Pod, event: PodEvent): void;
}

export interface PodEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

export class PodContext {
  readonly pod: Pod;
  readonly services: NodeServices;
  readonly address: PodAddress;
  readonly folder: string;
  readonly sources: VolumeSources;
  /** containerPort -> the port on 127.0.0.1 that a program was given. */
  readonly ports: Record<string, number> = {};
  volumes = new Map<string, PlacedVolume>();
  private readonly relays: Relay[] = [];

  constructor(pod: Pod, services: NodeServices, place: { address: PodAddress; folder: string }) {
    this.pod = pod;
    this.services = services;
    this.address = place.address;
    this.folder = place.folder;
    this.sources = services.sources(pod, place.address);
  }

  /** Makes the volumes, or brings them up to date. */
  async placeVolumes(): Promise<void> {
    const folder = join(this.folder, "volumes");
    for (const volume of this.pod.spec.volumes ?? [])
      this.volumes.set(volume.name, await placeVolume(volume, folder, this.sources));
  }

  /** Gives an image's ports to it and relays the pod's to them. */
  async mapPorts(image: Image): Promise<void> {
    for (const port of Object.keys(image.ports ?? {})) {
      if (this.ports[port] !== undefined) continue;
      const real = await freePort();
      const listen = { host: this.address.loopback, port: Number(port) };
      this.relays.push(await startRelay(listen, { host: "127.0.0.1", port: real }));
      this.ports[port] = real;
    }
  }

  /** The catalogue's variables for this pod. */
  variables(): Variables {
    const { node, variables } = this.services;
    const ports = Object.entries(this.ports).map(([port, real]) => [`port.${port}`, String(real)]);
    return {
      ...variables,
      "node.name": node.name,
      "node.ip": node.ip,
      "node.loopback": node.loopback,
      "pod.ip": this.address.ip,
      "pod.loopback": this.address.loopback,
      "pod.name": this.pod.metadata.name,
      "pod.namespace": this.pod.metadata.namespace ?? "default",
      ...(Object.fromEntries(ports) as Variables),
    };
  }

  /** Where a port of this pod really is. */
  endpoint(host: string | undefined, port: number): Endpoint {
    const own = host === undefined || host === "" || host === this.address.ip || isLocal(host);
    const mapped = this.ports[String(port)];
    if (own && mapped !== undefined) return { host: "127.0.0.1", port: mapped };
    return { host: own ? this.address.loopback : twin(host), port };
  }

  close(): void {
    for (const relay of this.relays) relay.close();
  }
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1";
}

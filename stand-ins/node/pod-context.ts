// What all containers of a pod share: addresses, volumes, mapped ports, variables, the way to the API server.
import { join } from "node:path";
import { freePort } from "../shared/free-port";
import { startRelay } from "../shared/relay";
import type { Endpoint, Relay } from "../shared/relay";
import { twin } from "../shared/addresses";
import { hostPortsOf } from "./admission";
import type { ApiSources } from "./api-services";
import type { PodEvent } from "./events";
import { placeVolume } from "./volumes";
import type { PlacedVolume, VolumeSources } from "./volumes";
import type { Catalogue, Image, Variables } from "./images";
import type { NodeIdentity, Pod, PodAddress } from "./types";

/** What a pod needs of its node. */
export interface NodeServices {
  node: NodeIdentity;
  allocatable: Record<string, string>;
  /** The program container-shim. */
  shim: string;
  /** Read anew for each start, so that a new entry heals a pod. */
  catalogue(): Catalogue;
  variables: Variables;
  /** Under every container's environment. */
  environment: Record<string, string>;
  /** Variables of Services, by which in-cluster clients find the API server, too. */
  links(pod: Pod): Record<string, string>;
  sources(pod: Pod, changed: () => void): ApiSources;
  forget(pod: Pod): void;
  event(pod: Pod, event: PodEvent): void;
}

export interface PodPlace {
  address: PodAddress;
  /** The pod's own folder, removed at its end. */
  folder: string;
  /** containerPort -> the port on 127.0.0.1 that a program was given, by an earlier life of the node. */
  ports?: Record<string, number>;
}

export class PodContext {
  /** As the API server has it now; its spec stays that of the start. */
  pod: Pod;
  readonly services: NodeServices;
  readonly address: PodAddress;
  readonly folder: string;
  /** containerPort -> the port on 127.0.0.1 that a program was given. */
  readonly ports: Record<string, number> = {};
  volumes = new Map<string, PlacedVolume>();
  private readonly relays = new Map<string, Relay>();
  private readonly api: ApiSources;
  private placing: Promise<void> = Promise.resolve();
  private mapping: Promise<void> = Promise.resolve();

  constructor(pod: Pod, services: NodeServices, place: PodPlace, changed: () => void) {
    this.pod = pod;
    this.services = services;
    this.address = place.address;
    this.folder = place.folder;
    this.api = services.sources(pod, changed);
  }

  /** What environment and files are made from, as of now. */
  get sources(): VolumeSources {
    const { node, allocatable } = this.services;
    return { ...this.api, pod: this.pod, node, address: this.address, allocatable };
  }

  /** Makes the volumes, or brings them up to date; one call after the other. */
  placeVolumes(): Promise<void> {
    this.placing = this.placing.catch(() => undefined).then(() => this.placeNow());
    return this.placing;
  }

  private async placeNow(): Promise<void> {
    const folder = join(this.folder, "volumes");
    const { sources } = this;
    await Promise.all(
      (this.pod.spec.volumes ?? []).map(async (volume) => {
        this.volumes.set(volume.name, await placeVolume(volume, folder, sources));
      }),
    );
  }

  /** Gives an image's ports to it and relays the pod's to them; one call after the other. */
  mapPorts(image: Image): Promise<void> {
    this.mapping = this.mapping.catch(() => undefined).then(() => this.mapNow(image));
    return this.mapping;
  }

  private async mapNow(image: Image): Promise<void> {
    for (const port of Object.keys(image.ports ?? {})) {
      if (this.ports[port] !== undefined) continue;
      await this.relayPort(port, await freePort());
    }
  }

  /** Relays again what programs that still run were given. */
  async restorePorts(ports: Record<string, number>): Promise<void> {
    for (const [port, real] of Object.entries(ports)) await this.relayPort(port, real);
  }

  private async relayPort(port: string, real: number): Promise<void> {
    const listen = { host: this.address.loopback, port: Number(port) };
    await this.relay(listen, { host: "127.0.0.1", port: real });
    this.ports[port] = real;
  }

  /** Opens the ports of the node that the pod asks for. With the host's network they are its own. */
  async openHostPorts(): Promise<void> {
    if (this.pod.spec.hostNetwork) return;
    const { node } = this.services;
    for (const { containerPort, hostPort, hostIP, protocol } of hostPortsOf(this.pod)) {
      if (protocol !== "TCP")
        throw new Error(`hostPort of ${protocol} is not played by this node.`);
      const local = ["", "0.0.0.0", "127.0.0.1", "::"].includes(hostIP);
      const listen = { host: local ? node.loopback : twin(hostIP), port: hostPort };
      await this.relay(listen, () => this.endpoint(undefined, containerPort));
    }
  }

  private async relay(listen: Endpoint, target: Endpoint | (() => Endpoint)): Promise<void> {
    const key = `${listen.host}:${listen.port}`;
    if (this.relays.has(key)) return;
    try {
      this.relays.set(key, await startRelay(listen, target));
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      const reason = taken
        ? "the port is taken. End what listens there."
        : `${(error as Error).message}.`;
      throw new Error(`Listening on ${key} for the pod failed: ${reason}`, { cause: error });
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
    for (const relay of this.relays.values()) relay.close();
    this.relays.clear();
    this.services.forget(this.pod);
  }
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1";
}

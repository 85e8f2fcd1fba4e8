// Prism Central over HTTPS: opens the world, puts the routes together, listens.
import { readFileSync } from "node:fs";
import fastify from "fastify";
import type { Hypervisor } from "../hypervisor/types";
import { Auth } from "./auth";
import { readBehaviour } from "./behaviour";
import { Capacity } from "./capacity";
import { categoryRoutes } from "./categories";
import { Clock } from "./clock";
import { clusterRoutes } from "./clusters";
import type { Controls } from "./debug";
import { debugRoutes } from "./debug";
import { Events } from "./events";
import { faultRoutes } from "./fault-routes";
import { Faults } from "./faults";
import { gpuRoutes } from "./gpus";
import { Guests } from "./guests";
import { hostRoutes } from "./hosts";
import { ImageStore } from "./image-store";
import { imageV3Routes } from "./images-v3";
import { imageV4Routes } from "./images-v4";
import type { UnknownRequests } from "./introspection";
import { introspectionRoutes } from "./introspection";
import { Leases } from "./leases";
import { RateLimit } from "./rate-limit";
import { Requests } from "./requests";
import type { Route } from "./route";
import type { Seed } from "./seed";
import { serve } from "./service";
import { Stats } from "./stats";
import { containerRoutes } from "./storage-containers";
import { subnetRoutes } from "./subnets";
import { taskRoutes } from "./task-routes";
import { tlsFiles } from "./tls";
import { v3Routes } from "./v3";
import { versionRoutes } from "./versions";
import { registerVmWork } from "./vm-work";
import { vmRoutes } from "./vms";
import { volumeGroupRoutes } from "./volume-groups";
import { openWorld } from "./world";

export interface PrismCentralOptions {
  host: string;
  /** 0 for any free one. */
  port: number;
  dataDir: string;
  seed: Seed;
  hypervisor: Hypervisor;
  /** @default the real time */
  now?: () => Date;
}

export interface PrismCentral {
  url: string;
  port: number;
  /** PEM file of the CA that clients may trust. */
  caFile: string;
  /** Ends the server; guests go on. */
  close: () => Promise<void>;
}

/** Starts a Prism Central on what its data folder holds. */
export async function startPrismCentral(options: PrismCentralOptions): Promise<PrismCentral> {
  const clock = new Clock(options.now);
  const tls = await tlsFiles(options.dataDir, options.host, clock.now());
  const faults = new Faults(options.seed.faults);
  const controls = openControls(options, clock, faults);
  const { world, guests, events } = controls;
  const app = fastify({
    https: { key: readFileSync(tls.key), cert: readFileSync(tls.certificate) },
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
  });
  const unknown: UnknownRequests = new Map();
  serve(app, {
    ...controls,
    routes: allRoutes(controls, faults, unknown),
    unknown,
    auth: new Auth(options.seed, clock.now, controls.behaviour.sessionSeconds),
    faults,
    requests: new Requests(world),
    limit: new RateLimit(controls.behaviour.requestsPerSecond, clock.now),
  });
  const url = await app.listen({ host: options.host, port: options.port });
  guests.adopt();
  world.tasks.resume();
  return {
    url,
    port: Number(new URL(url).port),
    caFile: tls.ca,
    close: async () => {
      events.close();
      await app.close();
      await world.tasks.stop();
      world.close();
    },
  };
}

function openControls(options: PrismCentralOptions, clock: Clock, faults: Faults): Controls {
  const events = new Events(clock.now);
  const world = openWorld({ ...options, now: clock.now, clock, faults, events });
  const images = new ImageStore(world);
  return {
    world,
    images,
    guests: new Guests(world, images),
    events,
    stats: new Stats(),
    seed: options.seed,
    behaviour: readBehaviour(options.seed.behaviour),
    nextIds: [],
  };
}

function allRoutes(controls: Controls, faults: Faults, unknown: UnknownRequests): Route[] {
  const { world, images, guests, behaviour, nextIds, seed } = controls;
  const leases = new Leases(world);
  const capacity = new Capacity(world);
  registerVmWork({ world, guests, leases, capacity, behaviour });
  const { vmCreatesPerSecond } = behaviour;
  const routes: Route[] = [
    ...versionRoutes(behaviour.apiVersion),
    ...v3Routes(world),
    ...imageV3Routes(world, images),
    ...taskRoutes(world.tasks),
    ...categoryRoutes(world),
    ...clusterRoutes(world),
    ...hostRoutes(world),
    ...containerRoutes(world),
    ...gpuRoutes(world, capacity),
    ...subnetRoutes(world, leases),
    ...imageV4Routes(world, images),
    ...vmRoutes(world, { vmCreatesPerSecond, nextIds }),
    ...volumeGroupRoutes(world),
    ...faultRoutes(faults),
    ...debugRoutes(controls),
    ...introspectionRoutes(world, guests, {
      routes: () => routes,
      unknown,
      faults,
      behaviour,
      latency: seed.latency,
    }),
  ];
  return routes;
}

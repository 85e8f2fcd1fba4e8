// Prism Central over HTTPS: routes, credentials, faults, errors in the API's shapes, 501 for what is not there.
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastify from "fastify";
import type { Hypervisor } from "../hypervisor/types";
import { Auth } from "./auth";
import { categoryRoutes } from "./categories";
import { clusterRoutes } from "./clusters";
import type { Refusal } from "./errors";
import { ApiError, invalid, notSimulated, v3Error, v4Error } from "./errors";
import { addFaults, faultOf } from "./fault-hooks";
import { faultRoutes } from "./fault-routes";
import { Faults } from "./faults";
import { Guests } from "./guests";
import { ImageStore } from "./image-store";
import { imageV3Routes } from "./images-v3";
import { imageV4Routes } from "./images-v4";
import type { UnknownRequests } from "./introspection";
import { introspectionRoutes } from "./introspection";
import { once } from "./requests";
import type { Call, Reply, Route } from "./route";
import type { Seed } from "./seed";
import { subnetRoutes } from "./subnets";
import { taskRoutes } from "./tasks";
import { tlsFiles } from "./tls";
import { v3Routes } from "./v3";
import { registerVmWork } from "./vm-work";
import { vmRoutes } from "./vms";
import type { World } from "./world";
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
  const now = options.now ?? (() => new Date());
  const tls = await tlsFiles(options.dataDir, options.host, now());
  const faults = new Faults(options.seed.faults);
  const world = openWorld({ ...options, now, faults });
  const images = new ImageStore(world);
  const guests = new Guests(world, images);
  registerVmWork(world, guests);
  const app = fastify({
    https: { key: readFileSync(tls.key), cert: readFileSync(tls.certificate) },
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
  });
  const unknown: UnknownRequests = new Map();
  const routes: Route[] = [
    versionRoute(),
    ...v3Routes(world),
    ...imageV3Routes(world, images),
    ...taskRoutes(world.tasks),
    ...categoryRoutes(world),
    ...clusterRoutes(world),
    ...subnetRoutes(world),
    ...imageV4Routes(world, images),
    ...vmRoutes(world),
    ...faultRoutes(faults),
    ...introspectionRoutes(world, guests, { routes: () => routes, unknown, faults }),
  ];
  serve(app, {
    world,
    routes,
    unknown,
    auth: new Auth(options.seed, now),
    faults,
  });
  const url = await app.listen({ host: options.host, port: options.port });
  guests.adopt();
  world.tasks.resume();
  return {
    url,
    port: Number(new URL(url).port),
    caFile: tls.ca,
    close: async () => {
      await app.close();
      await world.tasks.stop();
      world.close();
    },
  };
}

// Each client of the SDK asks once which version the namespace speaks; `data` is a string here.
function versionRoute(): Route {
  return {
    method: "OPTIONS",
    path: "/api/:namespace/unversioned/info",
    open: true,
    handle: () => ({ status: 200, body: { data: "v4.2" } }),
  };
}

interface Service {
  world: World;
  routes: Route[];
  unknown: UnknownRequests;
  auth: Auth;
  faults: Faults;
}

function serve(app: FastifyInstance, service: Service): void {
  readBodies(app);
  addFaults(app, service.faults, service.auth);
  for (const route of service.routes)
    app.route({
      method: route.method,
      url: route.path,
      handler: (request, answer) => respond(service, route, { request, answer }),
    });
  app.setNotFoundHandler((request, answer) => {
    const path = request.url.split("?")[0] ?? "";
    const name = `${request.method} ${path}`;
    service.unknown.set(name, (service.unknown.get(name) ?? 0) + 1);
    process.stderr.write(`prism-central: ${name} is not simulated\n`);
    refuse(request, answer, notSimulated(name));
  });
  app.setErrorHandler((error, request, answer) => refuse(request, answer, error));
}

// JSON where there is some (actions come with an empty body), everything else as a stream.
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) => {
    try {
      done(null, text === "" ? undefined : JSON.parse(text as string));
    } catch {
      done(invalid("The body is not JSON."));
    }
  });
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
}

async function respond(
  service: Service,
  route: Route,
  { request, answer }: { request: FastifyRequest; answer: FastifyReply },
): Promise<FastifyReply> {
  const path = request.url.split("?")[0] ?? "";
  const user = route.open ? "" : service.auth.user(request.headers);
  // Only v3 logs in with a cookie: one on a v4 answer would make the SDK drop its Authorization header.
  if (user !== "" && path.startsWith("/api/nutanix/v3/") && !request.headers.cookie)
    void answer.header("set-cookie", service.auth.cookieFor(user));
  const call: Call = {
    params: request.params as Call["params"],
    query: request.query as Call["query"],
    headers: request.headers,
    body: request.body,
    stream: request.body instanceof Readable ? request.body : request.raw,
    user,
    listsUntil: horizon(service.world.now(), faultOf(request)?.lag),
  };
  const key = `${request.method} ${path}`;
  const reply = route.once
    ? await once(service.world, call, { key, act: route.handle })
    : await route.handle(call);
  return send(answer, reply);
}

function horizon(now: Date, lag: number | undefined): string | undefined {
  return lag === undefined ? undefined : new Date(now.getTime() - lag).toISOString();
}

function send(answer: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return answer
    .code(status)
    .headers({ server: "envoy", "x-ntnx-product": "prism-central-stand-in", ...headers })
    .send(body);
}

function refuse(request: FastifyRequest, answer: FastifyReply, error: unknown): FastifyReply {
  const refusal: Refusal =
    error instanceof ApiError
      ? error.refusal
      : {
          status: statusOf(error),
          code: "LAB-500",
          group: "INTERNAL_ERROR",
          message: String(error),
        };
  if (refusal.status === 500 && !(error instanceof ApiError))
    process.stderr.write(`prism-central: ${request.method} ${request.url}: ${String(error)}\n`);
  // An upload that is refused early must be read to its end, or its sender sees a reset instead of the reason.
  request.raw.resume();
  const [, api, namespace = ""] = request.url.split("/");
  const isV4 = api === "api" && namespace !== "nutanix";
  const body = isV4 ? v4Error(namespace, refusal) : v3Error(refusal);
  return send(answer, { status: refusal.status, body, headers: refusal.headers });
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : 500;
}

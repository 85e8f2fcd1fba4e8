// The NC2 console over HTTPS: opens the world, puts the routes together, listens; 501 by name for what is not there.
import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import fastify from "fastify";
import { Clock } from "../prism-central/clock";
import { ApiError } from "../prism-central/errors";
import { Events } from "../prism-central/events";
import { addFaults } from "../prism-central/fault-hooks";
import { Faults } from "../prism-central/faults";
import { tlsFiles } from "../prism-central/tls";
import { userOf } from "./auth";
import { clusterRoutes } from "./clusters";
import { type Controls, controlRoutes } from "./controls";
import { organizationRoutes } from "./organizations";
import { badRequest, notSimulated, refusalBody } from "./refusal";
import type { Call, Route } from "./route";
import type { Seed } from "./seed";
import { taskRoutes } from "./tasks";
import { registerWork } from "./work";
import { openWorld } from "./world";

export interface Nc2ConsoleOptions {
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Before all of the console's paths. @default "/api/v2" */
  base?: string;
  dataDir: string;
  seed: Seed;
  /** @default the real time */
  now?: () => Date;
}

export interface Nc2Console {
  /** Base of all paths. */
  url: string;
  port: number;
  /** PEM file of the CA that clients may trust. */
  caFile: string;
  close: () => Promise<void>;
}

/** Starts a console on what its data folder holds. */
export async function startNc2Console(options: Nc2ConsoleOptions): Promise<Nc2Console> {
  const { host, dataDir, seed, base = "/api/v2" } = options;
  const clock = new Clock(options.now);
  const tls = await tlsFiles(dataDir, host, clock.now());
  const faults = new Faults(seed.faults);
  const events = new Events(clock.now);
  const world = openWorld({ dataDir, seed, clock, faults, events });
  registerWork(world);
  const controls: Controls = { world, faults, events, unknown: new Map() };
  const routes: Route[] = [
    ...clusterRoutes(world),
    ...taskRoutes(world),
    ...organizationRoutes(world),
    ...controlRoutes(controls, () => routes),
  ];
  const app = fastify({
    https: { key: readFileSync(tls.key), cert: readFileSync(tls.certificate) },
    forceCloseConnections: true,
  });
  serve(app, controls, routes, base);
  const url = await app.listen({ host, port: options.port });
  world.tasks.resume();
  return {
    url: url + base,
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

function serve(app: FastifyInstance, controls: Controls, routes: Route[], base: string): void {
  readBodies(app);
  addFaults(app, controls.faults, { endSessions: () => undefined });
  app.addHook("onRequest", (_request, answer, done) => {
    // Of its own clock: clients compare it with theirs.
    void answer.header("date", controls.world.clock.now().toUTCString());
    done();
  });
  app.addHook("onResponse", (request, answer, done) => {
    const what = `${request.method} ${pathOf(request)}`;
    if (pathOf(request).startsWith(base))
      controls.events.add({ kind: "request", what, status: String(answer.statusCode) });
    done();
  });
  for (const route of routes)
    app.route({
      method: route.method,
      url: route.own ? route.path : base + route.path,
      handler: (request, answer) => respond(controls, route, { request, answer }),
    });
  app.setNotFoundHandler((request, answer) => {
    const name = `${request.method} ${pathOf(request)}`;
    controls.unknown.set(name, (controls.unknown.get(name) ?? 0) + 1);
    process.stderr.write(`nc2-console: ${name} is not simulated\n`);
    return refuse(answer, notSimulated(name));
  });
  app.setErrorHandler((error, _request, answer) => refuse(answer, error));
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, text, done) => {
    try {
      done(null, text === "" ? undefined : JSON.parse(text as string));
    } catch {
      done(badRequest("The body is not JSON."));
    }
  });
  // Actions may come without a body, whatever type clients give it.
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, text, done) => {
    if (text === "") done(null, undefined);
    else done(badRequest("The body is not JSON."));
  });
}

interface Exchange {
  request: FastifyRequest;
  answer: FastifyReply;
}

async function respond({ world }: Controls, route: Route, { request, answer }: Exchange) {
  const { seed, behaviour, clock } = world;
  const auth = { keys: seed.keys, now: clock.now, tokenSeconds: behaviour.tokenSeconds };
  const user = route.own === "open" ? "" : await userOf(request.headers.authorization, auth);
  const query = request.query as Call["query"];
  // A parameter that is taken in and forgotten would be a lie.
  const unknown = Object.keys(query).find((name) => !(route.query ?? []).includes(name));
  if (unknown !== undefined) throw notSimulated(`Query parameter ${unknown} here`);
  const { params, body } = request;
  const reply = await route.handle({ params: params as Call["params"], query, body, user });
  return answer
    .code(reply.status)
    .headers(reply.headers ?? {})
    .send(reply.body);
}

function refuse(answer: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof ApiError) {
    const { status, message, headers = {} } = error.refusal;
    return answer.code(status).headers(headers).send(refusalBody(message));
  }
  const status = (error as { statusCode?: number } | null)?.statusCode ?? 500;
  return answer.code(status).send(refusalBody(String(error)));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}

// Between HTTP and the routes: bodies, credentials, limits, request ids, errors in the API's shapes, 501 for what is
// not there, and a note of everything that was asked.
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Auth } from "./auth";
import type { Behaviour } from "./behaviour";
import { etagOf, versionOf } from "./envelope";
import type { Refusal } from "./errors";
import { ApiError, invalid, notSimulated, v3Error, v4Error } from "./errors";
import type { Events } from "./events";
import { addFaults, faultOf } from "./fault-hooks";
import type { Faults } from "./faults";
import type { UnknownRequests } from "./introspection";
import { nameOf } from "./introspection";
import type { RateLimit } from "./rate-limit";
import type { Requests } from "./requests";
import type { Call, Reply, Route } from "./route";
import type { Stats } from "./stats";
import type { World } from "./world";

export interface Service {
  world: World;
  routes: Route[];
  unknown: UnknownRequests;
  auth: Auth;
  faults: Faults;
  requests: Requests;
  limit: RateLimit;
  behaviour: Behaviour;
  events: Events;
  stats: Stats;
}

/** Puts the routes on a server that has none yet. */
export function serve(app: FastifyInstance, service: Service): void {
  readBodies(app);
  addFaults(app, service.faults, service.auth);
  const names = new Map(service.routes.map((route) => [route.path, route]));
  app.addHook("onResponse", (request, answer, done) => {
    note(service, names, { request, answer });
    done();
  });
  for (const route of service.routes)
    app.route({
      method: route.method,
      url: route.path,
      handler: (request, answer) => respond(service, route, { request, answer }),
    });
  app.setNotFoundHandler((request, answer) => {
    const name = `${request.method} ${pathOf(request)}`;
    service.unknown.set(name, (service.unknown.get(name) ?? 0) + 1);
    process.stderr.write(`prism-central: ${name} is not simulated\n`);
    refuse(request, answer, notSimulated(name));
  });
  app.setErrorHandler((error, request, answer) => refuse(request, answer, error));
}

interface Exchange {
  request: FastifyRequest;
  answer: FastifyReply;
}

function note(
  { events, stats }: Service,
  names: Map<string, Route>,
  { request, answer }: Exchange,
): void {
  const path = pathOf(request);
  if (!path.startsWith("/api/")) return;
  const { url } = request.routeOptions;
  const route = url === undefined || !names.has(url) ? undefined : url;
  const milliseconds = Math.round(answer.elapsedTime * 100) / 100;
  const name = route ? nameOf({ method: request.method as Route["method"], path: route }) : "none";
  stats.record(name, answer.statusCode, milliseconds);
  events.add({
    kind: "request",
    what: `${request.method} ${path}`,
    status: String(answer.statusCode),
    milliseconds,
    requestId: request.headers["ntnx-request-id"],
    userAgent: request.headers["user-agent"],
  });
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
  { request, answer }: Exchange,
): Promise<FastifyReply> {
  const path = pathOf(request);
  const user = route.open ? "" : service.auth.user(request.headers);
  if (user !== "") void answer.headers(service.limit.take(user));
  // Only v3 logs in with a cookie: one on a v4 answer would make the SDK drop its Authorization header.
  if (user !== "" && path.startsWith("/api/nutanix/v3/") && !request.headers.cookie)
    void answer.header("set-cookie", service.auth.cookieFor(user));
  const call = callOf(service, request, user);
  checkQuery(route, call, path);
  const reply = route.once
    ? await service.requests.once(route, call, path)
    : await route.handle(call);
  return send(answer, faultOf(request)?.staleEtag ? withStaleEtag(reply) : reply);
}

function callOf(service: Service, request: FastifyRequest, user: string): Call {
  const { world, behaviour } = service;
  const lag = Math.max(behaviour.listLag, faultOf(request)?.lag ?? 0);
  return {
    params: request.params as Call["params"],
    query: request.query as Call["query"],
    headers: request.headers,
    body: request.body,
    stream: request.body instanceof Readable ? request.body : request.raw,
    user,
    behaviour,
    ...(lag === 0 ? {} : { listsUntil: new Date(world.now().getTime() - lag).toISOString() }),
  };
}

// A parameter that is taken in and forgotten would be a lie; lists look at their own.
function checkQuery({ query = [] }: Route, call: Call, path: string): void {
  if (query === "list" || !path.startsWith("/api/")) return;
  const unknown = Object.keys(call.query).find((name) => !query.includes(name));
  if (unknown !== undefined) throw notSimulated(`Query parameter ${unknown} here`);
}

function withStaleEtag(reply: Reply): Reply {
  const version = versionOf(reply.headers?.["etag"] ?? "");
  if (version === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, etag: etagOf(version - 1) } };
}

function send(answer: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return answer
    .code(status)
    .headers({ server: "envoy", "x-ntnx-product": "prism-central-stand-in", ...headers })
    .send(body);
}

function refuse(request: FastifyRequest, answer: FastifyReply, error: unknown): FastifyReply {
  const refusal = error instanceof ApiError ? error.refusal : unexpected(error);
  if (refusal.status === 500 && !(error instanceof ApiError))
    process.stderr.write(`prism-central: ${request.method} ${request.url}: ${String(error)}\n`);
  // An upload that is refused early must be read to its end, or its sender sees a reset instead of the reason.
  request.raw.resume();
  const path = pathOf(request);
  const [, api, namespace = ""] = path.split("/");
  const isV4 = api === "api" && namespace !== "nutanix";
  const body = isV4 ? v4Error(namespace, refusal, path) : v3Error(refusal);
  return send(answer, { status: refusal.status, body, headers: refusal.headers });
}

function unexpected(error: unknown): Refusal {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return {
    status: typeof status === "number" ? status : 500,
    code: "LAB-500",
    group: "INTERNAL_ERROR",
    message: String(error),
  };
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}

// The stand-in's own pages, outside of the console's paths: no real console has them, so nothing of the product may use
// them.
import type { Events } from "../prism-central/events";
import type { Faults } from "../prism-central/faults";
import { fieldsOf, textOf } from "../prism-central/route";
import { badRequest, notThere } from "./refusal";
import type { Reply, Route } from "./route";
import { readRules } from "./seed";
import { resetWorld, setStatus, type World } from "./world";

export interface Controls {
  world: World;
  faults: Faults;
  events: Events;
  /** Requests for what is not simulated, counted. */
  unknown: Map<string, number>;
}

export function controlRoutes(controls: Controls, routes: () => Route[]): Route[] {
  const { world, faults, events } = controls;
  const told = () => ok({ faults: faults.statistics() });
  return [
    { method: "GET", path: "/healthz", own: "open", handle: () => ok({}) },
    { method: "GET", path: "/about", own: "open", handle: () => about(controls, routes()) },
    own("GET", "/debug/faults", told),
    own("PUT", "/debug/faults", ({ body }) => {
      faults.replace(readRules(body));
      return told();
    }),
    own("DELETE", "/debug/faults", () => {
      faults.replace([]);
      return told();
    }),
    own("GET", "/debug/events", () => ok({ events: events.after(0) })),
    own("POST", "/debug/reset", () => {
      resetWorld(world);
      return ok({ reset: true });
    }),
    own("GET", "/debug/clock", () => ok({ now: world.clock.now().toISOString() })),
    own("POST", "/debug/clock", ({ body }) => {
      const milliseconds = fieldsOf(body)["advance"];
      if (typeof milliseconds !== "number" || !(milliseconds >= 0))
        throw badRequest('The body must be { "advance": milliseconds }.');
      world.clock.advance(milliseconds);
      return ok({ now: world.clock.now().toISOString() });
    }),
    own("PUT", "/debug/clusters/:id", ({ params, body }) => {
      const id = params["id"] ?? "";
      const status = textOf(fieldsOf(body)["status"]);
      if (status === undefined) throw badRequest('The body must be { "status": text }.');
      if (!world.clusters.get(id)) throw notThere("cluster", id);
      setStatus(world, id, status);
      return ok({ id, status });
    }),
  ];
}

function own(method: Route["method"], path: string, handle: Route["handle"]): Route {
  return { method, path, own: "closed", handle };
}

function about({ world, faults, unknown }: Controls, routes: Route[]): Reply {
  return ok({
    name: "NC2 console stand-in",
    routes: routes.filter((route) => !route.own).map(({ method, path }) => `${method} ${path}`),
    counts: { clusters: world.clusters.size, tasks: world.tasks.table.size },
    behaviour: world.behaviour,
    latency: world.seed.latency,
    faults: faults.statistics(),
    notSimulated: Object.fromEntries(unknown),
  });
}

const ok = (body: object): Reply => ({ status: 200, body });

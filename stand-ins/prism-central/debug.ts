// The stand-in's controls, outside of Prism's paths: what happened, what time it is, which ids the next VMs get, and
// back to the seed. No real Prism Central has them, so nothing of the product may use them.
import type { Behaviour } from "./behaviour";
import { invalid } from "./errors";
import type { Events } from "./events";
import type { Guests } from "./guests";
import type { ImageStore } from "./image-store";
import type { Call, Reply, Route } from "./route";
import { fieldsOf } from "./route";
import type { Seed } from "./seed";
import { seedCategories, seedVolumeGroups } from "./seeding";
import type { Stats } from "./stats";
import type { World } from "./world";

export interface Controls {
  world: World;
  guests: Guests;
  images: ImageStore;
  events: Events;
  stats: Stats;
  seed: Seed;
  behaviour: Behaviour;
  nextIds: string[];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function debugRoutes(controls: Controls): Route[] {
  const { events, stats } = controls;
  return [
    { method: "GET", path: "/debug/events", handle: (call) => readEvents(events, call) },
    { method: "GET", path: "/debug/stats", handle: () => answer({ routes: stats.told() }) },
    { method: "POST", path: "/debug/reset", handle: () => reset(controls) },
    { method: "GET", path: "/debug/clock", handle: () => answer(clockOf(controls)) },
    { method: "POST", path: "/debug/clock", handle: (call) => advance(controls, call) },
    {
      method: "PUT",
      path: "/debug/next-vm-ids",
      handle: ({ body }) => {
        const ids: unknown[] = Array.isArray(body) ? body : [undefined];
        if (!ids.every((id) => typeof id === "string" && UUID.test(id)))
          throw invalid("The body must be a list of UUIDs in lower case.");
        controls.nextIds.splice(0, Infinity, ...(ids as string[]));
        return answer({ nextVmIds: controls.nextIds });
      },
    },
  ];
}

function readEvents(events: Events, { query }: Call): Reply {
  const number = (name: string, fallback: number) => {
    const text = query[name] ?? String(fallback);
    if (!/^\d+$/.test(text)) throw invalid(`${name} must be a whole number, not "${text}".`);
    return Number(text);
  };
  if (query["follow"] === undefined)
    return answer({ events: events.after(number("after", 0), number("limit", 1000)) });
  return {
    status: 200,
    body: events.follow(number("after", 0)),
    headers: { "content-type": "application/x-ndjson" },
  };
}

/** What clients made goes, with the guests and files that belong to it; the seed's world is there again. */
async function reset(controls: Controls): Promise<Reply> {
  const { world, guests, images, seed, stats, nextIds } = controls;
  world.tasks.table.clear();
  for (const vm of world.vms.all()) {
    world.vms.delete(vm.extId);
    await guests.remove(vm.extId);
  }
  for (const image of world.images.all()) await images.discard(image.extId);
  for (const table of [world.volumeGroups, world.categories, world.answers]) table.clear();
  seedCategories(world, seed);
  seedVolumeGroups(world, seed);
  stats.clear();
  nextIds.length = 0;
  return answer({ reset: true });
}

function advance(controls: Controls, { body }: Call): Reply {
  const milliseconds = fieldsOf(body)["advance"];
  if (typeof milliseconds !== "number" || !(milliseconds >= 0))
    throw invalid('The body must be { "advance": milliseconds }.', "advance");
  controls.world.clock.advance(milliseconds);
  return answer(clockOf(controls));
}

function clockOf({ world: { clock } }: Controls) {
  return { now: clock.now().toISOString(), aheadMilliseconds: clock.aheadOfMachine };
}

function answer(body: object): Reply {
  return { status: 200, body };
}

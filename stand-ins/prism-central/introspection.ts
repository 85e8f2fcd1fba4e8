// The stand-in's own pages, outside of Prism's paths: /healthz and /about, and /debug/vms, which says how a VM's
// guest fares. No real Prism Central has them, so nothing of the product may use them.
import type { Behaviour } from "./behaviour";
import { notFound } from "./errors";
import type { Faults } from "./faults";
import type { Guests } from "./guests";
import type { Reply, Route } from "./route";
import { param } from "./route";
import type { Latency } from "./tasks";
import type { World } from "./world";

/** Requests for what is not simulated, counted. */
export type UnknownRequests = Map<string, number>;

export interface About {
  routes: () => Route[];
  unknown: UnknownRequests;
  faults: Faults;
  behaviour: Behaviour;
  latency: Latency;
}

export function introspectionRoutes(world: World, guests: Guests, about: About): Route[] {
  return [
    { method: "GET", path: "/healthz", open: true, handle: () => ({ status: 200, body: {} }) },
    { method: "GET", path: "/about", open: true, handle: () => tellAbout(world, about) },
    {
      method: "GET",
      path: "/debug/vms/:extId",
      handle: (call) => {
        const vm = world.vms.get(param(call, "extId"));
        if (!vm) throw notFound("VM", param(call, "extId"));
        return {
          status: 200,
          body: {
            extId: vm.extId,
            name: vm.name,
            powerState: vm.powerState,
            guest: world.hypervisor.state(vm.extId),
            failure: guests.failureOf(vm.extId) ?? null,
            console: world.hypervisor.consoleFile(vm.extId),
            addresses: vm.nics.flatMap((nic) => nic.ipAddress ?? []),
            // A real one does not show these again.
            userData: vm.userData ?? null,
            metaData: vm.metaData ?? null,
          },
        };
      },
    },
  ];
}

function tellAbout(world: World, about: About): Reply {
  return {
    status: 200,
    body: {
      name: "Prism Central stand-in",
      routes: about.routes().map(nameOf),
      counts: {
        categories: world.categories.size,
        clusters: world.clusters.size,
        hosts: world.hosts.size,
        images: world.images.size,
        subnets: world.subnets.size,
        tasks: world.tasks.table.size,
        vms: world.vms.size,
        volumeGroups: world.volumeGroups.size,
      },
      behaviour: about.behaviour,
      latency: about.latency,
      faults: about.faults.statistics(),
      notSimulated: Object.fromEntries(about.unknown),
    },
  };
}

/** A route as people write it: without the router's pattern for the version. */
export function nameOf({ method, path }: Pick<Route, "method" | "path">): string {
  return `${method} ${path.replace(/\(.*?\)/, "")}`;
}

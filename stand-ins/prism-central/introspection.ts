// The stand-in's own pages, outside of Prism's paths: /healthz and /about, and /debug/vms, which says how a VM's
// guest fares. No real Prism Central has them, so nothing of the product may use them.
import { notFound } from "./errors";
import type { Faults } from "./faults";
import type { Guests } from "./guests";
import type { Route } from "./route";
import { param } from "./route";
import type { World } from "./world";

/** Requests for what is not simulated, counted. */
export type UnknownRequests = Map<string, number>;

export function introspectionRoutes(
  world: World,
  guests: Guests,
  about: { routes: () => Route[]; unknown: UnknownRequests; faults: Faults },
): Route[] {
  return [
    { method: "GET", path: "/healthz", open: true, handle: () => ({ status: 200, body: {} }) },
    {
      method: "GET",
      path: "/about",
      open: true,
      handle: () => ({
        status: 200,
        body: {
          name: "Prism Central stand-in",
          routes: about
            .routes()
            .map(({ method, path }) => `${method} ${path.replace(/\(.*?\)/, "")}`),
          counts: {
            categories: world.categories.size,
            images: world.images.size,
            tasks: world.tasks.table.size,
            vms: world.vms.size,
          },
          faults: about.faults.statistics(),
          notSimulated: Object.fromEntries(about.unknown),
        },
      }),
    },
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
          },
        };
      },
    },
  ];
}

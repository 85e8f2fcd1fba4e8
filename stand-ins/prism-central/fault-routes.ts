// The fault rules at run time, outside of Prism's paths: read with their counters, put in the place of all, removed.
import { readFaultRules } from "./fault-rules";
import type { Faults } from "./faults";
import type { Reply, Route } from "./route";

export function faultRoutes(faults: Faults): Route[] {
  const path = "/debug/faults";
  const told = (): Reply => ({ status: 200, body: { faults: faults.statistics() } });
  return [
    { method: "GET", path, handle: told },
    {
      method: "PUT",
      path,
      handle: ({ body }) => {
        faults.replace(readFaultRules(body));
        return told();
      },
    },
    {
      method: "DELETE",
      path,
      handle: () => {
        faults.replace([]);
        return told();
      },
    },
  ];
}

// When an Ingress is ready: the Services of its paths have endpoints, and a controller has given it an address.

import { type KubeObject, mapsAt, namespaceOf, textAt } from "../kube-object";
import { type Look, notYet, ready, type Verdict } from "./verdict";

/** Its Services are there and its address is known. */
export async function ingressRule(live: KubeObject, look: Look): Promise<Verdict> {
  const names = mapsAt(live, "spec", "rules")
    .flatMap((rule) => mapsAt(rule, "http", "paths"))
    .map((path) => textAt(path, "backend", "service", "name"))
    .filter(Boolean);
  for (const name of new Set(names)) {
    if (!(await isServed(name, live, look))) {
      return notYet(`[1/3] Finding a matching service for each Ingress path (${name})`);
    }
  }
  const addresses = mapsAt(live, "status", "loadBalancer", "ingress");
  if (addresses.length > 0) return ready();
  return notYet("[2/3] Waiting for update of .status.loadBalancer with hostname/IP");
}

async function isServed(name: string, live: KubeObject, look: Look): Promise<boolean> {
  const namespace = namespaceOf(live);
  const named = (kind: string) => ({ apiVersion: "v1", kind, metadata: { name, namespace } });
  if (await look(named("Endpoints"))) return true;
  const service = await look(named("Service"));
  return service !== undefined && textAt(service, "spec", "type") === "ExternalName";
}

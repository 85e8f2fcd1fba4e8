// Version negotiation: each client of the SDK asks a namespace once which version it speaks, without credentials.
import type { Route } from "./route";

/** Namespaces that a Prism Central answers for; of most of them nothing more is simulated. */
const NAMESPACES = [
  "aiops clustermgmt datapolicies dataprotection files iam licensing lifecycle microseg monitoring",
  "networking objects opsmgmt prism security vmm volumes",
].flatMap((names) => names.split(" "));

export function versionRoutes(apiVersion: string): Route[] {
  return NAMESPACES.map((namespace) => ({
    method: "OPTIONS",
    path: `/api/${namespace}/unversioned/info`,
    open: true,
    // `data` is a string here.
    handle: () => ({ status: 200, body: { data: apiVersion } }),
  }));
}

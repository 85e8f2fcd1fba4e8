// Whether Cluster API's and CAPX's manifests are there to be applied.

import { readManifests } from "../../components/cluster-api/manifests";
import type { LabConfig } from "../../config/lab-config";
import { type Finding, findingsOf } from "./finding";

const { ok, warning, failure } = findingsOf("manifests");

/** Reads every source of the stack. `isToolchainMade`: what is rendered from it would be there. */
export function checkManifests(
  stack: string,
  { clusterApi }: LabConfig,
  isToolchainMade: boolean,
): Finding[] {
  const parts = Object.entries(clusterApi.sources);
  const findings = parts.flatMap(([part, source]) =>
    readManifests(source, stack).flatMap(({ problem }) => {
      if (problem === undefined) return [];
      const { said, remedy } = parted(problem);
      const isToCome = source.url === undefined && !isToolchainMade;
      return [(isToCome ? warning : failure)(`${part}: ${said}`, remedy)];
    }),
  );
  if (findings.length > 0) return findings;
  const { version, capxVersion } = clusterApi;
  return [ok(`Cluster API ${version} and CAPX ${capxVersion} are there`)];
}

/** `<what failed>. <what to do>` */
function parted(problem: string): { said: string; remedy: string } {
  const at = problem.indexOf(". ");
  return at < 0
    ? { said: problem, remedy: "Run `npm run lab -- fetch`." }
    : { said: problem.slice(0, at), remedy: problem.slice(at + 2) };
}

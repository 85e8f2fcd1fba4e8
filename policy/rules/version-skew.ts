// Versions that cannot work together: a kubelet newer than its API server or more than three minor versions older, an
// autoscaler of another minor version, a Cluster API that does not know this Kubernetes (config/versions.ts).

import { type Chosen, compareVersions, impossiblePairs, minorOf } from "../../config/versions";
import { rules } from "../../config/rules";
import { at, listAt, objectsOf, type Resource, type Rule, type Violation } from "../rule";

/** Minor versions that a kubelet may be behind its API server (Kubernetes' version skew policy). */
const BEHIND = 3;

export const versionSkew: Rule = {
  name: "version-skew",
  description: "Workers, autoscaler and Cluster API go with the control plane's version.",
  check: (resources) =>
    objectsOf(resources, "KubeadmControlPlane").flatMap(({ object }) => {
      const version = String(at(object, "spec", "version"));
      return [...workers(resources, version), ...others(resources, version)];
    }),
};

function workers(resources: Resource[], version: string): Violation[] {
  return objectsOf(resources, "MachineDeployment").flatMap(({ urn, object }) => {
    const own = String(at(object, "spec", "template", "spec", "version"));
    const newer = compareVersions(own, version) > 0;
    if (!newer && minorNumber(version) - minorNumber(own) <= BEHIND) return [];
    const message =
      `Its workers have ${own} and the control plane has ${version}. ` +
      `Choose the same, or at most ${BEHIND} minor versions older.`;
    return [{ urn, message }];
  });
}

const minorNumber = (version: string) => Number(minorOf(version).split(".")[1]);

/** What is chosen beside Kubernetes, from the objects; what is not there goes with everything. */
function others(resources: Resource[], kubernetes: string): Violation[] {
  const release = resources.find(
    ({ props }) => at(props, "values", "cloudProvider") === "clusterapi",
  );
  const core = controllerOf(resources, "capi-controller-manager");
  const capx = controllerOf(resources, "capx-controller-manager");
  const found: Record<string, { urn?: string; version?: string }> = {
    autoscaler: {
      urn: release?.urn,
      version: versionOf(at(release?.props, "values", "image", "tag")),
    },
    clusterApi: core,
    capx,
  };
  const chosen: Chosen = {
    kubernetes,
    clusterApi: core.version ?? "",
    capx: capx.version ?? "",
    autoscaler: found["autoscaler"]?.version,
  };
  return impossiblePairs(chosen)
    .filter(({ of }) => of === "kubernetes" || chosen[of])
    .map(({ of, allowed }) => ({
      urn: found[of]?.urn ?? core.urn,
      message: `${NAMES[of] ?? of} ${chosen[of] ?? ""} does not go with the rest of the stack. Choose ${allowed}.`,
    }));
}

const NAMES: Partial<Record<keyof Chosen, string>> = {
  kubernetes: "Kubernetes",
  clusterApi: "Cluster API",
  capx: "CAPX",
  autoscaler: "The cluster-autoscaler",
};

/** A controller's Deployment, and the version that its image says. */
function controllerOf(resources: Resource[], name: string) {
  const found = objectsOf(resources, "Deployment").find(
    ({ object }) => object.metadata.name === name,
  );
  const containers = listAt(found?.object, "spec", "template", "spec", "containers");
  const image = containers.map((each) => String(at(each, "image")))[0];
  return { urn: found?.urn, version: versionOf(image?.split(":").at(-1)) };
}

/** A tag of one's own says nothing. */
function versionOf(tag: unknown): string | undefined {
  return typeof tag === "string" && rules.version.accepts(tag) ? tag : undefined;
}

// When an object that runs nothing itself is ready.

import {
  at,
  conditionOf,
  type KubeObject,
  mapAt,
  mapsAt,
  nameOf,
  namespaceOf,
  textAt,
} from "../kube-object";
import { type Look, never, notYet, ready, type Verdict } from "./verdict";
import { conditionIs } from "./workload-rules";

/** Its endpoints are known and none is pending; a LoadBalancer has an address. */
export async function serviceRule(live: KubeObject, look: Look): Promise<Verdict> {
  const type = textAt(live, "spec", "type") || "ClusterIP";
  const waitsForAddress =
    type === "LoadBalancer" && mapsAt(live, "status", "loadBalancer", "ingress").length === 0;
  if (waitsForAddress) return notYet("Waiting for the Service to be given an IP address");
  const selects = Object.keys(mapAt(live, "spec", "selector")).length > 0;
  const headless = at(live, "spec", "clusterIP") === "None";
  if (type === "ExternalName" || headless || !selects) return ready();
  const endpoints = await look({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: nameOf(live), namespace: namespaceOf(live) },
  });
  if (!endpoints) return notYet("[1/3] Finding Pods to direct traffic to");
  const pending = mapsAt(endpoints, "subsets").some(
    (subset) => mapsAt(subset, "notReadyAddresses").length > 0,
  );
  return pending ? notYet("[2/3] Waiting for the Service's Pods to be ready") : ready();
}

/** Active. */
export function namespaceRule(live: KubeObject): Verdict {
  const phase = textAt(live, "status", "phase");
  return phase === "Active" ? ready() : notYet(`Waiting for Namespace to be active (${phase})`);
}

/** Established: its objects can be made. */
export function crdRule(live: KubeObject): Verdict {
  if (conditionIs(live, "Established", "True")) return ready();
  const names = conditionOf(live, "NamesAccepted");
  if (textAt(names, "status") === "False") {
    return never(`[${textAt(names, "reason")}] ${textAt(names, "message")}`);
  }
  return notYet("Waiting for CustomResourceDefinition to be established");
}

/** Bound, or waiting for its first consumer where its class says so. */
export async function claimRule(live: KubeObject, look: Look): Promise<Verdict> {
  const phase = textAt(live, "status", "phase");
  if (phase === "Bound") return ready();
  const className = textAt(live, "spec", "storageClassName");
  const storageClass =
    className === ""
      ? undefined
      : await look({
          apiVersion: "storage.k8s.io/v1",
          kind: "StorageClass",
          metadata: { name: className },
        });
  const mode = textAt(storageClass, "volumeBindingMode");
  if (phase === "Pending" && mode === "WaitForFirstConsumer") return ready();
  return notYet(`Waiting for PersistentVolumeClaim to be bound (${phase})`);
}

/** Available or bound. */
export function volumeRule(live: KubeObject): Verdict {
  const phase = textAt(live, "status", "phase");
  const done = phase === "Available" || phase === "Bound";
  return done ? ready() : notYet(`Waiting for PersistentVolume (${phase})`);
}

// Changes of objects that need a new object, and changes that do not, with what the API server says of each in place.

import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import { type KubeObject, named } from "./objects";

export interface Rule {
  readonly what: string;
  readonly before: KubeObject;
  readonly after: KubeObject;
  /** The keys that replace; none where the change is made in place. */
  readonly replaces: string[];
  /** How the API server refuses the same change in place. */
  readonly said?: string;
}

let number = 0;

/** A case: two contents of one object, the keys that replace it, and the API server's refusal. */
function rule(
  [apiVersion, kind, what]: [string, string, string],
  [before, after]: [PropertyMap, PropertyMap],
  replaces: string[] = [],
  said?: string,
): Rule {
  number += 1;
  const name = `rule-${number}`;
  const whole = (rest: PropertyMap): KubeObject => ({
    ...named(kind, name, rest, { "pulumi.com/skipAwait": "true" }),
    apiVersion,
  });
  return { what, before: whole(before), after: whole(after), replaces, ...(said && { said }) };
}

const spec = (...specs: [PropertyMap, PropertyMap]): [PropertyMap, PropertyMap] => [
  { spec: specs[0] },
  { spec: specs[1] },
];

const containers = (image: string) => [{ name: "c", image }];
/** A pod that fits on no node. */
const nowhere = { nodeSelector: { none: "such" } };
const podSpec = (rest: PropertyMap) => ({ containers: containers("a"), ...nowhere, ...rest });
const labels = { app: "a", tier: "b" };
const template = (rest: PropertyMap = {}) => ({ metadata: { labels }, spec: podSpec(rest) });
const workload = (key: "app" | "tier", rest: PropertyMap = {}) => ({
  selector: { matchLabels: { [key]: labels[key] } },
  template: template(),
  ...rest,
});
const selectors: [PropertyMap, PropertyMap] = spec(workload("app"), workload("tier"));
const selectorKeys = ["spec.selector.matchLabels.app", "spec.selector.matchLabels.tier"];
const job = (rest: PropertyMap, pod: PropertyMap = {}) => {
  const of = template({ restartPolicy: "Never", ...pod });
  return { suspend: true, template: of, ...rest };
};
const claim = (storageClassName: string, mode: string) => ({
  accessModes: [mode],
  storageClassName,
  resources: { requests: { storage: "1Gi" } },
});
const volume = (path: string) => ({
  accessModes: ["ReadWriteOnce"],
  capacity: { storage: "1Gi" },
  nfs: { server: "nfs.example.com", path },
});
const ports = [{ port: 80 }];
const rbac = "rbac.authorization.k8s.io/v1";
const role = (name: string) => ({
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
});
const fixed = "field is immutable";

export const rules: Rule[] = [
  rule(["apps/v1", "Deployment", "another selector"], selectors, selectorKeys, fixed),
  rule(
    ["apps/v1", "Deployment", "another image"],
    spec(workload("app"), workload("app", { template: template({ containers: containers("b") }) })),
  ),
  rule(["apps/v1", "DaemonSet", "another selector"], selectors, selectorKeys, fixed),
  rule(
    ["apps/v1", "StatefulSet", "another Service"],
    spec(workload("app", { serviceName: "a" }), workload("app", { serviceName: "b" })),
    ["spec.serviceName"],
    "updates to statefulset spec for fields other than",
  ),
  rule(
    ["apps/v1", "StatefulSet", "more replicas"],
    spec(workload("app", { replicas: 1 }), workload("app", { replicas: 2 })),
  ),
  rule(
    ["batch/v1", "Job", "another pod"],
    spec(job({}), job({}, { terminationGracePeriodSeconds: 1 })),
    ["spec.template.spec.terminationGracePeriodSeconds"],
    fixed,
  ),
  rule(
    ["batch/v1", "Job", "more completions"],
    spec(job({ completions: 1 }), job({ completions: 2 })),
    ["spec.completions"],
    fixed,
  ),
  rule(["batch/v1", "Job", "going on"], spec(job({}), job({ suspend: false }))),
  rule(
    ["v1", "Pod", "another host name"],
    spec(podSpec({ hostname: "a" }), podSpec({ hostname: "b" })),
    ["spec.hostname"],
    "pod updates may not change fields other than",
  ),
  rule(["v1", "Pod", "a deadline"], spec(podSpec({}), podSpec({ activeDeadlineSeconds: 9 }))),
  rule(
    ["v1", "Service", "no address"],
    spec({ ports }, { ports, clusterIP: "None" }),
    ["spec.clusterIP"],
    "may not change once set",
  ),
  rule(["v1", "Service", "a node's port"], spec({ ports }, { ports, type: "NodePort" })),
  rule(
    ["v1", "PersistentVolumeClaim", "another class"],
    spec(claim("a", "ReadWriteOnce"), claim("b", "ReadWriteOnce")),
    ["spec.storageClassName"],
    "spec is immutable after creation",
  ),
  rule(
    ["v1", "PersistentVolumeClaim", "another mode"],
    spec(claim("a", "ReadWriteOnce"), claim("a", "ReadWriteMany")),
    ["spec.accessModes[0]"],
    "spec is immutable after creation",
  ),
  rule(
    ["v1", "PersistentVolume", "another source"],
    spec(volume("/a"), volume("/b")),
    ["spec.nfs.path"],
    "spec.persistentvolumesource is immutable after creation",
  ),
  rule(
    ["v1", "ResourceQuota", "another scope"],
    spec({ scopes: ["BestEffort"] }, { scopes: ["Terminating"] }),
    ["spec.scopes[0]"],
    fixed,
  ),
  rule(
    [rbac, "ClusterRoleBinding", "another role"],
    [role("view"), role("edit")],
    ["roleRef.name"],
    "cannot change roleRef",
  ),
  rule(
    [rbac, "RoleBinding", "another role"],
    [role("view"), role("edit")],
    ["roleRef.name"],
    "cannot change roleRef",
  ),
  rule(
    ["storage.k8s.io/v1", "StorageClass", "another provisioner"],
    [{ provisioner: "a.example.com" }, { provisioner: "b.example.com" }],
    ["provisioner"],
    fixed,
  ),
  rule(
    ["storage.k8s.io/v1", "StorageClass", "another parameter"],
    [
      { provisioner: "a.example.com", parameters: { a: "1" } },
      { provisioner: "a.example.com", parameters: { a: "2" } },
    ],
    ["parameters.a"],
    fixed,
  ),
  rule(
    ["v1", "Secret", "another type"],
    [{ type: "Opaque" }, { type: "example.com/other" }],
    ["type"],
    fixed,
  ),
  rule(
    ["v1", "Secret", "other data where they are fixed"],
    [
      { immutable: true, stringData: { a: "1" } },
      { immutable: true, stringData: { a: "2" } },
    ],
    ["data.a"],
    "field is immutable when `immutable` is set",
  ),
  rule(
    ["v1", "ConfigMap", "other data where they are fixed"],
    [
      { immutable: true, data: { a: "1" } },
      { immutable: true, data: { a: "2" } },
    ],
    ["data.a"],
    "field is immutable when `immutable` is set",
  ),
];

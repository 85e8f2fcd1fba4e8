// What the provider waits for, on a real control plane whose nodes and pods KWOK plays.

import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";
import type { KubeClient } from "../../../stand-ins/pulumi-resource-kubernetes/client";
import { at } from "../../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { adminOf, patch, startCluster, type TestCluster, until } from "./cluster";
import { Driver, failureOf, inputsOf, type Made } from "./driver";

let cluster: TestCluster;
let admin: KubeClient;

beforeAll(async () => {
  cluster = await startCluster();
  admin = adminOf(cluster.kubeconfig);
  const annotations = { "pulumi.com/waitFor": "condition=Ready" };
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "fake", annotations } };
  await driver().create("kubernetes:core/v1:Node", node);
}, 240_000);

afterAll(() => cluster.stop(), 60_000);

const driver = (variables = {}) => new Driver(cluster.kubeconfig, variables);

interface Parts {
  readonly annotations?: PropertyMap;
  readonly spec?: PropertyMap;
}

const named = (kind: string, name: string, { annotations, ...rest }: Parts, version = "v1") => ({
  apiVersion: version,
  kind,
  metadata: { name, ...(annotations && { annotations }) },
  ...rest,
});

const containers = [{ name: "web", image: "web:1" }];
/** A pod that fits on no node stays as it was made, until the test changes its status. */
const nowhere = { nodeSelector: { none: "such" } };

/** A workload around pods with this label. */
function workload(kind: string, app: string, parts: Parts & { pod?: PropertyMap }): PropertyMap {
  const labels = { app };
  const template = { metadata: { labels }, spec: { containers, ...parts.pod } };
  const spec = { selector: { matchLabels: labels }, template, ...parts.spec };
  return named(kind, app, { annotations: parts.annotations, spec }, "apps/v1");
}

const job = (name: string, annotations: PropertyMap, pod: PropertyMap = {}) => {
  const template = { spec: { containers, restartPolicy: "Never", ...pod } };
  return named("Job", name, { annotations, spec: { template } }, "batch/v1");
};

const statusOf = ({ outputs }: Made, ...path: string[]) => at(outputs, "status", ...path);
const inNamespace = (plural: string, name: string) =>
  `/api/v1/namespaces/default/${plural}/${name}`;

test("Pod: ready when it runs, hopeless when it has failed", async () => {
  const type = "kubernetes:core/v1:Pod";
  const made = await driver().create(type, named("Pod", "runs", { spec: { containers } }));
  expect(statusOf(made, "phase")).toBe("Running");

  const failing = driver();
  const stuck = named("Pod", "fails", { spec: { containers, ...nowhere } });
  const creating = failureOf(failing.create(type, stuck));
  await until(
    () => Promise.resolve(failing.status),
    (said) => said.length > 0,
  );
  const status = { phase: "Failed", message: "out of luck" };
  await patch(admin, `${inNamespace("pods", "fails")}/status`, { status });
  const { id, reasons, outputs } = await creating;
  expect([id, at(outputs, "status", "phase")]).toEqual(["default/fails", "Failed"]);
  expect(reasons[0]).toBe(
    'resource "urn:kubernetes:core/v1:Pod" was successfully created, but the Kubernetes API server ' +
      "reported that it failed to fully initialize or become live: 'fails' failed: Pod failed: out of luck",
  );
  expect(failing.status[0]).toBe("Waiting for Pod to be ready (Pending)");
});

test("Job: ready when complete, and replaced while it is not if replaceUnready says so", async () => {
  const type = "kubernetes:batch/v1:Job";
  const annotations = { "pulumi.com/replaceUnready": "true" };
  const done = await driver().create(type, job("done", annotations));
  expect(statusOf(done, "succeeded")).toBe(1);
  expect((await driver().diff(done, job("done", annotations))).changes).toBe("none");

  const skip = { ...annotations, "pulumi.com/skipAwait": "true" };
  const stuck = await driver().create(type, job("stuck", skip, nowhere));
  expect(await driver().diff(stuck, job("stuck", skip, nowhere))).toEqual({
    changes: "some",
    replaces: ['.metadata.annotations["pulumi.com/replaceUnready"]'],
    deleteBeforeReplace: true,
    detailedDiff: {},
  });
});

test("a Job that has failed ends the wait at once", async () => {
  const failing = driver();
  const template = { spec: { containers, restartPolicy: "Never", ...nowhere } };
  const spec = { template, activeDeadlineSeconds: 1 };
  const late = named("Job", "late", { spec }, "batch/v1");
  const { reasons } = await failureOf(failing.create("kubernetes:batch/v1:Job", late));
  expect(reasons[0]).toContain("'late' failed: [DeadlineExceeded] Job was active longer than");
});

test("Deployment: skipAwait does not wait, a refresh judges it nonetheless", async () => {
  const type = "kubernetes:apps/v1:Deployment";
  const skip = { annotations: { "pulumi.com/skipAwait": "true" } };
  const made = await driver().create(
    type,
    workload("Deployment", "idle", { ...skip, pod: nowhere }),
  );
  expect(statusOf(made, "availableReplicas")).toBeUndefined();
  expect((await driver().read(made))?.id).toBe("default/idle");

  const awaited = await driver().create(type, workload("Deployment", "seen", {}));
  expect(statusOf(awaited, "availableReplicas")).toBe(1);
  const plural = "/apis/apps/v1/namespaces/default/deployments/seen";
  await patch(admin, plural, { spec: { template: { spec: nowhere } } });
  await until(
    async () => (await admin.request("GET", plural)).object,
    (live) => at(live, "status", "replicas") === 2 && at(live, "status", "updatedReplicas") === 1,
  );
  const failed = await failureOf(driver().read(awaited));
  expect(failed.reasons[0]).toBe(
    "Resource 'seen' was created but failed to initialize: " +
      "Waiting for app ReplicaSet to be available (1/1 Pods available)",
  );
  expect(at(failed.inputs, "metadata", "name")).toBe("seen");
});

test("a time-out comes from the resource option, then from the annotation; a cancel ends any wait", async () => {
  const type = "kubernetes:apps/v1:Deployment";
  const slow = workload("Deployment", "slow", {
    annotations: { "pulumi.com/timeoutSeconds": "600" },
    pod: nowhere,
  });
  const timedOut = await failureOf(driver().create(type, slow, { timeoutSeconds: 1 }));
  expect(timedOut.reasons[0]).toContain("'slow' timed out waiting to be Ready: Waiting for app");
  expect(timedOut.reasons.slice(1).join("\n")).toMatch(
    /Pod default\/slow-\S+\]: \[Unschedulable\]/,
  );

  const cancelled = driver();
  const updating = failureOf(cancelled.update({ type, ...timedOut }, slow));
  await until(
    () => Promise.resolve(cancelled.status),
    (said) => said.length > 0,
  );
  cancelled.cancel.abort();
  expect((await updating).reasons[0]).toBe(
    'the Kubernetes API server reported that "default/slow" failed to fully initialize or become live: ' +
      'Resource operation was cancelled for "slow"',
  );
});

test("the annotation's time-out ends a wait as well; the message has the events of the pods", async () => {
  const type = "kubernetes:apps/v1:Deployment";
  const tired = (annotations: PropertyMap) =>
    workload("Deployment", "tired", { annotations, pod: nowhere });
  const made = await driver().create(type, tired({ "pulumi.com/skipAwait": "true" }));
  const fieldSelector = "reason=FailedScheduling";
  await until(
    () => admin.request("GET", "/api/v1/namespaces/default/events", { query: { fieldSelector } }),
    ({ object }) => JSON.stringify(object).includes('"name":"tired-'),
  );
  const began = Date.now();
  const changing = driver().update(made, tired({ "pulumi.com/timeoutSeconds": "1" }));
  const { reasons, outputs } = await failureOf(changing);
  expect(Date.now() - began).toBeLessThan(60_000);
  expect(reasons[0]).toContain("'tired' timed out waiting to be Ready: Waiting for app");
  expect(reasons.at(-1)).toMatch(
    /^\[Pod tired-\w+-\w+\]: FailedScheduling: 0\/1 nodes are available: 1 node\(s\) didn't match/,
  );
  const kept = { "pulumi.com/timeoutSeconds": "1" };
  expect(at(inputsOf(outputs), "metadata", "annotations")).toEqual(kept);
});

test("StatefulSet and DaemonSet: ready when all their pods are", async () => {
  const parts = { spec: { serviceName: "set", replicas: 2 } };
  const set = workload("StatefulSet", "set", parts);
  const madeSet = await driver().create("kubernetes:apps/v1:StatefulSet", set);
  expect(statusOf(madeSet, "readyReplicas")).toBe(2);
  const madeDaemons = await driver().create(
    "kubernetes:apps/v1:DaemonSet",
    workload("DaemonSet", "daemons", {}),
  );
  expect(statusOf(madeDaemons, "numberAvailable")).toBe(1);
});

test("Service: waits for pods that are not ready, and a load balancer for its address", async () => {
  const type = "kubernetes:core/v1:Service";
  const labels = { app: "behind" };
  await driver().create("kubernetes:core/v1:Pod", {
    ...named("Pod", "behind", { spec: { containers } }),
    metadata: { name: "behind", labels },
  });
  const ready = (status: string) =>
    patch(admin, `${inNamespace("pods", "behind")}/status`, {
      status: { conditions: [{ type: "Ready", status }] },
    });
  await ready("False");
  const ports = [{ port: 80 }];
  const waiting = driver();
  const making = waiting.create(
    type,
    named("Service", "web", { spec: { selector: labels, ports } }),
  );
  await until(
    () => Promise.resolve(waiting.status),
    (said) => said.includes("[2/3] Waiting for the Service's Pods to be ready"),
  );
  await ready("True");
  expect((await making).id).toBe("default/web");

  const balanced = driver();
  const spec = { type: "LoadBalancer", ports };
  const balancing = balanced.create(type, named("Service", "out", { spec }));
  await until(
    () => Promise.resolve(balanced.status),
    (said) => said.length > 0,
  );
  expect(balanced.status[0]).toBe("Waiting for the Service to be given an IP address");
  const status = { loadBalancer: { ingress: [{ ip: "198.18.0.9" }] } };
  await patch(admin, `${inNamespace("services", "out")}/status`, { status });
  expect(statusOf(await balancing, "loadBalancer", "ingress")).toEqual([
    { ip: "198.18.0.9", ipMode: "VIP" },
  ]);
});

test("Ingress: waits for its Services and for its address", async () => {
  const version = "networking.k8s.io/v1";
  const backend = { service: { name: "web", port: { number: 80 } } };
  const paths = [{ path: "/", pathType: "Prefix", backend }];
  const spec = { rules: [{ host: "a.example.com", http: { paths } }] };
  const waiting = driver();
  const making = waiting.create(
    `kubernetes:${version}:Ingress`,
    named("Ingress", "in", { spec }, version),
  );
  const address = "[2/3] Waiting for update of .status.loadBalancer with hostname/IP";
  await until(
    () => Promise.resolve(waiting.status),
    (said) => said.includes(address),
  );
  const status = { loadBalancer: { ingress: [{ hostname: "a.example.com" }] } };
  await patch(admin, `/apis/${version}/namespaces/default/ingresses/in/status`, { status });
  expect((await making).id).toBe("default/in");
});

test("PersistentVolumeClaim: bound, or waiting for its first consumer", async () => {
  const provisioner = "none.example.com";
  await driver().create("kubernetes:storage.k8s.io/v1:StorageClass", {
    ...named("StorageClass", "later", {}, "storage.k8s.io/v1"),
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
  });
  const type = "kubernetes:core/v1:PersistentVolumeClaim";
  const claim = (name: string, storageClassName: string) => {
    const resources = { requests: { storage: "1Gi" } };
    const spec = { accessModes: ["ReadWriteOnce"], storageClassName, resources };
    return named("PersistentVolumeClaim", name, { spec });
  };
  expect((await driver().create(type, claim("later", "later"))).id).toBe("default/later");
  const { reasons } = await failureOf(
    driver().create(type, claim("never", "none"), { timeoutSeconds: 1 }),
  );
  expect(reasons[0]).toContain("Waiting for PersistentVolumeClaim to be bound (Pending)");
});

test("Namespace: active when made, gone with all that is in it when removed", async () => {
  const type = "kubernetes:core/v1:Namespace";
  const made = await driver().create(type, named("Namespace", "brief", {}));
  expect(statusOf(made, "phase")).toBe("Active");
  const inside = { name: "held", namespace: "brief", finalizers: ["example.com/held"] };
  await driver().create("kubernetes:core/v1:ConfigMap", {
    ...named("ConfigMap", "held", {}),
    metadata: inside,
  });
  const removing = driver();
  const removal = removing.remove(made);
  await until(
    () => Promise.resolve(removing.status),
    (said) => said.length > 0,
  );
  expect(removing.status[0]).toContain("Waiting for Namespace brief to be deleted");
  const held = "/api/v1/namespaces/brief/configmaps/held";
  await patch(admin, held, { metadata: { finalizers: null } });
  await removal;
  expect(await driver().read(made)).toBeUndefined();
});

test("a deletion that does not end keeps the object in state, and says what holds it", async () => {
  const type = "kubernetes:core/v1:ConfigMap";
  const metadata = { name: "kept", finalizers: ["example.com/kept"] };
  const made = await driver().create(type, { ...named("ConfigMap", "kept", {}), metadata });
  const { id, reasons } = await failureOf(driver().remove(made, 1));
  expect([id, reasons]).toEqual([
    "default/kept",
    [
      "deletion of ConfigMap default/kept did not end: 'kept' timed out waiting to be Ready: " +
        "Waiting for ConfigMap default/kept to be deleted, held by example.com/kept",
    ],
  ]);
  await patch(admin, inNamespace("configmaps", "kept"), { metadata: { finalizers: null } });
});

test("waitFor takes conditions and paths, one or a list, on any kind", async () => {
  const type = "kubernetes:core/v1:ConfigMap";
  const waiting = driver();
  const annotations = {
    "pulumi.com/waitFor": '["jsonpath={.data.first}","jsonpath={.data.second}=done"]',
  };
  const making = waiting.create(type, named("ConfigMap", "slow", { annotations }));
  const first = "Waiting for {.data.first}, now absent";
  await until(
    () => Promise.resolve(waiting.status),
    (said) => said.includes(first),
  );
  await patch(admin, inNamespace("configmaps", "slow"), { data: { first: "1", second: "begun" } });
  const second = "Waiting for {.data.second}=done, now begun";
  await until(
    () => Promise.resolve(waiting.status),
    (said) => said.includes(second),
  );
  await patch(admin, inNamespace("configmaps", "slow"), { data: { second: "done" } });
  expect((await making).outputs["data"]).toEqual({ first: "1", second: "done" });

  const wrong = { "pulumi.com/waitFor": "Ready" };
  await expect(
    driver().create(type, named("ConfigMap", "not", { annotations: wrong })),
  ).rejects.toThrow('expected a "jsonpath=" or "condition=" prefix, got "Ready"');
});

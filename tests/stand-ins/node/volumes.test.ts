// Volumes and environment of pods against the real API server: what is in them, with which modes, and that they are kept up to date.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokens } from "../../../stand-ins/node/tokens";
import type { Pod } from "../../../stand-ins/node/types";
import { placeVolume } from "../../../stand-ins/node/volumes";
import { Cluster, eventually, nodeName, shell } from "./cluster";
import { review } from "./pod-views";

jest.setTimeout(120_000);

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.create(
    { ...configMap("settings", { one: "1", two: "2" }), binaryData: { raw: "AAEC" } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "keys" }, stringData: { key: "s3cret" } },
  );
}, 300_000);

afterAll(() => cluster.stop(), 120_000);

function configMap(name: string, data: Record<string, string>) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

function mounts(...paths: string[]) {
  return { volumeMounts: paths.map((mountPath) => ({ name: mountPath.slice(1), mountPath })) };
}

test("a configMap volume has its keys as files, items choose and rename, modes are as asked for", async () => {
  const list =
    "cd /all; ls; cat one two; od -An -tx1 raw; stat -Lc %a one; cd /some; ls; cat a/b; stat -Lc %a a/b";
  const pod = shell("configmap", list, mounts("/all", "/some"), {
    volumes: [
      { name: "all", configMap: { name: "settings" } },
      {
        name: "some",
        configMap: {
          name: "settings",
          defaultMode: 0o600,
          items: [{ key: "two", path: "a/b", mode: 0o440 }],
        },
      },
    ],
  });
  expect((await cluster.said(pod)).split(/\s+/)).toEqual([
    "one",
    "raw",
    "two",
    "12",
    "00",
    "01",
    "02",
    "644",
    "a",
    "2440",
    "",
  ]);
});

test("a secret volume, an optional one that is not there, and a volume that is read-only", async () => {
  const script =
    "cat /keys/key; stat -Lc ' %a' /keys/key; ls -A /none | grep -v '^\\.\\.'; touch /keys/x";
  const pod = shell("secret", script, mounts("/keys", "/none"), {
    volumes: [
      { name: "keys", secret: { secretName: "keys", defaultMode: 0o400 } },
      { name: "none", secret: { secretName: "nobody", optional: true } },
    ],
  });
  expect(await cluster.said(pod)).toBe(
    "s3cret 400\ntouch: cannot touch '/keys/x': Read-only file system\n",
  );
});

test("a missing configMap holds the pod back, says so, and its coming lets it go on", async () => {
  const pod = shell("late", "cat /late/word", mounts("/late"), {
    volumes: [{ name: "late", configMap: { name: "late" } }],
  });
  await cluster.create(pod);
  const told = await eventually("the event", async () =>
    (await cluster.events("late")).find((event) => event.startsWith("FailedMount")),
  );
  expect(told).toBe('FailedMount: configmap "late" not found');
  await cluster.create(configMap("late", { word: "now" }));
  await cluster.pod("late", ({ status }) => status?.phase === "Succeeded");
  expect((await cluster.kubectl("logs", "late")).stdout).toBe("now\n");
});

test("a changed configMap reaches a running pod through ..data, but not a subPath", async () => {
  await cluster.create(configMap("moving", { word: "old" }));
  const script =
    "while ! grep -q new /whole/word; do sleep 0.1; done; readlink /whole/word; cat /whole/word /part";
  const container = {
    volumeMounts: [
      { name: "v", mountPath: "/whole" },
      { name: "v", mountPath: "/part", subPath: "word" },
    ],
  };
  const volumes = [{ name: "v", configMap: { name: "moving" } }];
  const pod = shell("moving", script, container, { volumes });
  await cluster.create(pod);
  await cluster.pod("moving", ({ status }) => status?.phase === "Running");
  await cluster.kubectl("patch", "configmap", "moving", "-p", '{"data":{"word":"new"}}');
  await cluster.pod("moving", ({ status }) => status?.phase === "Succeeded");
  expect((await cluster.kubectl("logs", "moving")).stdout).toBe("..data/word\nnewold\n");
});

test("the downward API tells fields and resources, and follows the pod's labels", async () => {
  const items = [
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    { path: "name", fieldRef: { fieldPath: "metadata.name" } },
    {
      path: "cpu",
      resourceFieldRef: { containerName: "main", resource: "limits.cpu", divisor: "1m" },
    },
  ];
  const script =
    "cat /down/name /down/cpu; while ! grep -q b= /down/labels; do sleep 0.1; done; cat /down/labels";
  const container = { ...mounts("/down"), resources: { limits: { cpu: "100m" } } };
  const pod = shell("down", script, container, {
    volumes: [{ name: "down", downwardAPI: { items } }],
  });
  await cluster.create({ ...pod, metadata: { name: "down", labels: { a: "1" } } });
  await cluster.pod("down", ({ status }) => status?.phase === "Running");
  await cluster.kubectl("label", "pod", "down", "b=2");
  await cluster.pod("down", ({ status }) => status?.phase === "Succeeded");
  expect((await cluster.kubectl("logs", "down")).stdout).toBe('down100a="1"\nb="2"\n');
});

test("an emptyDir is shared by containers, survives their restarts, takes subPath and subPathExpr", async () => {
  const init = {
    name: "init",
    image: "example.org/shell:v1",
    command: ["sh", "-c", "stat -c %a /data; echo first > /data/main/word"],
    env: [{ name: "WHO", value: "main" }],
    volumeMounts: [
      { name: "data", mountPath: "/data" },
      { name: "data", mountPath: "/own", subPathExpr: "$(WHO)" },
    ],
  };
  const script = "cat word; echo more >> word; [ $(wc -l < word) = 3 ] || exit 1";
  const container = {
    workingDir: "/here",
    volumeMounts: [{ name: "data", mountPath: "/here", subPath: "main" }],
  };
  const pod = shell("empty", script, container, {
    initContainers: [init],
    restartPolicy: "OnFailure",
    volumes: [{ name: "data", emptyDir: {} }],
  });
  expect(await cluster.said(pod)).toBe("first\nmore\n");
  expect((await cluster.kubectl("logs", "empty", "-c", "init")).stdout).toBe("777\n");
});

test("a projected volume joins sources; its token is the pod's, for its audience", async () => {
  const projected = {
    sources: [
      { configMap: { name: "settings", items: [{ key: "one", path: "map/one" }] } },
      { secret: { name: "keys" } },
      { downwardAPI: { items: [{ path: "ns", fieldRef: { fieldPath: "metadata.namespace" } }] } },
      { serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } },
    ],
  };
  const pod = shell("projected", "cd /all; cat map/one key ns; echo; cat token", mounts("/all"), {
    volumes: [{ name: "all", projected }],
  });
  const [plain, token = ""] = (await cluster.said(pod)).split("\n");
  expect(plain).toBe("1s3cretdefault");
  const { status } = await review(cluster.kube, token, "vault");
  expect(status.user?.username).toBe("system:serviceaccount:default:default");
  expect(status.user?.extra?.["authentication.kubernetes.io/pod-name"]).toEqual(["projected"]);
  expect((await review(cluster.kube, token, "other")).status.authenticated).toBeUndefined();
});

test("a token's file has a new one when the last fifth of its life begins, not before", async () => {
  await cluster.create(shell("tokens", "sleep 600"));
  const pod: Pod = await cluster.pod("tokens", ({ status }) => status?.phase === "Running");
  let now = Date.now();
  const tokens = new Tokens(cluster.kube, () => now);
  const serviceAccountToken = { audience: "vault", expirationSeconds: 600, path: "token" };
  const volume = { name: "vault", projected: { sources: [{ serviceAccountToken }] } };
  const sources = {
    pod,
    node: { name: nodeName, ip: "", loopback: "" },
    address: { ip: "", loopback: "" },
    allocatable: {},
    configMap: () => Promise.resolve(undefined),
    secret: () => Promise.resolve(undefined),
    token: (audience: string | undefined, seconds: number) => tokens.get(pod, audience, seconds),
  };
  const place = async () => {
    const { path } = await placeVolume(volume, join(cluster.folder, "placed"), sources);
    return readFileSync(join(path, "token"), "utf8");
  };
  const first = await place();
  now += 470_000;
  expect(await place()).toBe(first);
  // Tokens are made of whole seconds: a later one differs.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  now += 20_000;
  const second = await place();
  expect(second).not.toBe(first);
  expect((await review(cluster.kube, second, "vault")).status.authenticated).toBe(true);
  expect((await review(cluster.kube, first, "vault")).status.authenticated).toBe(true);
  await cluster.remove("tokens", 0);
});

test("kinds of volumes that are not played are refused by name", async () => {
  const volumes = [{ name: "disk", nfs: { server: "example.org", path: "/" } }];
  await cluster.create(shell("nfs", "true", mounts("/disk"), { volumes }));
  const told = await eventually("the event", async () =>
    (await cluster.events("nfs")).find((event) => event.startsWith("FailedMount")),
  );
  expect(told).toBe("FailedMount: Volume disk is a nfs, which is not played by this node.");
  await cluster.remove("nfs", 0);
});

test("all sources of the environment, and Service links", async () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "my-db" } };
  await cluster.create(
    { ...service, spec: { ports: [{ name: "sql", port: 5432 }] } },
    configMap("words", { A: "one", B: "two" }),
  );
  const init = {
    name: "writes",
    image: "example.org/shell:v1",
    command: ["sh", "-c", "echo \"FILE='from a file' # yes\" > /files/words"],
    volumeMounts: [{ name: "files", mountPath: "/files" }],
  };
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const resource = (name: string, of: string, divisor: string) => ({
    name,
    valueFrom: { resourceFieldRef: { resource: of, divisor } },
  });
  const env = [
    field("NAME", "metadata.name"),
    field("IP", "status.podIP"),
    field("NODE", "spec.nodeName"),
    field("ACCOUNT", "spec.serviceAccountName"),
    field("LABEL", "metadata.labels['app']"),
    field("NOTE", "metadata.annotations['note']"),
    field("SPACE", "metadata.namespace"),
    field("UID", "metadata.uid"),
    field("HOST", "status.hostIP"),
    resource("CPU", "requests.cpu", "1m"),
    resource("MEMORY", "limits.memory", "1Mi"),
    { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "key" } } },
    { name: "MAP", valueFrom: { configMapKeyRef: { name: "settings", key: "one" } } },
    { name: "NONE", valueFrom: { configMapKeyRef: { name: "no", key: "k", optional: true } } },
    {
      name: "FILE",
      valueFrom: { fileKeyRef: { volumeName: "files", path: "words", key: "FILE" } },
    },
    { name: "SUM", value: "$(P_A) $(MY_DB_SERVICE_PORT) $(PATH) $$(P_A)" },
  ];
  const names = [...env.map(({ name }) => name), "P_B", "S_key", "MY_DB_PORT_5432_TCP_PROTO"];
  const container = {
    command: ["sh", "-c", `${names.map((name) => `echo ${name}=$${name}`).join("; ")}; echo $0 $1`],
    args: ["$(NAME)", "$(NOBODY)"],
    resources: { requests: { cpu: "100m" }, limits: { cpu: "1", memory: "64Mi" } },
    envFrom: [
      { prefix: "P_", configMapRef: { name: "words" } },
      { prefix: "S_", secretRef: { name: "keys" } },
      { configMapRef: { name: "nobody", optional: true } },
    ],
    env,
  };
  const volumes = [{ name: "files", emptyDir: {} }];
  const pod = shell("environment", "", container, { volumes, initContainers: [init] });
  const metadata = { ...pod.metadata, labels: { app: "x" }, annotations: { note: "y" } };
  const text = await cluster.said({ ...pod, metadata });
  const { status, metadata: made } = await cluster.pod("environment", () => true);
  expect(text.trim().split("\n")).toEqual([
    "NAME=environment",
    `IP=${status?.podIP ?? ""}`,
    `NODE=${nodeName}`,
    "ACCOUNT=default",
    "LABEL=x",
    "NOTE=y",
    "SPACE=default",
    `UID=${made.uid ?? ""}`,
    `HOST=${status?.hostIP ?? ""}`,
    "CPU=100",
    "MEMORY=64",
    "KEY=s3cret",
    "MAP=1",
    "NONE=",
    "FILE=from a file",
    "SUM=one 5432 $(PATH) $(P_A)",
    "P_B=two",
    "S_key=s3cret",
    "MY_DB_PORT_5432_TCP_PROTO=tcp",
    "environment $(NOBODY)",
  ]);
});

test("a key that is missing is told as CreateContainerConfigError", async () => {
  const env = [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "no" } } }];
  await cluster.create(shell("no-key", "true", { env }));
  const pod = await cluster.pod("no-key", ({ status }) => {
    return status?.containerStatuses?.[0]?.state?.waiting?.message;
  });
  expect(pod.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
    reason: "CreateContainerConfigError",
    message: "couldn't find key no in ConfigMap default/settings",
  });
  await cluster.remove("no-key", 0);
});

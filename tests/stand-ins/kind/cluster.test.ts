// Whole clusters by the argv of kind: two at once; a pod runs, is reached, logs, and nothing is left in the end.
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { processesWith, signal } from "../../../stand-ins/shared/process";
import { bundle } from "../../../toolchain/bundles";
import { slot } from "../../support/slot";

const run = promisify(execFile);
const programs = process.env["LAB_TEST_BIN"];

const manifests = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "example.org/web:v1",
            ports: [{ containerPort: 8080, name: "http" }],
            readinessProbe: { httpGet: { port: "http" } },
          },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http", name: "http" }] },
    },
  ],
};

// Answers with the namespace that its service account's files name.
const server = `
const fs = require("node:fs");
const folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
console.log("listening on " + process.argv[2]);
require("node:http").createServer((_, response) => response.end(fs.readFileSync(folder + "namespace")))
  .listen(Number(process.argv[2]), "127.0.0.1");
`;

let lab = "";
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  if (programs === undefined)
    throw new Error("LAB_TEST_BIN is not set. Let it name the folder with the built Go programs.");
  lab = mkdtempSync(join(tmpdir(), "kind-test-"));
  mkdirSync(join(lab, "bin"));
  for (const name of readdirSync(programs))
    symlinkSync(join(programs, name), join(lab, "bin", name));
  const bundled = join(programs, "..", "dist");
  if (existsSync(join(bundled, "kind.cjs"))) symlinkSync(bundled, join(lab, "dist"));
  else await bundle(process.cwd(), join(lab, "dist"));
  writeFileSync(join(lab, "server.js"), server);
  const images = {
    "example.org/web": {
      programs: { "/web": ["${node}", join(lab, "server.js")] },
      entrypoint: ["/web"],
      extraArgs: ["${port.8080}"],
      ports: { "8080": "auto" },
    },
  };
  writeFileSync(join(lab, "catalogue.yaml"), JSON.stringify({ images }));
  environment = {
    ...process.env,
    LAB_DIR: lab,
    LAB_SLOT: slot,
    LAB_ID: `kind-test-${process.pid}`,
    LAB_CATALOGUE: join(lab, "catalogue.yaml"),
    KUBECONFIG: join(lab, "kubeconfig"),
  };
}, 60_000);

afterAll(async () => {
  await kind("delete", "clusters", "--all");
  rmSync(lab, { recursive: true, force: true });
}, 60_000);

test("two clusters made in the same moment get different ports, addresses and contexts", async () => {
  const names = ["one", "two"];
  await Promise.all(names.map((name) => kind("create", "cluster", "--name", name)));
  const nodes = names.map((name) =>
    kubectl("--context", `kind-${name}`, "get", "node", "-o", "name"),
  );
  expect(await Promise.all(nodes)).toEqual([
    "node/one-control-plane\n",
    "node/two-control-plane\n",
  ]);
  await kind("delete", "clusters", "one", "two");
}, 600_000);

test("a cluster is made, runs a pod behind a Service, comes back when it was killed, and leaves nothing", async () => {
  await kind("create", "cluster", "--name", "one", "--wait", "180s");
  await kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=180s");
  writeFileSync(join(lab, "pods.json"), JSON.stringify(manifests));
  await kubectl("apply", "-f", join(lab, "pods.json"));
  await kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=180s");

  const proxied = "/api/v1/namespaces/default/services/web:http/proxy/";
  expect(await kubectl("get", "--raw", proxied)).toBe("default");
  expect(await kubectl("logs", "web")).toMatch(/^listening on \d+\n$/);
  expect(await kubectl("exec", "web", "--", "sh", "-c", "echo $HOSTNAME")).toBe("web\n");
  const again = kind("create", "cluster", "--name", "one");
  await expect(again).rejects.toMatchObject({
    code: 1,
    stderr:
      'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "one"\n',
  });

  const uid = [
    "get",
    "pod/web",
    "node/one-control-plane",
    "-o",
    "jsonpath={.items[*].metadata.uid}",
  ];
  const before = await kubectl(...uid);
  for (const killed of processesWith("LAB_KIND_CLUSTER", join(lab, "kind", "one")))
    signal(killed, "SIGKILL");
  await kind("revive", "one");
  expect(await kubectl(...uid)).toBe(before);
  expect(await kubectl("get", "--raw", proxied)).toBe("default");

  await kind("delete", "cluster", "--name", "one");
  expect(processesWith("LAB_ID", environment["LAB_ID"] ?? "")).toEqual([]);
  expect(existsSync(join(lab, "kind"))).toBe(false);
  expect((await kind("delete", "cluster", "--name", "one")).stderr).toBe(
    'Deleting cluster "one" ...\n',
  );
}, 600_000);

function kind(...args: string[]) {
  return run(process.execPath, [join(lab, "dist", "kind.cjs"), ...args], { env: environment });
}

async function kubectl(...args: string[]): Promise<string> {
  return (await run(join(lab, "bin", "kubectl"), args, { env: environment })).stdout;
}

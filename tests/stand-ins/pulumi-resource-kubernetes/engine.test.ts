// The real engine with a program of the real SDK, and this plugin: with the cluster, and with the cluster gone.

import fs from "node:fs";
import path from "node:path";

import { adminOf, patch, startCluster, type TestCluster } from "./cluster";
import { Project } from "./project";

const project = new Project();
let cluster: TestCluster;
let stopped = false;

beforeAll(async () => {
  cluster = await startCluster();
  await project.make(path.join(__dirname, "program/index.ts"));
  const kubeconfig = fs.readFileSync(cluster.kubeconfig, "utf8");
  await project.set({ kubeconfig }, "--secret");
  await project.set({ phase: "1" });
}, 300_000);

async function stop(): Promise<void> {
  if (!stopped) await cluster.stop();
  stopped = true;
}

afterAll(async () => {
  await stop();
  project.remove();
}, 60_000);

/** Of each resource the operations, with what differs or replaces. */
async function plan(): Promise<Record<string, unknown>> {
  const steps = await project.preview();
  return Object.fromEntries(
    Object.entries(steps).map(([name, all]) => [
      name,
      all.map(({ op, replaceReasons, detailedDiff }) =>
        op === "update" ? [op, Object.keys(detailedDiff ?? {})] : [op, replaceReasons ?? []],
      ),
    ]),
  );
}

test("a preview takes a kubeconfig that is not known yet", async () => {
  const planned = await plan();
  expect(planned).toMatchObject({ later: [["create", []]], late: [["create", []]] });
  expect(Object.keys(planned)).toHaveLength(11);
}, 120_000);

test("a stack is made, previewed without a change, refreshed, and takes in what was made by hand", async () => {
  expect(await project.changes("up", "--yes", "--skip-preview")).toEqual({ create: 11 });
  await project.expectSuccess("preview", "--expect-no-changes");
  expect(await project.changes("refresh", "--yes", "--skip-preview")).toEqual({ same: 11 });

  const admin = adminOf(cluster.kubeconfig);
  const secret = "/api/v1/namespaces/shop/secrets/login";
  await patch(admin, secret, { stringData: { password: "changed by hand" } });
  expect(await project.changes("refresh", "--yes", "--skip-preview")).toEqual({
    same: 10,
    update: 1,
  });
  expect(await plan()).toEqual({
    login: [["replace", ["data.password"]]],
  });
  expect(await project.changes("up", "--yes", "--skip-preview")).toEqual({ same: 10, replace: 1 });

  await admin.request("POST", "/api/v1/namespaces/default/configmaps", {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "found" }, data: { a: "1" } },
  });
  const state = await project.expectSuccess("stack", "export");
  expect(state).not.toContain("changed by hand");
  await project.set({ "kubernetes:kubeconfig": cluster.kubeconfig });
  const type = "kubernetes:core/v1:ConfigMap";
  const flags = ["--yes", "--protect=false", "--generate-code=false"];
  await project.expectSuccess("import", type, "found", "default/found", ...flags);
  const { deployment } = JSON.parse(await project.expectSuccess("stack", "export")) as {
    deployment: { resources: { urn: string; inputs?: object }[] };
  };
  const found = deployment.resources.find(({ urn }) => urn.endsWith("::found"));
  expect(found?.inputs).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "found", namespace: "default" },
    data: { a: "1" },
  });
}, 300_000);

test("with everything stopped, a preview names what changes, what is replaced by which key, and what goes", async () => {
  await stop();
  await project.set({ phase: "2" });
  expect(await plan()).toEqual({
    front: [["delete", []]],
    later: [["update", []]],
    found: [["delete", []]],
    login: [["replace", ["data.password"]]],
    settings: [["replace", ["data.mode"]]],
    web: [["update", ["spec.template.spec.containers[0].image"]]],
    widget: [["update", ["spec.size"]]],
  });
}, 120_000);

test("with everything stopped, a refresh fails, or keeps all as it was when it is told to", async () => {
  const failed = await project.run("refresh", "--yes", "--skip-preview");
  expect(failed.code).not.toBe(0);
  expect(failed.text).toContain("failed to read resource state due to unreachable cluster");
  project.environment["PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"] = "true";
  const changes = await project.changes("refresh", "--yes", "--skip-preview");
  delete project.environment["PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"];
  expect(changes).toEqual({ same: 12 });
}, 120_000);

test("with everything stopped, a destroy says what to do, and does it when told", async () => {
  const failed = await project.run("destroy", "--yes", "--skip-preview");
  expect(failed.code).not.toBe(0);
  expect(failed.text).toContain("configured Kubernetes cluster is unreachable");
  expect(failed.text).toContain('PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"');
  project.environment["PULUMI_K8S_DELETE_UNREACHABLE"] = "true";
  const done = await project.run("destroy", "--yes", "--skip-preview");
  expect(done.code).toBe(0);
}, 120_000);

// What the doctor makes of what it found on this machine and on the network: decisions alone.
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseConfig } from "../../config";
import { checkCertificate } from "../../lab/doctor/certificate";
import { checkEndpoint, portsToDial } from "../../lab/doctor/endpoint";
import type { World } from "../../lab/doctor/inventory";
import { checkManagementCluster } from "../../lab/doctor/management-cluster";
import { checkManifests } from "../../lab/doctor/manifests";
import type { Sound } from "../../lab/doctor/ports";
import { checkSettings } from "../../lab/doctor/settings";
import { checkKind, checkTools } from "../../lab/doctor/tools";
import { asText, diagnosis } from "../../lab/doctor";
import { configSource, judgedConfig } from "../../lab/stack-values";
import type { ListedTool } from "../../toolchain";
import { changed, least, source } from "../config/stack";
import { complaints } from "./doctor-stack";

const root = path.join(__dirname, "..", "..");
process.chdir(root);

const config = parseConfig(source(least));
const text = (stack: string) => readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8");

test.each(["onprem", "nc2-aws", "nc2-azure"])(
  "%s as it is in the repository still has examples, and is told so",
  (stack) => {
    const { config: given, mistakes } = judgedConfig(stack, text(stack));
    const keys =
      "prismCentral.address, workloadCluster.prismElement, workloadCluster.endpoint.host, image.uuid";
    const found = complaints(checkSettings(stack, given!, mistakes));
    expect(found[0]).toBe(
      `failure settings: Pulumi.${stack}.yaml still has the examples of ${keys} | ` +
        `Set values of your own in Pulumi.${stack}.yaml; its comments say where each is found.`,
    );
    expect(found.slice(1).map((line) => line.split(":")[1]?.trim())).toEqual([
      "prismCentral.apiKey",
    ]);
  },
);

test("dev has no examples; an address like an example's is none beside a Prism Element of one's own", () => {
  const dev = parseConfig(configSource("dev", text("dev")));
  expect(checkSettings("dev", dev, [])).toEqual([
    { check: "settings", level: "ok", text: "Pulumi.dev.yaml is consistent" },
  ]);
  const own = parseConfig(source(changed("prismCentral", { address: "10.78.1.5" })));
  expect(complaints(checkSettings("test", own, []))).toEqual([]);
});

test("a mistake of an update is a failure", () => {
  expect(complaints(checkSettings("test", config, ["image.file: found x (no such file)"]))).toEqual(
    [
      "failure settings: image.file: found x (no such file) | Correct it in Pulumi.test.yaml, or in the environment.",
    ],
  );
});

const tool = (name: string, version: string, from: ListedTool["source"] = "PATH"): ListedTool => ({
  ...{ name, version, source: from },
  path: from === "missing" || from === "to be made" ? "" : `/usr/bin/${name}`,
});
const companions = { kubernetes: "v1.36.3", pulumiSdk: "3.256.0" };

test("tools: all there, missing, to be made, too far apart", () => {
  const good = [tool("pulumi", "3.256.0"), tool("kubectl", "1.37.0"), tool("go", "1.26")];
  expect(checkTools(good, companions)).toEqual([
    { check: "tools", level: "ok", text: "pulumi 3.256.0, kubectl 1.37.0, go 1.26" },
  ]);
  const all = [
    tool("pulumi", "3.255.0"),
    tool("kubectl", "1.34.1"),
    tool("etcd", "3.6.8", "to be made"),
    tool("debugfs", "", "missing"),
  ];
  expect(complaints(checkTools(all, companions))).toEqual([
    "failure tools: debugfs is not here | Install Debian's package e2fsprogs, or what has debugfs.",
    "failure tools: etcd must be built, and there is no Go | Install Go 1.26 or newer.",
    "warning tools: kubectl 1.34.1 is 2 minor versions away from Kubernetes v1.36.3 | Put a kubectl on PATH that is at most one away.",
    "failure tools: pulumi 3.255.0 is older than its SDK, 3.256.0 | Upgrade pulumi, or take it off PATH: the lab makes its own.",
  ]);
  expect(complaints(checkTools([...good, tool("etcd", "", "to be made")], companions))).toEqual([
    "warning tools: etcd are not made yet | The first `up` makes them, or npm run lab -- toolchain.",
  ]);
});

test("the stand-in of kind is a warning before a real Prism Central", () => {
  const kind = { name: "kind", chosen: "stand-in", reason: "no good version on PATH" } as const;
  expect(complaints(checkKind(kind, true))).toEqual([]);
  expect(complaints(checkKind(kind, false))).toEqual([
    "warning management cluster: made by the stand-in of kind (no good version on PATH), which runs stand-ins in the place of images | " +
      "Install kind and Docker, or name a cluster that exists in managementCluster.kubeconfig.",
  ]);
});

test("a management cluster that is too old for Cluster API, or does not answer", () => {
  const given = { ...config, managementCluster: { ...config.managementCluster, kubeconfig: "k" } };
  expect(complaints(checkManagementCluster(given, { found: "v1.36.1" }))).toEqual([]);
  expect(complaints(checkManagementCluster(given, { found: "v1.30.9" }))).toEqual([
    "failure management cluster: k is Kubernetes v1.30.9, and must be Kubernetes v1.32 to v1.37 with Cluster API v1.13.6 | " +
      "Upgrade that cluster, or choose another clusterApi.version.",
  ]);
  expect(complaints(checkManagementCluster(given, { problem: { said: "no such file" } }))).toEqual([
    "failure management cluster: k: no such file | Correct managementCluster.kubeconfig or its context, and see that kubectl reaches the cluster with it.",
  ]);
});

test("manifests that nobody has fetched", () => {
  const url = "https://files.lab.example/infrastructure-components.yaml";
  const infrastructure = { path: "/nowhere", url, sha256: "00".repeat(32) };
  const sources = { ...config.clusterApi.sources, infrastructure };
  const given = { ...config, clusterApi: { ...config.clusterApi, sources } };
  const core = (level: string): unknown =>
    expect.stringMatching(
      new RegExp(`^${level} manifests: core: Reading .* failed: there is no such file`),
    );
  const all = { core: { path: "/no/core.yaml" }, infrastructure };
  const bare = { ...given, clusterApi: { ...given.clusterApi, sources: all as typeof sources } };
  const missing = `failure manifests: infrastructure: Reading ${url} failed: it is not in the cache | Run \`npm run lab -- fetch -s test\`.`;
  expect(complaints(checkManifests("test", bare, true))).toEqual([core("failure"), missing]);
  expect(complaints(checkManifests("test", bare, false))).toEqual([core("warning"), missing]);
});

const empty = { vms: { found: [] }, categories: { found: [] } } as unknown as World;
const full = {
  vms: { found: [{ extId: "v", name: "lab-kcp-abcde", categories: [{ extId: "c" }] }] },
  categories: { found: [{ extId: "c", key: "KubernetesClusterName", value: "lab" }] },
} as unknown as World;

const heard = (api: Sound, ssh: Sound = "silent") => [
  { host: "10.0.0.9", port: 6443, sound: api },
  { host: "10.0.0.9", port: 22, sound: ssh },
];

test("the endpoint is free before there is a cluster, and answers afterwards", () => {
  expect(portsToDial(config)).toEqual([
    { host: "10.0.0.9", port: 6443 },
    { host: "10.0.0.9", port: 22 },
  ]);
  const found = (sounds: ReturnType<typeof heard>, world: World) =>
    checkEndpoint(config, sounds, world).map((each) => `${each.level} ${each.text}`);
  expect(found(heard("silent"), empty)).toEqual(["ok 10.0.0.9:6443 is free: nobody answers"]);
  expect(found(heard("answers"), empty)).toEqual([
    "failure 10.0.0.9:6443 answers before there is a cluster: somebody has that address",
  ]);
  expect(found(heard("silent", "answers"), empty)).toEqual([
    "failure 10.0.0.9:22 answers before there is a cluster: somebody has that address",
  ]);
  expect(found(heard("refuses"), empty)).toEqual([
    "failure 10.0.0.9:6443 refuses connections before there is a cluster: somebody has that address",
  ]);
  expect(found(heard("answers"), full)).toEqual([
    "ok cluster lab is there, and answers at 10.0.0.9:6443",
  ]);
  expect(found(heard("silent"), full)).toEqual([
    "failure cluster lab has virtual machines, and 10.0.0.9:6443 is silent",
  ]);
});

test("a load balancer may answer before its cluster; a loopback address refuses for nobody", () => {
  const balanced = parseConfig(source(changed("workloadCluster", { kubeVip: "none" })));
  expect(checkEndpoint(balanced, heard("answers"), empty).map(({ level }) => level)).toEqual([
    "warning",
  ]);
  const host = "127.18.0.10";
  const local = parseConfig(source(changed("workloadCluster", { endpoint: { host } })));
  expect(portsToDial(local)).toEqual([{ host, port: 6443 }]);
  const refused = [{ host, port: 6443, sound: "refuses" as const }];
  expect(checkEndpoint(local, refused, empty).map(({ level }) => level)).toEqual(["ok"]);
});

test("a certificate: verified, not verified, about to end, ended", () => {
  const now = new Date("2026-11-25T00:00:00Z");
  const certificate = { subject: "pc", issuer: "pc", fingerprint: "AA:BB" };
  const at = (validTo: string, insecure = false) =>
    checkCertificate(
      { prismCentral: { ...config.prismCentral, insecure } },
      { ...certificate, validTo: new Date(validTo) },
      now,
    ).map(({ level, text: said }) => `${level} ${said}`);
  const head = (until: string) => `of pc, by pc, until ${until}, SHA-256 AA:BB`;
  expect(at("2028-01-01")).toEqual([`ok ${head("2028-01-01")}`]);
  expect(at("2028-01-01", true)).toEqual([`warning ${head("2028-01-01")}: not verified`]);
  expect(at("2026-12-01")).toEqual([`warning ${head("2026-12-01")}: it ends soon`]);
  expect(at("2026-11-01")).toEqual([`failure ${head("2026-11-01")}: it has ended`]);
});

test("the worst finding is the result; remedies stand below", () => {
  const found = diagnosis("test", [
    { check: "subnet", level: "ok", text: "vms" },
    { check: "image", level: "failure", text: "none", remedy: "Make one." },
  ]);
  expect(found.result).toBe("failure");
  expect(asText(found)).toBe(
    [
      "ok       subnet                   vms",
      "failure  image                    none",
      "                                  Make one.",
      "",
      "stack test: 1 failures, 0 warnings, 1 ok",
      "",
    ].join("\n"),
  );
});

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  awaitingCertManager,
  injectedFrom,
  wantedCertificates,
  withCaBundle,
} from "../../components/cluster-api/certificates";
import { withoutDescriptions } from "../../components/cluster-api/descriptions";
import {
  fillVariables,
  parseManifests,
  readManifests,
} from "../../components/cluster-api/manifests";
import { stageOf } from "../../components/cluster-api/stages";

test.each<[string, Record<string, string>, string]>([
  ["a=${A:=1}", {}, "a=1"],
  ["a=${A:-1}", {}, "a=1"],
  ["a=${A:=1}", { A: "2" }, "a=2"],
  ["a=${A:=:8443}", {}, "a=:8443"],
  ["a=${A:=}", {}, "a="],
  ["a=${A=1}", {}, "a=1"],
  ["a=${A=''}", {}, "a=''"],
  ["a=${A-1}", { A: "" }, "a="],
  ["a=${A},b=${B:=x}", { A: "2" }, "a=2,b=x"],
  ["$(NOT) $A {A}", {}, "$(NOT) $A {A}"],
])("%s with %j is %s", (text, variables, filled) => {
  expect(fillVariables(text, variables)).toBe(filled);
});

test("every variable without a value is named", () => {
  expect(() => fillVariables("${A} ${B:=1} ${C} ${A}", {})).toThrow(
    "Filling in Cluster API's manifests failed: no value for A, C. Set them under clusterApi.variables.",
  );
});

test("documents become objects, empty ones nothing", () => {
  const text = "---\nkind: A\n--- # two\nkind: B\ntext: |\n  a --- b\n---\n# nothing\n";
  expect(parseManifests(text, {})).toEqual([{ kind: "A" }, { kind: "B", text: "a --- b\n" }]);
});

describe("manifests are read", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "manifests-"));
  const file = (name: string, text = `from: ${name}`) => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("from files and folders; what is missing says what to do", () => {
    for (const name of ["b.yaml", "a.yml", "README.md"]) file(name);
    expect(readManifests({ path: folder }, "test")).toEqual([
      { path: path.join(folder, "a.yml"), text: "from: a.yml" },
      { path: path.join(folder, "b.yaml"), text: "from: b.yaml" },
    ]);
    expect(readManifests({ path: "none.yaml" }, "test")).toEqual([
      {
        path: "none.yaml",
        problem:
          "Reading none.yaml failed: there is no such file. Run `npm run lab -- toolchain`, which renders Cluster " +
          "API's, or name another file, or a url and its sha256, under clusterApi.",
      },
    ]);
  });

  test("from what was fetched, if it is what the stack pins", () => {
    const url = "https://files.test/capx.yaml";
    const text = "kind: A\n";
    const sha256 = createHash("sha256").update(text).digest("hex");
    const source = { url, sha256, path: path.join(folder, sha256) };
    const read = (changes: object) => readManifests({ ...source, ...changes }, "test")[0]!;
    const fetch = "`npm run lab -- fetch -s test";
    expect(readManifests({ url, path: source.path }, "test")[0]!.problem).toBe(
      `Reading ${url} failed: its sha256 is not given. Run ${fetch} --pin\`, which writes it down.`,
    );
    expect(read({}).problem).toBe(`Reading ${url} failed: it is not in the cache. Run ${fetch}\`.`);
    file(sha256, text);
    expect(read({})).toEqual({ path: source.path, text });
    file(sha256, "kind: B\n");
    expect(read({}).problem).toBe(
      `Reading ${url} failed: ${source.path} is not what was fetched. Remove that file, and run ${fetch}\`.`,
    );
  });
});

test.each([
  ["Namespace", "namespaces"],
  ["Issuer", "certificates"],
  ["Certificate", "certificates"],
  ["CustomResourceDefinition", "definitions"],
  ["ClusterRole", "definitions"],
  ["Secret", "definitions"],
  ["Service", "controllers"],
  ["Deployment", "controllers"],
  ["MutatingWebhookConfiguration", "webhooks"],
  ["ValidatingWebhookConfiguration", "webhooks"],
])("%s comes with the %s", (kind, stage) => {
  expect(stageOf({ kind })).toBe(stage);
});

const metadata = { name: "x", annotations: { "cert-manager.io/inject-ca-from": "ns/serving" } };

test("the CA goes into each webhook and leaves the rest", () => {
  const client = { service: { name: "s" } };
  const object = { apiVersion: "v1", kind: "X", metadata, webhooks: [{ clientConfig: client }] };
  expect(withCaBundle(object, "Q0E=")).toEqual({
    ...object,
    webhooks: [{ clientConfig: { ...client, caBundle: "Q0E=" } }],
  });
  expect(injectedFrom(object)).toBe("ns/serving");
});

test("the CA goes into a CRD's conversion, and nowhere where there is none", () => {
  const clientConfig = { service: { name: "s" } };
  const crd = (conversion: object) => ({
    apiVersion: "v1",
    kind: "CustomResourceDefinition",
    metadata,
    spec: { group: "g", conversion },
  });
  const webhook = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: [] } };
  expect(withCaBundle(crd(webhook), "Q0E=")).toEqual(
    crd({
      ...webhook,
      webhook: { ...webhook.webhook, clientConfig: { ...clientConfig, caBundle: "Q0E=" } },
    }),
  );
  expect(withCaBundle(crd({ strategy: "None" }), "Q0E=")).toEqual(crd({ strategy: "None" }));
});

describe("what cert-manager has to do is waited for", () => {
  const conversion = { webhook: { clientConfig: {} } };
  const waits = ({ metadata: found }: { metadata: { annotations?: object } }) =>
    (found.annotations as Record<string, string> | undefined)?.["pulumi.com/waitFor"];
  const bundle = "jsonpath={.spec.conversion.webhook.clientConfig.caBundle}";

  test.each<[string, object, string | undefined]>([
    ["a certificate", { apiVersion: "cert-manager.io/v1", kind: "Certificate" }, "condition=Ready"],
    ["an issuer", { apiVersion: "cert-manager.io/v1", kind: "Issuer" }, undefined],
    ["webhooks", { webhooks: [{}] }, "jsonpath={.webhooks[0].clientConfig.caBundle}"],
    [
      "a CRD that converts",
      { spec: { conversion } },
      JSON.stringify(["condition=Established", bundle]),
    ],
    ["a CRD that does not", { spec: {} }, undefined],
  ])("%s", (_, object, wanted) => {
    const whole = { apiVersion: "v1", kind: "X", metadata, ...object };
    expect(waits(awaitingCertManager(whole))).toBe(wanted);
    expect(awaitingCertManager(whole).metadata.annotations).toMatchObject(metadata.annotations);
  });

  test("an object that it has nothing to do with stays as it is", () => {
    const object = { apiVersion: "v1", kind: "X", metadata: { name: "x" }, webhooks: [{}] };
    expect(awaitingCertManager(object)).toBe(object);
  });
});

describe("descriptions", () => {
  const object = (kind: string, openAPIV3Schema: object) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind,
    metadata: { name: "things.example.org" },
    spec: { versions: [{ name: "v1", schema: { openAPIV3Schema } }] },
  });
  const described = {
    description: "A thing.",
    properties: { description: { type: "string", description: "A text." } },
    anyOf: [{ description: "Or so." }],
    default: { description: "none" },
  };
  const bare = {
    properties: { description: { type: "string" } },
    anyOf: [{}],
    default: { description: "none" },
  };
  const crd = "CustomResourceDefinition";

  test("a CRD loses its fields' descriptions, but no property of that name", () => {
    expect(withoutDescriptions(object(crd, described))).toEqual(object(crd, bare));
  });

  test("another object keeps all", () => {
    expect(withoutDescriptions(object("Role", described))).toEqual(object("Role", described));
  });
});

test("the certificates that the manifests ask for", () => {
  const certificate = {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "serving", namespace: "ns" },
    spec: { secretName: "secret", dnsNames: ["a.ns.svc"], issuerRef: { name: "i" } },
  };
  const issuer = { apiVersion: "cert-manager.io/v1", kind: "Issuer", metadata: { name: "i" } };
  expect(wantedCertificates([issuer, certificate])).toEqual([
    { name: "serving", namespace: "ns", secretName: "secret", dnsNames: ["a.ns.svc"] },
  ]);
});

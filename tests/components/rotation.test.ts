// What rotating credentials and the trust bundle changes: of the whole program, and whether the same objects stay.
import * as path from "node:path";
import { ClusterApi } from "../../components/cluster-api";
import { ManagementCluster } from "../../components/management-cluster";
import { VmImage } from "../../components/vm-image";
import { WorkloadCluster } from "../../components/workload-cluster";
import type { WorkloadClusterSpec } from "../../components/workload-cluster/spec";
import { diff, type ImageOutputs } from "../../providers/prism-image/inputs";
import {
  forceNewPaths,
  type Mutability,
} from "../../stand-ins/pulumi-resource-kubernetes/force-new";
import type { KubeObject } from "../../stand-ins/pulumi-resource-kubernetes/kube-object";
import { recordResources, type Registration } from "../support/pulumi";
import { bare, spec } from "../support/workload-spec";

process.chdir(path.join(__dirname, "..", ".."));

const manifest = (name: string) => ({ path: `tests/support/manifests/${name}` });
const empty = manifest("empty.yaml");

/** Everything that knows of Prism Central. */
async function program(prismCentral: WorkloadClusterSpec["prismCentral"]): Promise<Registration[]> {
  const { resources } = await recordResources(() => {
    const management = new ManagementCluster("management", {
      name: "management",
      kubeconfigFile: ".lab/kubeconfig",
    });
    new ClusterApi("cluster-api", {
      sources: {
        core: empty,
        bootstrap: empty,
        controlPlane: empty,
        infrastructure: manifest("capx.yaml"),
      },
      certificates: "self-signed",
      crdDescriptions: true,
      variables: {},
      mirrors: {},
      prismCentral,
      cluster: management,
    });
    new VmImage("image", {
      source: { from: "file", file: "disk.img", sha256: "5e".repeat(32) },
      kubernetesVersion: "v1.36.3",
      prismCentral,
    });
    new WorkloadCluster("workload", {
      ...{ ...spec, ...bare, csi: "nutanix", cloudProvider: "external" },
      prismCentral,
      management,
    });
  });
  return resources;
}

/** Paths of leaves that differ, such as `stringData.credentials`. */
function differing(one: unknown, other: unknown, at = ""): string[] {
  const isGroup = (value: unknown) => typeof value === "object" && value !== null;
  if (!isGroup(one) || !isGroup(other)) return one === other ? [] : [at];
  const [a, b] = [one, other] as Record<string, unknown>[];
  return [...new Set([...Object.keys(a!), ...Object.keys(b!)])].flatMap((key) =>
    differing(a![key], b![key], at === "" ? key : `${at}.${key}`),
  );
}

interface Change {
  paths: string[];
  /** Whether the plugin would make another object of it. */
  isReplaced: boolean;
}

/** What differs between two runs, by resource. */
function changes(before: Registration[], after: Registration[]): Record<string, Change> {
  expect(after.map(({ name, type }) => `${type} ${name}`)).toEqual(
    before.map(({ name, type }) => `${type} ${name}`),
  );
  return Object.fromEntries(
    before.flatMap((old, at) => {
      const paths = differing(old.inputs, after[at]!.inputs);
      if (paths.length === 0) return [];
      const provider = before.find(({ name }) => name === old.provider)?.inputs;
      const isReplaced = old.type.startsWith("kubernetes:core") && forcedBy(old, provider, paths);
      return [[old.name, { paths, isReplaced }]];
    }),
  );
}

function forcedBy(
  { inputs }: Registration,
  provider: Record<string, unknown> | undefined,
  paths: string[],
): boolean {
  // The SDK hands flags of a provider over as text.
  const flag = (key: string) => String(provider?.[key]) === "true";
  const mutability: Mutability = {
    enableSecretMutable: flag("enableSecretMutable"),
    enableConfigMapMutable: flag("enableConfigMapMutable"),
  };
  const forced = forceNewPaths(inputs as unknown as KubeObject, mutability);
  return paths.some((each) => forced.some((path) => each === path || each.startsWith(`${path}.`)));
}

const { prismCentral } = spec;
const bundle = (name: string) =>
  `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;

test("another password changes the Secrets that hold it, in place, and nothing else", async () => {
  const before = await program(prismCentral);
  const credentials = { username: "admin", password: "another" };
  const after = await program({ ...prismCentral, credentials });
  const inPlace = (...paths: string[]) => ({ paths, isReplaced: false });
  expect(changes(before, after)).toEqual({
    "Secret/capx-system/creds": inPlace("stringData.credentials.secret"),
    "workload-credentials": inPlace("stringData.credentials.secret"),
    "workload-cloud-controller-credentials": inPlace("stringData.credentials.yaml.secret"),
    "workload-csi-credentials": inPlace("stringData.key.secret"),
  });
});

test("another trust bundle changes the ConfigMaps that hold it and the way to the image; no machine", async () => {
  const before = await program({ ...prismCentral, trustBundle: bundle("old") });
  const after = await program({ ...prismCentral, trustBundle: bundle("old") + bundle("new") });
  const inPlace = (...paths: string[]) => ({ paths, isReplaced: false });
  expect(changes(before, after)).toEqual({
    image: inPlace("endpoint.trustBundle"),
    "workload-cloud-controller": inPlace("data.cloud-controller-manager.yaml"),
    "workload-trust-bundle": inPlace("binaryData.ca.crt"),
  });
  const image = before.find(({ type }) => type.endsWith("prism:Image"))!;
  const next = after.find(({ type }) => type.endsWith("prism:Image"))!;
  const made = { ...image.inputs, uuid: "u", sizeBytes: 1, contentSha256: "5e".repeat(32) };
  expect(diff(made as unknown as ImageOutputs, next.inputs as never)).toEqual({
    changes: true,
    replaces: [],
    deleteBeforeReplace: true,
  });
});

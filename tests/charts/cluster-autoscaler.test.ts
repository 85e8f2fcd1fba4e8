// The autoscaler's chart, rendered by the real helm.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { parseFlags } from "../../stand-ins/cluster-autoscaler/flags";
import { programs } from "../stand-ins/capx/api-server";

const chart = path.resolve(__dirname, "../../charts/cluster-autoscaler");

interface Rendered {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: unknown[];
  spec?: {
    template?: {
      spec: { containers: { image: string; command: string[] }[]; volumes: unknown[] };
    };
  };
}

function render(...set: string[]): Rendered[] {
  const args = set.flatMap((value) => ["--set", value]);
  const text = execFileSync(
    path.join(programs(), "helm"),
    ["template", "scaler", chart, "--namespace", "lab", ...args],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  return parseAllDocuments(text).map((document) => document.toJS() as Rendered);
}

const needed = ["autoDiscovery.clusterName=c", "clusterAPIKubeconfigSecret=c-kubeconfig"];

test("the values of the lab become the flags of the autoscaler", () => {
  const rendered = render(
    ...needed,
    "autoDiscovery.namespace=lab",
    "clusterAPIConfigMapsNamespace=kube-system",
    "fullnameOverride=c-autoscaler",
    "extraArgs.scan-interval=1s",
    "rbac.clusterScoped=false",
    "rbac.additionalRules[0].resources[0]=nutanixmachinetemplates",
  );
  expect(rendered.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()).toEqual([
    "Deployment/c-autoscaler",
    "Role/c-autoscaler",
    "RoleBinding/c-autoscaler",
    "Service/c-autoscaler",
    "ServiceAccount/c-autoscaler",
  ]);
  const role = rendered.find(({ kind }) => kind === "Role");
  expect(role?.rules?.at(-1)).toEqual({ resources: ["nutanixmachinetemplates"] });
  const { containers, volumes } = rendered.find(({ kind }) => kind === "Deployment")!.spec!
    .template!.spec;
  expect(containers[0]!.image).toBe("registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1");
  expect(containers[0]!.command).toEqual([
    "./cluster-autoscaler",
    "--cloud-provider=clusterapi",
    "--namespace=kube-system",
    "--node-group-auto-discovery=clusterapi:clusterName=c,namespace=lab",
    "--kubeconfig=/etc/kubernetes/value",
    "--clusterapi-cloud-config-authoritative",
    "--logtostderr=true",
    "--scan-interval=1s",
    "--stderrthreshold=info",
    "--v=4",
  ]);
  expect(volumes).toEqual([
    {
      name: "cluster-api-kubeconfig",
      secret: { secretName: "c-kubeconfig", items: [{ key: "value", path: "value" }] },
    },
  ]);
  expect(() => parseFlags(containers[0]!.command.slice(1))).not.toThrow();
});

test("a missing or unknown value is refused by name", () => {
  expect(() => render("autoDiscovery.clusterName=c")).toThrow(/clusterAPIKubeconfigSecret/);
  expect(() => render(...needed, "awsRegion=x")).toThrow(/awsRegion/);
});

// Resources as a preview shows them to policies: a workload cluster's objects, and what its stack allows.

import type { GuardrailsArgs } from "../../components/guardrails";
import { typeToken, type Manifest } from "../../components/kubernetes-object";
import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import type { WorkloadClusterSpec } from "../../components/workload-cluster/spec";
import type { Resource, Rule } from "../../policy/rule";
import { spec } from "../support/workload-spec";

const secrets = {
  credentials:
    '[{"type":"basic_auth","data":{"prismCentral":{"username":"admin","password":"correct horse"}}}]',
  cloudController: "[secret]",
};

/** The objects of a workload cluster. */
export function cluster(changes: Partial<WorkloadClusterSpec> = {}): Resource[] {
  return allObjects(manifests({ ...spec, ...changes }, secrets)).map(resource);
}

/** A Kubernetes object as a resource. */
export function resource(object: Manifest): Resource {
  return {
    type: typeToken(object),
    name: object.metadata.name,
    urn: object.metadata.name,
    props: object,
  };
}

export const configMap = (data: Record<string, string>): Resource =>
  resource({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data });

export const deployment = (name: string, image: string): Resource =>
  resource({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { template: { spec: { containers: [{ name: "manager", image }] } } },
  });

export const release = (values: object): Resource => ({
  type: "kubernetes:helm.sh/v3:Release",
  name: "autoscaler",
  urn: "autoscaler",
  props: { values },
});

export function guardrails(props: Partial<GuardrailsArgs>): Resource {
  return { type: "lab:index:Guardrails", name: "guardrails", urn: "guardrails", props };
}

/** A change to the objects of a kind: `edit` gets a copy of each, and changes it. */
export function edited(kind: string, edit: (object: never) => void, from = cluster()): Resource[] {
  return from.map((each) => {
    if (!each.type.endsWith(`:${kind}`)) return each;
    const props = structuredClone(each.props);
    edit(props as never);
    return { ...each, props };
  });
}

/** What a rule says, of resources of its own type alone where it has one: as the pack asks it. */
export function said(rule: Rule, resources: Resource[]): string[] {
  const asked = resources.filter(({ type }) => rule.type === undefined || type === rule.type);
  return rule.check(asked).map(({ urn, message }) => `${urn ?? "stack"}: ${message}`);
}

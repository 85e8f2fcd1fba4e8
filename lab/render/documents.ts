// Rendered resources as text that a person can read and compare: one YAML document each. Pure.

import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { layerOf } from "../layers";
import type { RenderedResource } from "./recorder";

const KUBERNETES = /^kubernetes:(?!helm)/;

/** What tells one resource of a stack from another. */
export const keyOf = ({ type, name, parent }: RenderedResource) => `${parent} ${type} ${name}`;

/** Providers and components have nothing of their own to show. */
export function isShown({ type }: RenderedResource): boolean {
  return !type.startsWith("pulumi:") && !type.startsWith("lab:index:");
}

/** Objects of a Kubernetes cluster alone. */
export function kubernetesObjects(resources: RenderedResource[]): Record<string, unknown>[] {
  return resources.filter(({ type }) => KUBERNETES.test(type)).map(({ inputs }) => inputs);
}

/** The layer, type and name in a comment, then the object, or the inputs of what is none. */
export function documentOf(resource: RenderedResource): string {
  const { type, name, parent, inputs } = resource;
  const layer = layerOf(`::::${parent.split("::")[2] ?? ""}$${type}`) ?? "stack";
  const object = abbreviated(inputs);
  const text = stringify(object, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    sortMapEntries: order,
  });
  return `# ${layer}: ${type} ${name}\n${text}`;
}

/** All that is shown, one document after the other. */
export function documents(resources: RenderedResource[]): string {
  return resources.filter(isShown).map(documentOf).join("---\n");
}

const FIRST = ["apiVersion", "kind", "metadata"];

/** The order in which people write an object; the rest by name, whatever order it was registered in. */
function order(one: { key: unknown }, other: { key: unknown }): number {
  const [a, b] = [textOf(one.key), textOf(other.key)];
  const place = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
}

const textOf = (key: unknown) => String((key as { value?: unknown }).value ?? key);

/** A CRD's schemas are thousands of lines of somebody else's: their checksum says whether they changed. */
function abbreviated(object: Record<string, unknown>): Record<string, unknown> {
  if (object["kind"] !== "CustomResourceDefinition") return object;
  const spec = object["spec"] as { group: string; versions?: { name: string }[] };
  const sha256 = createHash("sha256").update(JSON.stringify(spec)).digest("hex");
  const versions = (spec.versions ?? []).map(({ name }) => name);
  return { ...object, spec: { group: spec.group, versions, sha256 } };
}

// Objects for the tests against a real API server.

import type { PropertyMap } from "../../../stand-ins/pulumi-plugin/values";

export type KubeObject = PropertyMap & { readonly apiVersion: string; readonly kind: string };

/** Pulumi's type of an object. */
export const typeOf = ({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }) =>
  `kubernetes:${String(apiVersion).replace(/^v1$/, "core/v1")}:${String(kind)}`;

export const mapType = "kubernetes:core/v1:ConfigMap";

export function named(
  kind: string,
  name: string,
  rest: PropertyMap = {},
  annotations: PropertyMap = {},
): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, annotations }, ...rest };
}

/** The definition of a custom kind that lives in no namespace. */
export const gadgets: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Cluster",
    names: { plural: "gadgets", kind: "Gadget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { size: { type: "integer" } } } },
      },
    ],
  },
};

export const gadget = (name: string): KubeObject => ({
  apiVersion: "example.com/v1",
  kind: "Gadget",
  metadata: { name },
  size: 1,
});

// The schemas that Cluster API publishes, and this project's of CAPX: what an object of theirs is held against.

import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { KNOWN_GOOD } from "../../config/versions";
import { cacheFolders, defaultCache } from "../../toolchain/cache";
import { mistakesIn, type Schema } from "./structural-schema";

interface Definition {
  kind: string;
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

export interface CustomObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  [field: string]: unknown;
}

/** `cluster.x-k8s.io/v1beta2 Cluster` -> schema, of the kinds that are served. */
export function publishedSchemas(): Map<string, Schema> {
  const { manifests } = cacheFolders(defaultCache());
  const published = path.join(manifests, "cluster-api", KNOWN_GOOD[0].clusterApi);
  const files = [
    ...["core", "bootstrap", "control-plane"].map((part) => `${published}/${part}-components.yaml`),
    path.join(__dirname, "..", "..", "manifests", "capx", "infrastructure-components.yaml"),
  ];
  const definitions = files
    .flatMap((file) => parseAllDocuments(readFileSync(file, "utf8")))
    .map((document) => document.toJS() as Definition | null)
    .filter((object) => object?.kind === "CustomResourceDefinition");
  return new Map(
    definitions.flatMap((definition) => {
      const { group, names, versions } = definition!.spec;
      return versions
        .filter(({ served }) => served)
        .map(({ name, schema }): [string, Schema] => [
          `${group}/${name} ${names.kind}`,
          schema.openAPIV3Schema,
        ]);
    }),
  );
}

/** Whether an object is one of Cluster API's or of CAPX's. */
export const isCustom = ({ apiVersion }: { apiVersion: string }) =>
  /(^|\.)cluster\.x-k8s\.io\//.test(apiVersion);

/** What is wrong with an object, each with its place; empty when it is valid. */
export function mistakesOfObject(object: CustomObject, schemas: Map<string, Schema>): string[] {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { properties } = schemas.get(`${apiVersion} ${kind}`) ?? {};
  if (!properties) return [`${apiVersion} ${kind}: no such kind`];
  const name = `${kind} ${metadata.name} `;
  return Object.entries(rest).flatMap(([field, value]) =>
    mistakesIn(value, properties[field] ?? { type: "nothing" }, name + field),
  );
}

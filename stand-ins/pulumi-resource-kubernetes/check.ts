// Check: names, the default namespace, and one form for inputs that mean the same.
// Unlike the real plugin it leaves validation against OpenAPI to the API server (dry run in previews).

import { createHash, randomBytes } from "node:crypto";

import { UnsupportedError } from "../pulumi-plugin/errors";
import type { CheckRequest } from "../pulumi-plugin/provider";
import {
  hasUnknown,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../pulumi-plugin/values";
import { canonical } from "./canonical";
import { plainObject } from "./checkpoint";
import {
  annotationOf,
  at,
  kindOf,
  type KubeObject,
  mapAt,
  nameOf,
  namespaceOf,
  withMetadata,
} from "./kube-object";
import { isSecretKind } from "./scope";
import { markSecrets } from "./secrecy";

const autonamed = "pulumi.com/autonamed";
const readOnlyMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** The namespace for an object that names none; undefined for one that lives in none. */
export type NamespaceFor = (object: KubeObject, olds: KubeObject) => Promise<string | undefined>;

/** The inputs that the object will have. */
export async function checkInputs(
  request: CheckRequest,
  namespaceFor: NamespaceFor,
): Promise<PropertyMap> {
  const news = plainObject(request.news);
  const { apiVersion, kind, metadata: oldMetadata } = request.olds;
  const olds = plainObject({ apiVersion, kind, metadata: oldMetadata });
  refuseUnsupported(request.type, news);
  const named = assignName(normalize(news), olds, request);
  const metadata = at(named, "metadata");
  if (metadata === UNKNOWN) return markSecrets(named, request.news);
  const known = at(metadata, "namespace") === UNKNOWN || namespaceOf(named) !== "";
  const namespace = known ? undefined : await namespaceFor(named, olds);
  const placed = namespace === undefined ? named : withMetadata(named, { namespace });
  return markSecrets(placed, request.news);
}

/** One form for inputs that mean the same: no read-only metadata, no zero values, a Secret's stringData inside data. */
export function normalize(inputs: KubeObject): KubeObject {
  const known = hasUnknown(inputs) ? inputs : canonical(foldStringData(inputs));
  if (!isPropertyMap(known["metadata"])) return known;
  const gone = Object.fromEntries(readOnlyMetadata.map((name) => [name, undefined]));
  return withMetadata(known, gone);
}

/** True if the name came from Pulumi, so that a replacement may have another one. */
export function isAutonamed(inputs: KubeObject): boolean {
  return annotationOf(inputs, autonamed) === "true";
}

/** True if the object has a name, be it one that is still to come. */
export function isNamed(inputs: KubeObject): boolean {
  return at(inputs, "metadata", "name") === UNKNOWN || nameOf(inputs) !== "";
}

function foldStringData(inputs: KubeObject): KubeObject {
  if (!isSecretKind(inputs)) return inputs;
  const { stringData, ...rest } = inputs;
  if (!isPropertyMap(stringData)) return inputs;
  const data: PropertyMap = { ...mapAt(inputs, "data") };
  for (const [key, value] of Object.entries(stringData)) data[key] = base64(value);
  return { ...rest, data };
}

function base64(value: PropertyValue | undefined): string {
  return Buffer.from(typeof value === "string" ? value : "").toString("base64");
}

function assignName(news: KubeObject, olds: KubeObject, request: CheckRequest): KubeObject {
  if (at(news, "metadata") === UNKNOWN || isNamed(news)) return news;
  if (at(news, "metadata", "generateName") !== undefined) {
    throw new UnsupportedError(
      "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    );
  }
  if (isAutonamed(olds)) return withAutoname(news, nameOf(olds));
  return Object.keys(request.olds).length > 0 ? news : withAutoname(news, newName(request));
}

function newName(request: CheckRequest): string {
  const { autonaming } = request;
  if (autonaming?.mode === "disable") {
    throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  }
  const proposed = autonaming?.proposedName ?? "";
  return proposed || `${request.name}-${suffix(request)}`;
}

function withAutoname(object: KubeObject, name: string): KubeObject {
  const annotations = { ...mapAt(object, "metadata", "annotations"), [autonamed]: "true" };
  return withMetadata(object, { annotations, name });
}

function suffix(request: CheckRequest): string {
  const seed = request.randomSeed.length > 0 ? request.randomSeed : randomBytes(32);
  return createHash("sha256").update(seed).update(request.urn).digest("hex").slice(0, 8);
}

function refuseUnsupported(type: string, inputs: KubeObject): void {
  const token = type.split(":").at(-1) ?? "";
  const kind = kindOf(inputs);
  if (token !== kind && token === `${kind}Patch`) {
    throw new UnsupportedError(`Patch resources (${type}) are not done by this plugin.`);
  }
  if (kind.endsWith("List") && Array.isArray(inputs["items"])) {
    throw new UnsupportedError(
      "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be " +
        "created directly. Use the underlying resource type instead",
    );
  }
}

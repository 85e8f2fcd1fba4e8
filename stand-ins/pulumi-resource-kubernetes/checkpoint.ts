// What Pulumi keeps of an object: the live object, with the inputs and the field manager beside it.
// Unlike the real plugin's, it leaves out metadata.managedFields, which nobody reads from state.

import {
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  withoutSecrets,
} from "../pulumi-plugin/values";
import { apiVersionOf, type KubeObject, textAt, withMetadata } from "./kube-object";
import { markSecrets } from "./secrecy";

/** Everything of an object that goes into state. */
export interface Checkpoint {
  readonly inputs: KubeObject;
  readonly live: KubeObject;
  /** Inputs as the engine gave them: they tell what is secret. */
  readonly fromInputs: PropertyMap;
  readonly initialApiVersion: string;
  readonly fieldManager: string;
}

/** The outputs that keep this checkpoint. */
export function outputsOf(checkpoint: Checkpoint): PropertyMap {
  const { fromInputs } = checkpoint;
  const live = withMetadata(checkpoint.live, { managedFields: undefined });
  return {
    ...markSecrets(toUnderscores(live), fromInputs),
    __inputs: markSecrets(toUnderscores(checkpoint.inputs), fromInputs),
    __initialApiVersion: checkpoint.initialApiVersion,
    __fieldManager: checkpoint.fieldManager,
  };
}

/** The checkpoint in these outputs. */
export function parseOutputs(outputs: PropertyMap): Omit<Checkpoint, "fromInputs"> {
  const { __inputs, __initialApiVersion, __fieldManager, ...rest } = plainObject(outputs);
  const live = rest;
  const inputs = isPropertyMap(__inputs) ? __inputs : {};
  return {
    inputs,
    live,
    initialApiVersion:
      typeof __initialApiVersion === "string" ? __initialApiVersion : apiVersionOf(inputs),
    fieldManager: typeof __fieldManager === "string" ? __fieldManager : "",
  };
}

/** A property map as the API server takes it: no secrets, and the SDK's underscores as dashes. */
export function plainObject(map: PropertyMap): KubeObject {
  return renameKeys(withoutSecrets(map), (key) => dashes.get(key)) as KubeObject;
}

/** True if these outputs describe an object at all. */
export function isCheckpoint(outputs: PropertyMap): boolean {
  return textAt(outputs, "metadata", "name") !== "";
}

const extensions = [
  "embedded-resource",
  "int-or-string",
  "list-map-keys",
  "list-type",
  "map-type",
  "preserve-unknown-fields",
  "validations",
].map((name) => `x-kubernetes-${name}`);
const underscores = new Map(extensions.map((name) => [name, name.replaceAll("-", "_")]));
const dashes = new Map([...underscores].map(([dashed, underscored]) => [underscored, dashed]));

function toUnderscores(object: KubeObject): PropertyMap {
  return renameKeys(object, (key) => underscores.get(key)) as PropertyMap;
}

function renameKeys(
  value: PropertyValue,
  newName: (key: string) => string | undefined,
): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, newName));
  if (!isPropertyMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      newName(key) ?? key,
      inner === undefined ? undefined : renameKeys(inner, newName),
    ]),
  );
}

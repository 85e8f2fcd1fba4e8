// The inputs of a Release in the form that the real plugin keeps them: every option present, values merged.

import { readFileSync } from "node:fs";

import { UnsupportedError } from "../../pulumi-plugin/errors";
import {
  Asset,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
} from "../../pulumi-plugin/values";
import { at } from "../kube-object";
import { parseOne } from "../yaml-documents";

export const defaultTimeoutSeconds = 300;

const flags = [
  "allowNullValues",
  "atomic",
  "cleanupOnFail",
  "createNamespace",
  "dependencyUpdate",
  "devel",
  "disableCRDHooks",
  "disableOpenapiValidation",
  "disableWebhooks",
  "forceUpdate",
  "lint",
  "recreatePods",
  "renderSubchartNotes",
  "replace",
  "resetValues",
  "reuseValues",
  "skipAwait",
  "skipCrds",
  "verify",
  "waitForJobs",
];
const texts = ["chart", "description", "keyring", "name", "namespace", "postrender", "version"];
const others = ["maxHistory", "repositoryOpts"];
const refused = ["keyring", "lint", "postrender", "recreatePods", "verify"];

/** All options of a Release, those that were not given with their zero values. */
export function fullArguments(inputs: PropertyMap): PropertyMap {
  const full: PropertyMap = {};
  for (const name of flags) full[name] = inputs[name] ?? false;
  for (const name of texts) full[name] = inputs[name] ?? "";
  for (const name of others) {
    if (inputs[name] !== undefined && inputs[name] !== null) full[name] = inputs[name];
  }
  const fallback = full["skipAwait"] === true ? 0 : defaultTimeoutSeconds;
  full["timeout"] = inputs["timeout"] ?? fallback;
  full["values"] = mergedValues(inputs);
  return full;
}

/** Refuses options that this plugin does not do. */
export function refuseUnsupported(inputs: PropertyMap): void {
  const credentials = ["password", "username"]
    .filter((name) => at(inputs, "repositoryOpts", name) !== undefined)
    .map((name) => `repositoryOpts.${name}`);
  const options = refused.filter((option) => inputs[option] === true || isText(inputs[option]));
  const [name] = [...credentials, ...options];
  if (name === undefined) return;
  throw new UnsupportedError(`The Release option "${name}" is not done by this plugin.`);
}

function isText(value: PropertyValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

function mergedValues(inputs: PropertyMap): PropertyValue {
  const files = inputs["valueYamlFiles"];
  const given = inputs["values"] ?? {};
  if (!Array.isArray(files) || !isPropertyMap(given)) return given;
  return [...files.map(valuesOfFile), given].reduce(merge, {});
}

function valuesOfFile(file: PropertyValue): PropertyMap {
  if (file instanceof Asset) {
    const { text, path } = file.fields;
    if (text !== undefined) return parseOne(text);
    if (path !== undefined) return parseOne(readFileSync(path, "utf8"));
  }
  throw new UnsupportedError("valueYamlFiles must be assets with a path or a text.");
}

/** Maps are merged, everything else is replaced. */
export function merge(under: PropertyMap, over: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isPropertyMap(before) && isPropertyMap(value) ? merge(before, value) : value;
  }
  return merged;
}

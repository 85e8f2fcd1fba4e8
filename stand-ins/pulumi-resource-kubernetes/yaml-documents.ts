// Kubernetes manifests: many documents, YAML 1.1 as Go reads it (0644 is octal, dates stay text, `y` is a name).

import { parseAllDocuments, type ScalarTag, type Tags } from "yaml";

import { isPropertyMap, type PropertyMap, type PropertyValue } from "../pulumi-plugin/values";

/** The objects in a manifest, empty documents left out. */
export function parseManifest(text: string): PropertyMap[] {
  const documents = parseAllDocuments(text, { version: "1.1", customTags: goTags, merge: true });
  const values = (Array.isArray(documents) ? documents : []).map((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`Reading YAML failed: ${error.message}`, { cause: error });
    return document.toJS() as PropertyValue;
  });
  return values.filter(isPropertyMap);
}

/** The only document of a file, or an empty map. */
export function parseOne(text: string): PropertyMap {
  return parseManifest(text)[0] ?? {};
}

function goTags(tags: Tags): Tags {
  return tags.filter((tag) => !isTimestamp(tag)).map((tag) => (isBoolean(tag) ? wordy(tag) : tag));
}

function isTimestamp(tag: Tags[number]): boolean {
  return typeof tag === "string" ? tag === "timestamp" : tag.tag.endsWith(":timestamp");
}

function isBoolean(tag: Tags[number]): tag is ScalarTag {
  return typeof tag !== "string" && tag.tag === "tag:yaml.org,2002:bool";
}

function wordy(tag: ScalarTag): ScalarTag {
  const words = tag.test?.test("true")
    ? /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
    : /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/;
  return { ...tag, test: words };
}

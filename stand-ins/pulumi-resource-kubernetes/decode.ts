// kubernetes:yaml:decode, the one function that this plugin does: the objects in a manifest.

import { UnsupportedError } from "../pulumi-plugin/errors";
import type { InvokeRequest, InvokeResult } from "../pulumi-plugin/provider";
import { type PropertyMap, withoutSecrets } from "../pulumi-plugin/values";
import { apiVersionOf, kindOf, type KubeObject, namespaceOf, withMetadata } from "./kube-object";
import { parseManifest } from "./yaml-documents";

/** Answers a function call; `isNamespaced` says whether an object lives in a namespace. */
export async function invoke(
  request: InvokeRequest,
  isNamespaced: (object: KubeObject) => Promise<boolean>,
): Promise<InvokeResult> {
  if (request.token !== "kubernetes:yaml:decode") {
    throw new UnsupportedError(`The function ${request.token} is not done by this plugin.`);
  }
  const { text, defaultNamespace } = withoutSecrets(request.args) as PropertyMap;
  if (typeof text !== "string") throw new Error("missing required field 'text' of type string");
  const objects = parseManifest(text).filter((object) => kindOf(object) && apiVersionOf(object));
  const namespace = typeof defaultNamespace === "string" ? defaultNamespace : "";
  const placed = objects.map(async (object) => {
    if (namespace === "" || namespaceOf(object) !== "") return object;
    return (await isNamespaced(object)) ? withMetadata(object, { namespace }) : object;
  });
  return { result: { result: await Promise.all(placed) } };
}

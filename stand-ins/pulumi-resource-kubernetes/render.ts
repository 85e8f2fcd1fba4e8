// renderYamlToDirectory: manifests are written to a folder, and no cluster is asked. CRDs go to `0-crd`, everything
// else to `1-manifest`, for `kubectl apply -f` in that order. Unlike the real plugin, a preview writes nothing, and
// the deletion of a replaced object leaves the file alone that its replacement has written.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { stringify } from "yaml";

import type {
  CreateRequest,
  CreateResult,
  DeleteRequest,
  ReadRequest,
  ReadResult,
  UpdateRequest,
} from "../pulumi-plugin/provider";
import { hasSecret, type PropertyMap } from "../pulumi-plugin/values";
import { normalize } from "./check";
import { outputsOf, parseOutputs, plainObject } from "./checkpoint";
import { fieldManagerFor } from "./field-managers";
import { apiVersionOf, idOf, kindOf, type KubeObject, nameOf, namespaceOf } from "./kube-object";
import { isCrd } from "./scope";

/** YAML 1.1, which kubectl reads: a text such as "yes" or "0644" is quoted. */
const kubectlYaml = { version: "1.1", sortMapEntries: true } as const;

/** Create, read, update and delete on a folder of manifests. */
export class Renderer {
  readonly directory: string;
  readonly #written = new Set<string>();

  constructor(directory: string) {
    this.directory = directory;
  }

  create(request: CreateRequest): CreateResult {
    if (request.preview) return { id: "", outputs: request.inputs };
    const inputs = plainObject(request.inputs);
    const outputs = this.#write(inputs, request, request.inputs);
    return { id: idOf(inputs), outputs };
  }

  update(request: UpdateRequest): PropertyMap {
    if (request.preview) return request.news;
    return this.#write(normalize(plainObject(request.news)), request, request.news);
  }

  /** The state as it is: nobody else writes there. */
  read({ id, inputs, outputs }: ReadRequest): ReadResult {
    return { id, inputs, outputs };
  }

  delete(request: DeleteRequest): void {
    const path = manifestPath(this.directory, parseOutputs(request.oldOutputs).live);
    if (this.#written.has(path)) return;
    rmSync(path, { force: true });
    void request.log("info", `deleted ${path}`, { ephemeral: true });
  }

  #write(
    inputs: KubeObject,
    request: CreateRequest | UpdateRequest,
    from: PropertyMap,
  ): PropertyMap {
    const path = manifestPath(this.directory, inputs);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, stringify(inputs, kubectlYaml), { mode: 0o600 });
    this.#written.add(path);
    if (hasSecret(from)) {
      void request.log("warning", `rendered file ${path} contains a secret value in plaintext`);
    }
    void request.log("info", `rendered ${path}`, { ephemeral: true });
    const old = "oldOutputs" in request ? parseOutputs(request.oldOutputs) : undefined;
    return outputsOf({
      inputs,
      live: inputs,
      fromInputs: from,
      initialApiVersion: old?.initialApiVersion ?? apiVersionOf(inputs),
      fieldManager: fieldManagerFor(inputs, old?.fieldManager),
    });
  }
}

/** Where an object's manifest lies: `<group>_<version>-<kind>-<namespace>-<name>.yaml`. */
export function manifestPath(directory: string, object: KubeObject): string {
  const version = apiVersionOf(object).replace(/[/:]/g, "_");
  const parts = [version, kindOf(object).toLowerCase(), namespaceOf(object) || "default"];
  const folder = isCrd(object) ? "0-crd" : "1-manifest";
  return join(directory, folder, `${[...parts, nameOf(object)].join("-")}.yaml`);
}

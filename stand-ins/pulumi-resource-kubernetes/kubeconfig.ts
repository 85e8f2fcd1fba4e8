// Reads a kubeconfig, given as contents or as paths, and picks the cluster that the provider talks to.
// Client certificates, tokens and passwords work; exec and auth-provider plugins are refused by name.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";

import { UnsupportedError } from "../pulumi-plugin/errors";
import type { PropertyMap } from "../pulumi-plugin/values";
import { mapAt, mapsAt, textAt } from "./kube-object";

/** What a client needs to reach one cluster as one user. */
export interface Connection {
  readonly server: string;
  readonly namespace: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly authorization?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
}

export interface Selection {
  readonly context?: string;
  readonly cluster?: string;
}

export interface Kubeconfig {
  readonly text: string;
  /** Where it lies, unless it was given as contents. */
  readonly path?: string;
  /** Folder that relative file names inside belong to. */
  readonly folder: string;
}

/** Finds the kubeconfig: the given contents or path, else $KUBECONFIG, else ~/.kube/config. */
export function findKubeconfig(given: string): Kubeconfig | undefined {
  if (given !== "" && !isPath(given)) return { text: given, folder: process.cwd() };
  const ambient = process.env["KUBECONFIG"] ?? join(homedir(), ".kube", "config");
  const paths = (given === "" ? ambient : given).split(delimiter).map(expandHome);
  const path = paths.find((candidate) => candidate !== "" && existsSync(candidate));
  if (path === undefined) return undefined;
  return { text: readFileSync(path, "utf8"), path: resolve(path), folder: dirname(resolve(path)) };
}

function isPath(given: string): boolean {
  return !given.includes("\n") && !given.trimStart().startsWith("{");
}

function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

/** The cluster entry that a kubeconfig selects; what decides whether a provider has moved elsewhere. */
export function activeCluster(text: string, selection: Selection): PropertyMap | undefined {
  return select(parseConfig(text), selection)?.cluster;
}

/** The connection that a kubeconfig selects. */
export function connectionOf(kubeconfig: Kubeconfig, selection: Selection): Connection {
  const chosen = select(parseConfig(kubeconfig.text), selection);
  if (!chosen) {
    const wanted = selection.context ?? "its current context";
    throw new Error(
      `Reading the kubeconfig failed: it has no cluster for ${wanted}. Check kubeconfig, context and cluster.`,
    );
  }
  const { cluster, user, context } = chosen;
  refuse(cluster, ["proxy-url"]);
  refuse(user, ["exec", "auth-provider", "as"]);
  const part = (map: PropertyMap, name: string) => fileOrData(map, name, kubeconfig.folder);
  return {
    server: textAt(cluster, "server"),
    namespace: textAt(context, "namespace"),
    ca: part(cluster, "certificate-authority"),
    cert: part(user, "client-certificate"),
    key: part(user, "client-key"),
    authorization: authorizationOf(user, kubeconfig.folder),
    serverName: textAt(cluster, "tls-server-name") || undefined,
    insecure: cluster["insecure-skip-tls-verify"] === true,
  };
}

function parseConfig(text: string): PropertyMap {
  try {
    return mapAt({ config: parse(text) as PropertyMap }, "config");
  } catch (cause) {
    throw new Error("Reading the kubeconfig failed: it is not YAML. Check the value.", { cause });
  }
}

function select(config: PropertyMap, selection: Selection) {
  const named = (list: string, name: string, member: string) => {
    const entry = mapsAt(config, list).find((candidate) => candidate["name"] === name);
    return entry && mapAt(entry, member);
  };
  const contextName = selection.context ?? textAt(config, "current-context");
  const context = named("contexts", contextName, "context") ?? {};
  const cluster = named("clusters", selection.cluster ?? textAt(context, "cluster"), "cluster");
  if (!cluster) return undefined;
  return { context, cluster, user: named("users", textAt(context, "user"), "user") ?? {} };
}

function refuse(map: PropertyMap, names: string[]): void {
  const name = names.find((candidate) => map[candidate] !== undefined);
  if (name === undefined) return;
  throw new UnsupportedError(
    `The kubeconfig uses "${name}", which this plugin does not do. Use a token or a client certificate.`,
  );
}

function fileOrData(map: PropertyMap, name: string, folder: string): string | undefined {
  const data = textAt(map, `${name}-data`);
  if (data !== "") return Buffer.from(data, "base64").toString("utf8");
  const file = textAt(map, name);
  return file === "" ? undefined : readFileSync(resolve(folder, file), "utf8");
}

function authorizationOf(user: PropertyMap, folder: string): string | undefined {
  const tokenFile = textAt(user, "tokenFile");
  const token =
    textAt(user, "token") ||
    (tokenFile === "" ? "" : readFileSync(resolve(folder, tokenFile), "utf8").trim());
  if (token !== "") return `Bearer ${token}`;
  const name = textAt(user, "username");
  if (name === "") return undefined;
  return `Basic ${Buffer.from(`${name}:${textAt(user, "password")}`).toString("base64")}`;
}

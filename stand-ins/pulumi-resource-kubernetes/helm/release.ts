// kubernetes:helm.sh/v3:Release through the real helm: `upgrade --install`, so that what a killed run left is taken up.

import { randomBytes } from "node:crypto";

import { InitFailedError, UnsupportedError } from "../../pulumi-plugin/errors";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  DeleteRequest,
  DiffKind,
  DiffRequest,
  DiffResult,
  Provider,
  ReadRequest,
  RequestContext,
  UpdateRequest,
} from "../../pulumi-plugin/provider";
import {
  hasUnknown,
  type PropertyMap,
  Secret,
  UNKNOWN,
  withoutSecrets,
} from "../../pulumi-plugin/values";
import { changesBetween, pathText, touches } from "../changes";
import { mapAt, numberAt, parseId, textAt, without } from "../kube-object";
import { markSecrets } from "../secrecy";
import type { Session } from "../session";
import { fullArguments, refuseUnsupported } from "./arguments";
import { chartArguments, chartVersion } from "./chart";
import { type Helm, HelmError, runHelm } from "./command";
import { type HelmRelease, revisionOf, withStatus } from "./status";
import { upgradeArguments } from "./upgrade";

type Methods = Required<Pick<Provider, "check" | "create" | "delete" | "diff" | "read" | "update">>;

/** The provider's methods for releases. */
export function releaseProvider(session: Session): Methods {
  return {
    check: (request) => check(request, session),
    diff,
    create: async (request) => {
      const release = plain(request.inputs);
      if (request.preview) return { id: "", outputs: previewed(request.inputs) };
      const outputs = await upgrade(request, request.inputs, session);
      return { id: idOfRelease(release), outputs };
    },
    update: (request) =>
      request.preview ? previewed(request.news) : upgrade(request, request.news, session),
    read: (request) => read(request, session),
    delete: (request) => uninstall(request, session),
  };
}

const plain = (map: PropertyMap): PropertyMap => withoutSecrets(map) as PropertyMap;

const idOfRelease = (release: PropertyMap): string =>
  `${textAt(release, "namespace")}/${textAt(release, "name")}`;

async function check(request: CheckRequest, session: Session): Promise<CheckResult> {
  const news = plain(request.news);
  refuseUnsupported(news);
  const release = fullArguments({
    ...news,
    name: news["name"] || textAt(plain(request.olds), "name") || autoname(request.name),
    namespace: news["namespace"] || session.defaultNamespace,
  });
  const inputs = (version?: string) =>
    markSecrets(version === undefined ? release : { ...release, version }, request.news);
  if (hasUnknown(request.news)) return { inputs: inputs() };
  try {
    const version = await chartVersion(release, request.signal, helmOf(session));
    return { inputs: inputs(version) };
  } catch (error) {
    if (!(error instanceof HelmError)) throw error;
    const reason = `${error.message}; check the chart name and repository configuration.`;
    return { inputs: inputs(), failures: [{ property: "chart", reason }] };
  }
}

function autoname(name: string): string {
  return `${name}-${randomBytes(4).toString("hex")}`;
}

function diff(request: DiffRequest): DiffResult {
  const outputs = plain(request.oldOutputs);
  const oldInputs = without(mapAt(outputs, "__inputs"), "checksum", "resourceNames");
  const version = outputs["version"] ?? oldInputs["version"];
  const news = { ...plain(request.news) };
  if (request.ignoreChanges.includes("version")) news["version"] = version;
  const changes = changesBetween({ ...oldInputs, version }, news);
  const kinds = changes.map((change): [string, DiffKind] => {
    const replaces = touches(change, "name") || touches(change, "namespace");
    return [pathText(change.path), replaces ? `${change.kind}-replace` : change.kind];
  });
  return {
    changes: kinds.length > 0 ? "some" : "none",
    diffs: [...new Set(changes.map((change) => String(change.path[0])))],
    replaces: kinds.filter(([, kind]) => kind.endsWith("-replace")).map(([path]) => path),
    detailedDiff: Object.fromEntries(kinds.map(([path, kind]) => [path, { kind }])),
  };
}

function helmOf(session: Session): Helm {
  const { settings } = session;
  if (settings.cluster !== undefined) {
    throw new UnsupportedError(
      'A Release with the provider argument "cluster" is not done by this plugin. Give it a context instead.',
    );
  }
  return (run) =>
    runHelm({
      ...run,
      kubeconfig: session.kubeconfig,
      context: settings.context,
      settings: settings.helm,
    });
}

function checkpoint(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return { ...markSecrets(outputs, inputs), __inputs: new Secret(inputs) };
}

function previewed(inputs: PropertyMap): PropertyMap {
  return { ...checkpoint(inputs, plain(inputs)), resourceNames: UNKNOWN, status: UNKNOWN };
}

type Upgrade = CreateRequest | UpdateRequest;

async function upgrade(
  request: Upgrade,
  inputs: PropertyMap,
  session: Session,
): Promise<PropertyMap> {
  const release = plain(inputs);
  const helm = helmOf(session);
  const oldOutputs = "oldOutputs" in request ? plain(request.oldOutputs) : {};
  const before = numberAt(oldOutputs, "status", "revision") ?? 0;
  const id = idOfRelease(release);
  void request.log("info", `Installing Helm release ${id}`, { ephemeral: true });
  try {
    const said = await helm({
      arguments: upgradeArguments(release, chartArguments(release), request.timeoutSeconds),
      files: { values: JSON.stringify(release["values"] ?? {}) },
      signal: request.signal,
    });
    await request.log("info", "", { ephemeral: true });
    return checkpoint(inputs, withStatus(release, JSON.parse(said) as HelmRelease));
  } catch (error) {
    const left = await statusOf(release, request, helm).catch(() => undefined);
    if (!left || revisionOf(left) <= before) throw failure(id, error);
    throw new InitFailedError({
      id,
      outputs: checkpoint(inputs, withStatus(release, left)),
      reasons: [failure(id, error).message],
    });
  }
}

function failure(id: string, error: unknown): Error {
  const said = error instanceof Error ? error.message : String(error);
  return new Error(
    `Helm release "${id}" failed to initialize completely: ${said}. Use the helm CLI to investigate.`,
    { cause: error },
  );
}

/** The release as it is, or undefined when there is none. */
async function statusOf(
  release: PropertyMap,
  context: RequestContext,
  helm: Helm,
): Promise<HelmRelease | undefined> {
  const [name, namespace] = [textAt(release, "name"), textAt(release, "namespace")];
  const ask = async (...args: string[]) => {
    const all = [...args, name, "--namespace", namespace, "--output", "json"];
    return JSON.parse(await helm({ arguments: all, signal: context.signal })) as PropertyMap;
  };
  try {
    const [said, metadata] = await Promise.all([ask("status"), ask("get", "metadata")]);
    const { chart, version, appVersion } = metadata;
    return { ...said, chart: { metadata: { name: chart, version, appVersion } } };
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("not found")) return undefined;
    throw error;
  }
}

async function read(request: ReadRequest, session: Session) {
  const outputs = plain(request.outputs);
  const imported = textAt(outputs, "name") === "";
  const release = imported ? fullArguments(parseId(request.id)) : outputs;
  const said = await statusOf(release, request, helmOf(session));
  if (!said) return undefined;
  const state = without(withStatus(release, said), "__inputs");
  const asInputs = without(state, "resourceNames", "status");
  const chart = { chart: textAt(said, "chart", "metadata", "name") };
  const inputs = imported ? { ...asInputs, ...chart } : request.inputs;
  const found = imported ? { ...state, ...chart } : state;
  return { id: request.id, inputs, outputs: checkpoint(inputs, found) };
}

async function uninstall(request: DeleteRequest, session: Session): Promise<void> {
  const release = plain(request.oldOutputs);
  const args = ["uninstall", textAt(release, "name"), "--namespace", textAt(release, "namespace")];
  const waits = release["atomic"] === true || release["skipAwait"] !== true;
  const seconds = request.timeoutSeconds || (numberAt(release, "timeout") ?? 0) || 300;
  if (waits) args.push("--wait", "--timeout", `${seconds}s`);
  try {
    const helm = helmOf(session);
    await helm({ arguments: [...args, "--ignore-not-found"], signal: request.signal });
  } catch (error) {
    const unreachable = error instanceof HelmError && /cluster unreachable/.test(error.message);
    if (unreachable && session.settings.deleteUnreachable) return;
    throw error;
  }
}

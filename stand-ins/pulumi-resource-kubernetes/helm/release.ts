// kubernetes:helm.sh/v3:Release through the real helm: `install` for a new one, then `upgrade`.

import { randomBytes } from "node:crypto";

import { UnsupportedError } from "../../pulumi-plugin/errors";
import type {
  CheckRequest,
  CheckResult,
  DeleteRequest,
  DiffKind,
  DiffRequest,
  DiffResult,
  Provider,
  ReadRequest,
  ReadResult,
} from "../../pulumi-plugin/provider";
import { hasUnknown, type PropertyMap, UNKNOWN } from "../../pulumi-plugin/values";
import { changesBetween, pathText, touches } from "../changes";
import { UnreachableError } from "../client";
import { mapAt, parseId, textAt, without } from "../kube-object";
import { readUnreachable } from "../read";
import { markSecrets } from "../secrecy";
import type { Session } from "../session";
import { fullArguments, refuseUnsupported } from "./arguments";
import { chartVersion } from "./chart";
import { checkpoint, idOfRelease, plain } from "./checkpoint";
import { type Helm, HelmError, runHelm } from "./command";
import { timeoutOf } from "./flags";
import { statusOf } from "./lookup";
import { install, upgrade } from "./rollout";
import { withStatus } from "./status";

type Methods = Required<Pick<Provider, "check" | "create" | "delete" | "diff" | "read" | "update">>;

/** The provider's methods for releases. */
export function releaseProvider(session: Session): Methods {
  return {
    check: (request) => check(request, session),
    diff,
    create: async (request) => {
      if (request.preview) return { id: "", outputs: previewed(request.inputs) };
      const outputs = await install(request, helmOf(session));
      return { id: idOfRelease(plain(request.inputs)), outputs };
    },
    update: (request) =>
      request.preview ? previewed(request.news) : upgrade(request, helmOf(session)),
    read: (request) => read(request, session),
    delete: (request) => uninstall(request, session),
  };
}

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
  const { context, helm } = settings;
  return async (run) => {
    try {
      return await runHelm({ ...run, kubeconfig: session.kubeconfig, context, settings: helm });
    } catch (error) {
      if (!(error instanceof HelmError) || !/cluster unreachable/.test(error.message)) throw error;
      const message = `configured Kubernetes cluster is unreachable: ${error.message}`;
      throw new UnreachableError(message, { cause: error });
    }
  };
}

function previewed(inputs: PropertyMap): PropertyMap {
  return { ...checkpoint(inputs, plain(inputs)), resourceNames: UNKNOWN, status: UNKNOWN };
}

async function read(request: ReadRequest, session: Session): Promise<ReadResult | undefined> {
  try {
    return await readLive(request, session);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return readUnreachable(error, request, session);
  }
}

async function readLive(request: ReadRequest, session: Session): Promise<ReadResult | undefined> {
  const outputs = plain(request.outputs);
  const imported = textAt(outputs, "name") === "";
  const release = imported ? fullArguments(parseId(request.id)) : outputs;
  const said = await statusOf(release, { context: request, helm: helmOf(session) });
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
  if (waits) args.push("--wait", "--timeout", timeoutOf(release));
  try {
    const helm = helmOf(session);
    await helm({ arguments: [...args, "--ignore-not-found"], signal: request.signal });
  } catch (error) {
    if (error instanceof UnreachableError && session.settings.deleteUnreachable) return;
    throw error;
  }
}

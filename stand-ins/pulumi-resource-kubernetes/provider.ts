// The provider: each request to the file that answers it. Helm releases have a folder of their own, and manifests
// that are only written have one class.

import { UnsupportedError } from "../pulumi-plugin/errors";
import type { CheckRequest, CheckResult, Provider } from "../pulumi-plugin/provider";
import { hasSecret } from "../pulumi-plugin/values";
import { checkInputs } from "./check";
import { checkConfig } from "./config-check";
import { diffConfig } from "./config-diff";
import { createObject } from "./create";
import { invoke } from "./decode";
import { deleteObject } from "./delete";
import { diffObject } from "./diff";
import { releaseProvider } from "./helm/release";
import { type KubeObject, namespaceOf, nameOf } from "./kube-object";
import { readObject } from "./read";
import type { Renderer } from "./render";
import { replacedUnready } from "./replace-unready";
import { builtInScope, isCrd } from "./scope";
import { Session } from "./session";
import { readSettings } from "./settings";
import { updateObject } from "./update";

type Methods = Required<Pick<Provider, "check" | "create" | "delete" | "diff" | "read" | "update">>;

const releaseType = "kubernetes:helm.sh/v3:Release";
const refusedTypes =
  /^kubernetes:(helm\.sh\/v[^3]|helm\.sh\/v3:(?!Release$)|yaml|kustomize|index)[/:]?/;

/** The provider of one plugin process. */
export function kubernetesProvider(): Provider {
  let configured: Session | undefined;
  const session = () => (configured ??= new Session(readSettings({}, process.env)));
  const methods = (type: string): Methods => {
    if (refusedTypes.test(type)) throw new UnsupportedError(`${type} is not done by this plugin.`);
    if (type === releaseType) return releaseMethods(session());
    const { renderer } = session();
    return renderer ? manifestMethods(session(), renderer) : objectMethods(session());
  };
  return {
    checkConfig,
    diffConfig,
    configure: ({ variables }) => {
      configured = new Session(readSettings(variables, process.env));
    },
    check: (request) => methods(request.type).check(request),
    diff: (request) => methods(request.type).diff(request),
    create: (request) => methods(request.type).create(request),
    read: (request) => methods(request.type).read(request),
    update: (request) => methods(request.type).update(request),
    delete: (request) => methods(request.type).delete(request),
    invoke: (request) => invoke(request, (object) => isNamespaced(object, {}, session())),
  };
}

function releaseMethods(session: Session): Methods {
  if (!session.renderer) {
    const releases = releaseProvider(session);
    const check = async (request: CheckRequest) =>
      (await skipped(request, session)) ?? releases.check(request);
    return { ...releases, check };
  }
  throw new UnsupportedError(`${releaseType} needs a cluster: it is not done into a folder.`);
}

function objectMethods(session: Session): Methods {
  return {
    check: (request) => checkObject(request, session),
    diff: (request) => replacedUnready(diffObject(request, session.settings), request, session),
    create: (request) => createObject(request, session),
    read: (request) => readObject(request, session),
    update: (request) => updateObject(request, session),
    delete: (request) => deleteObject(request, session),
  };
}

function manifestMethods(session: Session, renderer: Renderer): Methods {
  return {
    check: async (request) => {
      const result = await checkObject(request, session);
      if (hasSecret(result.inputs)) {
        await request.log("warning", "rendered YAML will contain a secret value in plaintext");
      }
      return result;
    },
    diff: (request) => {
      const result = diffObject(request, session.settings);
      return session.settings.alwaysRender ? { ...result, changes: "some" } : result;
    },
    create: (request) => renderer.create(request),
    read: (request) => renderer.read(request),
    update: (request) => renderer.update(request),
    delete: (request) => renderer.delete(request),
  };
}

async function checkObject(request: CheckRequest, session: Session): Promise<CheckResult> {
  const unchanged = await skipped(request, session);
  if (unchanged) return unchanged;
  const inputs = await checkInputs(request, async (object, olds) =>
    (await isNamespaced(object, olds, session)) ? session.defaultNamespace : undefined,
  );
  if (isCrd(inputs)) session.learnScope(inputs);
  return { inputs };
}

/** The inputs of last time, where the cluster is away and the provider shall skip updates then. */
async function skipped(request: CheckRequest, session: Session): Promise<CheckResult | undefined> {
  const { skipUpdateUnreachable } = session.settings;
  if (!skipUpdateUnreachable || session.renderer || (await session.isReachable())) return undefined;
  const message =
    "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...";
  await request.log("warning", message);
  return { inputs: request.olds };
}

/** Asks the cluster only for new custom resources; one whose kind nobody knows yet counts as namespaced. */
async function isNamespaced(
  object: KubeObject,
  olds: KubeObject,
  session: Session,
): Promise<boolean> {
  const known = builtInScope(object) ?? scopeOfOld(olds) ?? session.learntScope(object);
  if (known !== undefined) return known === "namespace";
  if (session.renderer) return true;
  const mapping = await session.ifReachable((cluster) => cluster.mapping(object));
  return mapping?.namespaced ?? true;
}

function scopeOfOld(olds: KubeObject): "cluster" | "namespace" | undefined {
  if (nameOf(olds) === "") return undefined;
  return namespaceOf(olds) === "" ? "cluster" : "namespace";
}

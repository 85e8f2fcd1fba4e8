// The provider: each request to the file that answers it. Helm releases have a folder of their own.

import { UnsupportedError } from "../pulumi-plugin/errors";
import type {
  CheckFailure,
  CheckRequest,
  CheckResult,
  InvokeRequest,
  InvokeResult,
  Provider,
} from "../pulumi-plugin/provider";
import { type PropertyMap, withoutSecrets } from "../pulumi-plugin/values";
import { checkInputs } from "./check";
import { UnreachableError } from "./client";
import { diffConfig } from "./config-diff";
import { createObject } from "./create";
import { deleteObject } from "./delete";
import { diffObject } from "./diff";
import { releaseProvider } from "./helm/release";
import { type KubeObject, namespaceOf, nameOf, withMetadata } from "./kube-object";
import { readObject } from "./read";
import { builtInScope } from "./scope";
import { Session } from "./session";
import { readSettings } from "./settings";
import { updateObject } from "./update";
import { parseManifest } from "./yaml-documents";

const releaseType = "kubernetes:helm.sh/v3:Release";
const refusedTypes =
  /^kubernetes:(helm\.sh\/v[^3]|helm\.sh\/v3:(?!Release$)|yaml|kustomize|index)[/:]?/;

/** The provider of one plugin process. */
export function kubernetesProvider(): Provider {
  let configured: Session | undefined;
  const session = (type: string): Session => {
    if (refusedTypes.test(type)) {
      throw new UnsupportedError(`${type} is not done by this plugin.`);
    }
    configured ??= new Session(readSettings({}, process.env));
    return configured;
  };
  const release = releaseProvider(() => session(releaseType));
  const isRelease = (type: string) => type === releaseType;
  return {
    checkConfig,
    diffConfig,
    configure: ({ variables }) => {
      configured = new Session(readSettings(variables, process.env));
    },
    check: (request) =>
      isRelease(request.type)
        ? release.check(request)
        : checkObject(request, session(request.type)),
    diff: (request) =>
      isRelease(request.type)
        ? release.diff(request)
        : diffObject(request, session(request.type).settings),
    create: (request) =>
      isRelease(request.type)
        ? release.create(request)
        : createObject(request, session(request.type)),
    read: (request) =>
      isRelease(request.type) ? release.read(request) : readObject(request, session(request.type)),
    update: (request) =>
      isRelease(request.type)
        ? release.update(request)
        : updateObject(request, session(request.type)),
    delete: (request) =>
      isRelease(request.type)
        ? release.delete(request)
        : deleteObject(request, session(request.type)),
    invoke: (request) => invoke(request, () => session("")),
  };
}

/** Strict mode wants an explicit provider with kubeconfig and context. */
function checkConfig(request: CheckRequest): CheckResult {
  const { news: inputs } = request;
  if (withoutSecrets(inputs["strictMode"] ?? null) !== "true") return { inputs };
  const failures: CheckFailure[] = [];
  if (/::default(_[\d_]+)?$/.test(request.urn)) {
    failures.push({ property: "", reason: "strict mode prohibits default provider" });
  }
  for (const property of ["kubeconfig", "context"]) {
    if (inputs[property] !== undefined && inputs[property] !== "") continue;
    failures.push({ property, reason: `strict mode requires Provider "${property}" argument` });
  }
  return { inputs, failures };
}

async function checkObject(request: CheckRequest, session: Session): Promise<CheckResult> {
  if (session.settings.skipUpdateUnreachable && !(await isReachable(session))) {
    const message =
      "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping...";
    await request.log("warning", message);
    return { inputs: request.olds };
  }
  const inputs = await checkInputs(request, (object, olds) => namespaceFor(object, olds, session));
  return { inputs };
}

async function isReachable(session: Session): Promise<boolean> {
  try {
    await session.cluster.ping();
    return true;
  } catch (error) {
    if (error instanceof UnreachableError) return false;
    throw error;
  }
}

/** Asks the cluster only for new custom resources; one whose kind is not there yet counts as namespaced. */
async function namespaceFor(
  object: KubeObject,
  olds: KubeObject,
  session: Session,
): Promise<string | undefined> {
  const known = builtInScope(object) ?? (nameOf(olds) === "" ? undefined : scopeOfOld(olds));
  if (known === "cluster") return undefined;
  if (known === undefined && !(await isNamespaced(object, session))) return undefined;
  return session.defaultNamespace;
}

function scopeOfOld(olds: KubeObject): "cluster" | "namespace" {
  return namespaceOf(olds) === "" ? "cluster" : "namespace";
}

async function isNamespaced(object: KubeObject, session: Session): Promise<boolean> {
  try {
    return (await session.cluster.mapping(object))?.namespaced ?? true;
  } catch (error) {
    if (error instanceof UnreachableError) return true;
    throw error;
  }
}

async function invoke(request: InvokeRequest, session: () => Session): Promise<InvokeResult> {
  if (request.token !== "kubernetes:yaml:decode") {
    throw new UnsupportedError(`The function ${request.token} is not done by this plugin.`);
  }
  const args = withoutSecrets(request.args) as PropertyMap;
  const wanted = typeof args["defaultNamespace"] === "string" ? args["defaultNamespace"] : "";
  const objects = parseManifest(typeof args["text"] === "string" ? args["text"] : "");
  if (wanted === "") return { result: { result: objects } };
  const placed = objects.map(async (object) => {
    if (namespaceOf(object) !== "") return object;
    const namespace = await namespaceFor(object, {}, session());
    return namespace === undefined ? object : withMetadata(object, { namespace: wanted });
  });
  return { result: { result: await Promise.all(placed) } };
}

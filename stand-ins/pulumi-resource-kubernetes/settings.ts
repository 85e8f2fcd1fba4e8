// The provider's arguments, as Configure hands them over (texts), with the environment's defaults.

import { UnsupportedError } from "../pulumi-plugin/errors";

export interface Settings {
  /** Contents or path; "" for the ambient one. */
  readonly kubeconfig: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly namespace: string;
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
  readonly upsertExistingObjects: boolean;
  readonly enablePatchForce: boolean;
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
  /** Folder that manifests are written to instead of a cluster; "" for none. */
  readonly renderYamlToDirectory: string;
  /** Write every manifest in every update, changed or not. */
  readonly alwaysRender: boolean;
  readonly helm: HelmSettings;
}

export interface HelmSettings {
  readonly driver?: string;
  readonly pluginsPath?: string;
  readonly registryConfigPath?: string;
  readonly repositoryCache?: string;
  readonly repositoryConfigPath?: string;
}

type Variables = Readonly<Record<string, string>>;

const accepted = new Set([
  "alwaysRender",
  "cluster",
  "clusterIdentifier",
  "context",
  "deleteUnreachable",
  "enableConfigMapMutable",
  "enablePatchForce",
  "enableSecretMutable",
  "enableServerSideApply",
  "helmReleaseSettings",
  "kubeClientSettings",
  "kubeconfig",
  "namespace",
  "renderYamlToDirectory",
  "skipUpdateUnreachable",
  "strictMode",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
  "upsertExistingObjects",
  "version",
]);

/** Reads the settings; an argument that this plugin does not do is refused by name. */
export function readSettings(variables: Variables, env: NodeJS.ProcessEnv): Settings {
  const given = argumentsOf(variables);
  for (const [name, value] of Object.entries(given)) refuse(name, value);
  const flag = (name: string, variable: string, fallback = false) => {
    const text = given[name] ?? env[variable];
    return text === undefined ? fallback : text === "true";
  };
  if (!flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true)) {
    throw new UnsupportedError(
      'The provider argument "enableServerSideApply": false (client-side apply) is not done by this plugin.',
    );
  }
  return {
    kubeconfig: given["kubeconfig"] ?? "",
    context: given["context"] || undefined,
    cluster: given["cluster"] || undefined,
    namespace: given["namespace"] ?? "",
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    renderYamlToDirectory: given["renderYamlToDirectory"] ?? "",
    alwaysRender: given["alwaysRender"] === "true",
    helm: helmSettings(given["helmReleaseSettings"], env),
  };
}

const helmVariables: Readonly<Record<keyof HelmSettings, string>> = {
  driver: "PULUMI_K8S_HELM_DRIVER",
  pluginsPath: "PULUMI_K8S_HELM_PLUGINS_PATH",
  registryConfigPath: "PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH",
  repositoryCache: "PULUMI_K8S_HELM_REPOSITORY_CACHE",
  repositoryConfigPath: "PULUMI_K8S_HELM_REPOSITORY_CONFIG_PATH",
};

function helmSettings(text: string | undefined, env: NodeJS.ProcessEnv): HelmSettings {
  const given = JSON.parse(text || "{}") as HelmSettings;
  const names = Object.keys(helmVariables) as (keyof HelmSettings)[];
  return Object.fromEntries(names.map((name) => [name, given[name] ?? env[helmVariables[name]]]));
}

function argumentsOf(variables: Variables): Record<string, string | undefined> {
  const prefix = "kubernetes:config:";
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

function refuse(name: string, value: string | undefined): void {
  const off = value === undefined || value === "" || value === "false";
  if (off || accepted.has(name) || name.startsWith("__")) return;
  throw new UnsupportedError(`The provider argument "${name}" is not done by this plugin.`);
}

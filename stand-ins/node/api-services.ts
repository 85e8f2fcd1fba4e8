// What pods get from the API server: ConfigMaps, Secrets, tokens of service accounts, the names of Services.
import type { KubeClient, KubeObject, Resource } from "../shared/kube-client";
import { KubeStore } from "../shared/kube-store";
import { MissingSourceError } from "./environment";
import { serviceLinks } from "./service-links";
import type { LinkedService } from "./service-links";
import { Tokens } from "./tokens";
import type { Pod } from "./types";
import type { VolumeSources } from "./volumes";
import { WatchedObjects } from "./watched-objects";

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

interface Secret extends KubeObject {
  data?: Record<string, string>;
}

const services: Resource<LinkedService> = {
  group: "",
  version: "v1",
  plural: "services",
  kind: "Service",
};

/** The sources that the API server holds. */
export type ApiSources = Pick<VolumeSources, "configMap" | "secret" | "token">;

export class ApiServices {
  private readonly configMaps: WatchedObjects<ConfigMap>;
  private readonly secrets: WatchedObjects<Secret>;
  private readonly services: KubeStore<LinkedService>;
  private readonly tokens: Tokens;
  private synced = false;

  constructor(client: KubeClient) {
    const core = { group: "", version: "v1" };
    this.configMaps = new WatchedObjects<ConfigMap>(client, {
      ...core,
      plural: "configmaps",
      kind: "ConfigMap",
    });
    this.secrets = new WatchedObjects<Secret>(client, {
      ...core,
      plural: "secrets",
      kind: "Secret",
    });
    this.tokens = new Tokens(client);
    this.services = new KubeStore(client, services);
    void this.services.synced.then(() => (this.synced = true));
  }

  start(): void {
    this.services.start();
  }

  stop(): void {
    this.services.stop();
  }

  /** What a pod's environment and volumes are made from; `changed` is called when some of it changes. */
  sources(pod: Pod, changed: () => void): ApiSources {
    const { namespace = "default", uid = "" } = pod.metadata;
    const watcher = { uid, changed };
    return {
      configMap: async (name) => {
        const found = await this.configMaps.get({ name, namespace }, watcher);
        return found && { ...bytes(found.data, "utf8"), ...bytes(found.binaryData, "base64") };
      },
      secret: async (name) => {
        const found = await this.secrets.get({ name, namespace }, watcher);
        return found && bytes(found.data, "base64");
      },
      token: (audience, seconds) => this.tokens.get(pod, audience, seconds),
    };
  }

  /** The variables of Services for a pod. Throws while they have not been read. */
  links(pod: Pod): Record<string, string> {
    if (!this.synced)
      throw new MissingSourceError(
        "services have not yet been read at least once, cannot construct envvars",
      );
    const { namespace = "default" } = pod.metadata;
    return serviceLinks(this.services.list(), namespace, pod.spec.enableServiceLinks !== false);
  }

  /** Forgets what was kept for a pod. */
  forget(uid: string): void {
    this.configMaps.release(uid);
    this.secrets.release(uid);
    this.tokens.forget(uid);
  }
}

function bytes(
  data: Record<string, string> | undefined,
  encoding: "utf8" | "base64",
): Record<string, Buffer> {
  const entries = Object.entries(data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, encoding)]));
}

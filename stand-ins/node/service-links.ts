// Variables by which a pod finds the Services of its namespace, as the kubelet's envvars package writes them. Pure.
import type { KubeObject } from "../shared/kube-client";

/** The part of a Service that is told to pods. */
export interface LinkedService extends KubeObject {
  spec?: {
    clusterIP?: string;
    ports?: { name?: string; port: number; protocol?: string }[];
  };
}

/** The variables of all Services of a namespace; the API server's are there without links, too. */
export function serviceLinks(
  services: readonly LinkedService[],
  namespace: string,
  linked: boolean,
): Record<string, string> {
  const told = services.filter(({ metadata, spec }) => {
    if (!spec?.clusterIP || spec.clusterIP === "None") return false;
    const isApiServer = metadata.namespace === "default" && metadata.name === "kubernetes";
    return isApiServer || (linked && metadata.namespace === namespace);
  });
  return Object.assign({}, ...told.map(variablesOf)) as Record<string, string>;
}

/** The variables of one Service that has a ClusterIP. */
export function variablesOf({ metadata, spec }: LinkedService): Record<string, string> {
  const prefix = variableName(metadata.name);
  const host = spec?.clusterIP ?? "";
  const ports = spec?.ports ?? [];
  const result: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: host };
  for (const [index, { name, port, protocol = "TCP" }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    if (index === 0) {
      result[`${prefix}_SERVICE_PORT`] = String(port);
      result[`${prefix}_PORT`] = url;
    }
    if (name) result[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
    const one = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    result[one] = url;
    result[`${one}_PROTO`] = protocol.toLowerCase();
    result[`${one}_PORT`] = String(port);
    result[`${one}_ADDR`] = host;
  }
  return result;
}

function variableName(text: string): string {
  return text.replaceAll("-", "_").toUpperCase();
}

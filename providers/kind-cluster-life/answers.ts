// Whether a cluster's own API server answers: known by the authority that its kubeconfig has. Asking kind takes a process,
// and with Docker another one.
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { parse } from "yaml";

interface Kubeconfig {
  clusters?: {
    name: string;
    cluster: { server: string; "certificate-authority-data"?: string };
  }[];
}

const MILLISECONDS = 1000;

/** Whatever it says, unauthorised included; false where the kubeconfig has no such cluster, or nothing answers in time. */
export function answers(kubeconfigFile: string, cluster: string): Promise<boolean> {
  const found = clusterOf(kubeconfigFile, cluster);
  const authority = found?.["certificate-authority-data"];
  if (!found || !authority) return Promise.resolve(false);
  return new Promise((resolve) => {
    const ca = Buffer.from(authority, "base64");
    const asked = request(`${found.server}/version`, { ca, timeout: MILLISECONDS }, (response) => {
      response.destroy();
      resolve(true);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.on("close", () => resolve(false));
    asked.end();
  });
}

function clusterOf(kubeconfigFile: string, cluster: string) {
  try {
    const { clusters } = parse(readFileSync(kubeconfigFile, "utf8")) as Kubeconfig;
    return clusters?.find(({ name }) => name === `kind-${cluster}`)?.cluster;
  } catch {
    return undefined; // No file, or somebody else's: kind is asked.
  }
}

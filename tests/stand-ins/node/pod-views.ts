// What the tests of pods' lives read from a pod, and the web server they probe.
import type { Pod } from "../../../stand-ins/node/types";
import type { KubeClient } from "../../../stand-ins/shared/kube-client";

/** A container that answers 200 on its port, 503 as long as the file exists. */
export const web = (name: string, port: number, file: string, more: object = {}) => ({
  name,
  image: "example.org/web:v1",
  args: [String(port), file],
  ports: [{ name: "http", containerPort: port }],
  ...more,
});

export function stateOf(pod: Pod, at = 0) {
  return pod.status?.containerStatuses?.[at];
}

export function conditionsOf(pod: Pod): Record<string, string> {
  const all = (pod.status?.conditions ?? []).map(({ type, status }) => [type, status] as const);
  return Object.fromEntries(all);
}

interface Review {
  status: {
    authenticated?: boolean;
    user?: { username: string; extra?: Record<string, string[]> };
  };
}

/** What the API server says of a token. */
export async function review(kube: KubeClient, token: string, audience: string): Promise<Review> {
  return (await kube.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token, audiences: [audience] },
  })) as Review;
}

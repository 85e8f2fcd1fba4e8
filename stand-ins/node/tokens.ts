// Tokens of service accounts for projected volumes: asked for once a pod, and again before they expire.
import type { KubeClient } from "../shared/kube-client";
import type { Pod } from "./types";

const day = 24 * 60 * 60 * 1000;

interface Token {
  token: string;
  seconds: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Whether a token is renewed now: the last fifth of its life has begun, or it is a day old. The kubelet's rule. */
export function isDue({ seconds, expiresAt }: Omit<Token, "token">, now: number): boolean {
  const issuedAt = expiresAt - seconds * 1000;
  return now > expiresAt - seconds * 200 || now > issuedAt + day;
}

export class Tokens {
  private readonly client: KubeClient;
  private readonly clock: () => number;
  private readonly known = new Map<string, Token>();

  constructor(client: KubeClient, clock: () => number = Date.now) {
    this.client = client;
    this.clock = clock;
  }

  /** A token bound to the pod. While a due one cannot be renewed, it is given out as long as it is valid. */
  async get(pod: Pod, audience: string | undefined, seconds: number): Promise<string> {
    const key = `${pod.metadata.uid ?? ""} ${audience ?? ""} ${seconds}`;
    const known = this.known.get(key);
    if (known && !isDue(known, this.clock())) return known.token;
    try {
      const fresh = await this.request(pod, audience, seconds);
      this.known.set(key, fresh);
      return fresh.token;
    } catch (error) {
      if (known && this.clock() < known.expiresAt) return known.token;
      throw error;
    }
  }

  /** Forgets the tokens of a pod. */
  forget(uid: string): void {
    for (const key of this.known.keys()) if (key.startsWith(`${uid} `)) this.known.delete(key);
  }

  private async request(pod: Pod, audience: string | undefined, seconds: number): Promise<Token> {
    const { name, uid, namespace = "default" } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? "default";
    const answer = (await this.client.call(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          ...(audience === undefined ? {} : { audiences: [audience] }),
          expirationSeconds: seconds,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
        },
      },
    )) as {
      spec: { expirationSeconds?: number };
      status: { token: string; expirationTimestamp: string };
    };
    const { token, expirationTimestamp } = answer.status;
    const granted = answer.spec.expirationSeconds ?? seconds;
    return { token, seconds: granted, expiresAt: Date.parse(expirationTimestamp) };
  }
}

// The NC2 console over HTTPS. What only asks is asked again after what passes by itself; what begins something is only
// repeated where the console says that it did nothing: it has no request ids. Whoever calls looks at the state then.
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { AxiosInstance, AxiosResponse } from "axios";
import axios from "axios";
import { delayBefore } from "../prism/passing";
import { CALLS, type CallName, DEFAULT_URL } from "./api";
import type { Credentials } from "./credentials";
import { Nc2Error, refusal, strange, unreachable } from "./errors";
import { tokenFor } from "./token";

export interface ConsoleEndpoint {
  /** Base of all paths. @default DEFAULT_URL */
  url?: string;
  /** PEM of the CAs to trust, in the place of the system's. */
  trustBundle?: string;
}

export interface Clock {
  sleep: (milliseconds: number) => Promise<unknown>;
  now: () => Date;
}

const REAL_CLOCK: Clock = { sleep, now: () => new Date() };
const ATTEMPTS = 5;
const ANSWER_TIMEOUT = 60_000;

interface Details {
  /** In the place of `{id}`. */
  id?: string;
  query?: Record<string, string | number>;
  body?: object;
}

export class Nc2Client {
  readonly clock: Clock;
  private readonly base: string;
  private readonly credentials: Credentials;
  private readonly http: AxiosInstance;

  constructor(endpoint: ConsoleEndpoint, credentials: Credentials, clock: Clock = REAL_CLOCK) {
    this.clock = clock;
    this.credentials = credentials;
    this.base = (endpoint.url ?? DEFAULT_URL).replace(/\/+$/, "");
    const { trustBundle: ca } = endpoint;
    this.http = axios.create({
      // Proxies of the environment are used, as anywhere on the internet; not with a CA of one's own.
      ...(ca === undefined ? {} : { httpsAgent: new Agent({ ca }), proxy: false }),
      timeout: ANSWER_TIMEOUT,
      maxRedirects: 0,
      validateStatus: () => true,
    });
  }

  /** One call of the table; answers its `data`. Throws Nc2Error on any status but 2xx. */
  async call<Data>(name: CallName, details: Details = {}): Promise<Data> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once<Data>(name, details);
      } catch (error) {
        if (attempt >= ATTEMPTS || !mayRepeat(name, error)) throw error;
        await this.pause(attempt, error);
      }
    }
  }

  /** Waits before another attempt, as long as the failure of the last one asks for. */
  async pause(attempt: number, failure: unknown): Promise<void> {
    const retryAfter = failure instanceof Nc2Error ? failure.retryAfter : undefined;
    await this.clock.sleep(delayBefore(attempt, retryAfter, this.clock.now()));
  }

  private async once<Data>(name: CallName, { id = "", query, body }: Details): Promise<Data> {
    const { method } = CALLS[name];
    const path = CALLS[name].path.replace("{id}", encodeURIComponent(id));
    const named = `${method} ${path} at the NC2 console ${this.base}`;
    // A token of its own for each attempt: none ends on the way.
    const token = await tokenFor(this.credentials, this.clock.now());
    const response: AxiosResponse<unknown> = await this.http
      .request<unknown>({
        method,
        url: this.base + path,
        ...(query && { params: query }),
        ...(method !== "GET" && { data: body ?? {} }),
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          ...(method !== "GET" && { "content-type": "application/json" }),
        },
      })
      .catch((error: unknown) => {
        throw unreachable(named, error);
      });
    if (response.status >= 300) throw refusal(named, response, this.clock.now());
    const { data } = (response.data ?? {}) as { data?: Data | null };
    if (typeof data !== "object" || data === null) throw strange(named, response.status);
    return data;
  }
}

function mayRepeat(name: CallName, error: unknown): boolean {
  if (!(error instanceof Nc2Error && error.passes)) return false;
  const didNothing =
    error.status === 429 || (error.status === 503 && error.retryAfter !== undefined);
  return CALLS[name].method !== "POST" || didNothing;
}

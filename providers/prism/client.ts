// Prism Central over HTTPS. What may be repeated without harm is tried again after what passes by itself; a new
// image is only asked for again where Prism Central says that it did nothing: v3 has no request ids.
import { randomUUID } from "node:crypto";
import type { ClientRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { AxiosInstance, AxiosResponse } from "axios";
import axios from "axios";
import { credentialsFrom, type Credentials } from "./credentials";
import { PrismError, refusal, strange, unreachable } from "./errors";
import { delayBefore } from "./passing";
import type { Surroundings } from "./surroundings";

export interface Endpoint {
  address: string;
  port: number;
  /** Take any certificate. @default false */
  insecure?: boolean;
  /** PEM of the CAs to trust, in the place of the system's. */
  trustBundle?: string;
}

interface Clock {
  sleep: (milliseconds: number) => Promise<unknown>;
}

export interface ClientOptions {
  clock?: Clock;
  /** An upload that stands still for this long is given up. @default 300000 */
  idleMilliseconds?: number;
  /** How often a request is tried that may be repeated. @default 5 */
  attempts?: number;
  /** An answer that takes longer is not waited for. @default 70000 */
  answerMilliseconds?: number;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Sent {
  data?: object | undefined;
  headers?: Record<string, string>;
}

const V3 = "/api/nutanix/v3";
const ATTEMPTS = 5;
const ANSWER_TIMEOUT = 70_000;

export class PrismClient {
  readonly clock: Clock;
  readonly idleMilliseconds: number;
  private readonly attempts: number;
  private readonly answerMilliseconds: number;
  private readonly base: string;
  private readonly agent: Agent;
  private readonly authentication: Record<string, string>;
  private readonly http: AxiosInstance;

  constructor(endpoint: Endpoint, credentials: Credentials, options: ClientOptions = {}) {
    this.clock = options.clock ?? { sleep };
    this.idleMilliseconds = options.idleMilliseconds ?? 300_000;
    this.attempts = options.attempts ?? ATTEMPTS;
    this.answerMilliseconds = options.answerMilliseconds ?? ANSWER_TIMEOUT;
    this.base = `https://${endpoint.address}:${endpoint.port}`;
    this.authentication = authentication(credentials);
    this.agent = new Agent({
      rejectUnauthorized: !(endpoint.insecure ?? false),
      ...(endpoint.trustBundle === undefined ? {} : { ca: endpoint.trustBundle }),
    });
    this.http = axios.create({
      baseURL: this.base,
      httpsAgent: this.agent,
      // Prism Central is reached directly, as Nutanix's own clients do.
      proxy: false,
      maxRedirects: 0,
      validateStatus: () => true,
      headers: this.authentication,
    });
  }

  /** One call of v3 (`/images`) or of v4 (`/api/...`); answers the body. Throws PrismError on any status but 2xx. */
  async request<Body>(method: Method, path: string, data?: object): Promise<Body> {
    return (await this.answer<Body>(method, path, { data })).data;
  }

  /**
   * Deletes an entity of v4 as it is now, by its path. Answers the uuid of the task that does it; nothing where it is
   * gone at once, or was gone before.
   */
  async remove(path: string): Promise<string | undefined> {
    try {
      const { headers } = await this.answer<object>("GET", path, {});
      const etag = (headers as Record<string, string | undefined>)["etag"];
      const { data } = await this.answer<{ data?: { extId?: string } }>("DELETE", path, {
        headers: { "ntnx-request-id": randomUUID(), ...(etag ? { "if-match": etag } : {}) },
      });
      // v4 writes a task's id as ZXJnb24=:<uuid>.
      return data.data?.extId?.split(":").at(-1);
    } catch (error) {
      if (error instanceof PrismError && error.status === 404) return undefined;
      throw error;
    }
  }

  private async answer<Body>(
    method: Method,
    path: string,
    what: Sent,
  ): Promise<AxiosResponse<Body>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once<Body>(method, path, what);
      } catch (error) {
        if (attempt >= this.attempts || !mayRepeat(method, path, error)) throw error;
        await this.pause(attempt, error);
      }
    }
  }

  /** Waits before another attempt, as long as the failure of the last one asks for. */
  async pause(attempt: number, failure: unknown): Promise<void> {
    const retryAfter = failure instanceof PrismError ? failure.retryAfter : undefined;
    await this.clock.sleep(delayBefore(attempt, retryAfter, new Date()));
  }

  /** Begins a PUT of v3 whose body the caller sends. */
  put(path: string, headers: Record<string, string>): ClientRequest {
    return httpsRequest(this.base + V3 + path, {
      method: "PUT",
      agent: this.agent,
      headers: { ...this.authentication, ...headers },
    });
  }

  /** How a request is called in what people read. */
  named(method: Method, path: string): string {
    return `${method} ${path} at Prism Central ${this.base}`;
  }

  private async once<Body>(
    method: Method,
    path: string,
    { data, headers }: Sent,
  ): Promise<AxiosResponse<Body>> {
    const named = this.named(method, path);
    const response: AxiosResponse<Body> = await this.http
      .request<Body>({
        method,
        url: path.startsWith("/api/") ? path : V3 + path,
        data,
        timeout: this.answerMilliseconds,
        headers: { "content-type": "application/json", ...headers },
      })
      .catch((error: unknown) => {
        throw unreachable(named, error);
      });
    if (response.status >= 300) throw refusal(named, response);
    if (method !== "DELETE" && typeof response.data !== "object")
      throw strange(named, response.status);
    return response;
  }
}

/** A change by PUT compares versions, a second DELETE finds nothing: neither harms. */
function mayRepeat(method: Method, path: string, error: unknown): boolean {
  if (!(error instanceof PrismError && error.passes)) return false;
  const isHarmless = method !== "POST" || path.endsWith("/list");
  const didNothing =
    error.status === 429 || (error.status === 503 && error.retryAfter !== undefined);
  return isHarmless || didNothing;
}

function authentication(credentials: Credentials): Record<string, string> {
  if ("apiKey" in credentials) return { "x-ntnx-api-key": credentials.apiKey };
  const { username, password } = credentials;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

/** A client with the credentials of the environment or the stack. */
export function clientFor(
  endpoint: Endpoint,
  { environment, stackAccess, client }: Surroundings,
): PrismClient {
  return new PrismClient(endpoint, credentialsFrom(environment, stackAccess), client);
}

// A controller's side of Prism Central's HTTPS: version negotiation, request ids, ETags, paging, retries and tasks.
// Tasks are polled after 50 ms, then less and less often, down to once a second; CAPX itself always waits 1 s.

import { randomUUID } from "node:crypto";
import https from "node:https";
import axios from "axios";
import type { AxiosInstance, AxiosResponse } from "axios";
import { authenticationHeader } from "./prism-credentials";
import type { Credentials } from "./prism-credentials";

export interface Endpoint {
  address: string;
  port: number;
  insecure: boolean;
  /** PEM of further certification authorities. */
  trustBundle?: string;
  credentials: Credentials;
}

/** An answer of Prism Central that is no success; status 0 when there was no answer. */
export class PrismError extends Error {
  readonly status: number;
  constructor(call: string, status: number, message: string) {
    super(`${call} failed: ${status === 0 ? message : `${status} ${message}`}.`);
    this.name = "PrismError";
    this.status = status;
  }
}

/** A task that ended in anything but success, or never. */
export class TaskError extends Error {
  readonly task: Task | undefined;
  constructor(extId: string, outcome: string, task?: Task) {
    super(`Task ${extId} ${outcome}.`);
    this.name = "TaskError";
    this.task = task;
  }
}

/** How long Prism Central is waited for, in milliseconds. */
export interface Patience {
  /** For a task in one reconcile, before others get the worker. */
  reconcile: number;
  /** For a task at all; then the entity is looked at, and another try is made. */
  task: number;
  /** For something new to be in a list. */
  listLag: number;
}

export const patience: Patience = { reconcile: 5_000, task: 600_000, listLag: 30_000 };

export interface Task {
  extId: string;
  status: string;
  operation?: string;
  createdTime?: string;
  completedTime?: string;
  entitiesAffected?: { extId: string; rel?: string }[];
  errorMessages?: { message?: string }[];
}

interface Envelope<T> {
  data?: T;
  metadata?: { totalAvailableResults?: number };
}

export interface Entity<T> {
  value: T;
  etag: string;
}

export interface Call {
  method: "GET" | "POST" | "DELETE" | "OPTIONS";
  path: string;
  query?: Record<string, string | number>;
  body?: object;
  etag?: string;
  requestId?: string;
}

const retried = new Set([408, 429, 503, 504]);

export class PrismClient {
  private readonly http: AxiosInstance;
  private readonly versions = new Map<string, Promise<string>>();
  private readonly pause: (milliseconds: number) => Promise<void>;

  /** What was begun and has not been seen to end: entity and action -> task. */
  readonly pending = new Map<string, string>();
  readonly patience: Patience;

  constructor(endpoint: Endpoint, given = patience, pause = sleep) {
    this.patience = given;
    this.pause = pause;
    this.http = axios.create({
      baseURL: `https://${endpoint.address}:${endpoint.port}`,
      headers: { ...authenticationHeader(endpoint.credentials), Accept: "application/json" },
      httpsAgent: new https.Agent({
        keepAlive: true,
        rejectUnauthorized: !endpoint.insecure,
        ca: endpoint.insecure ? undefined : endpoint.trustBundle,
      }),
      proxy: false,
      timeout: 70_000,
      validateStatus: () => true,
    });
  }

  /** Checks the credentials, as CAPX's v3 client does when it is made. */
  async login(): Promise<void> {
    await this.call({ method: "GET", path: "/api/nutanix/v3/users/me" });
  }

  /** The path of a v4 resource, in the version that this Prism Central speaks, v4.2 at most. */
  async path(namespace: string, resource: string): Promise<string> {
    let version = this.versions.get(namespace);
    if (!version) {
      version = this.negotiate(namespace);
      this.versions.set(namespace, version);
    }
    return `/api/${namespace}/${await version}/${resource}`;
  }

  /** One object with its ETag; undefined when there is none. */
  async get<T>(namespace: string, resource: string): Promise<Entity<T> | undefined> {
    const path = await this.path(namespace, resource);
    try {
      const response = await this.call({ method: "GET", path });
      const envelope = response.data as Envelope<T>;
      if (envelope.data === undefined)
        throw new PrismError(`GET ${path}`, response.status, "without data");
      return { value: envelope.data, etag: headerOf(response, "etag") };
    } catch (error) {
      if (error instanceof PrismError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Every object of a list, page by page. */
  async list<T>(namespace: string, resource: string, filter?: string): Promise<T[]> {
    const path = await this.path(namespace, resource);
    const found: T[] = [];
    for (let page = 0; ; page++) {
      const query = { $page: page, ...(filter && { $filter: filter }) };
      const envelope = (await this.call({ method: "GET", path, query })).data as Envelope<T[]>;
      const rows = envelope.data ?? [];
      found.push(...rows);
      if (rows.length === 0 || found.length >= (envelope.metadata?.totalAvailableResults ?? 0))
        return found;
    }
  }

  /** A mutation that answers with a task; the task's extId. */
  async begin(namespace: string, resource: string, call: Omit<Call, "path">): Promise<string> {
    const path = await this.path(namespace, resource);
    const response = await this.call({ ...call, path });
    const extId = (response.data as Envelope<{ extId?: string }>).data?.extId;
    if (!extId) throw new PrismError(`${call.method} ${path}`, response.status, "without a task");
    return extId;
  }

  /** Waits for a task, no longer than one reconcile may; TaskError when it ends badly. */
  async finish(extId: string): Promise<Task> {
    let delay = 50;
    for (let waited = 0; ; delay = Math.min(delay * 1.5, 1000)) {
      await this.pause(delay);
      waited += delay;
      const task = await this.get<Task>("prism", `config/tasks/${extId}`);
      if (!task) throw new TaskError(extId, "is unknown to Prism Central");
      const { status, errorMessages } = task.value;
      if (["FAILED", "CANCELED", "SUSPENDED"].includes(status))
        throw new TaskError(extId, `ended as ${status}: ${messagesOf(errorMessages)}`, task.value);
      if (status === "SUCCEEDED" || waited >= this.patience.reconcile) return task.value;
    }
  }

  /** One call with CAPX's retries; all tries carry the same request id. */
  async call(call: Call): Promise<AxiosResponse<unknown>> {
    const requestId = call.requestId ?? randomUUID();
    for (let tries = 1; ; tries++) {
      const response = await this.send(call, requestId);
      if (response.status >= 200 && response.status < 300) return response;
      if (!retried.has(response.status) || tries === 6)
        throw new PrismError(nameOf(call), response.status, errorText(response.data));
      const after = Number(headerOf(response, "retry-after")) * 1000;
      await this.pause(after || Math.min(1000 * tries, 3000));
    }
  }

  private async send(call: Call, requestId: string): Promise<AxiosResponse<unknown>> {
    const headers: Record<string, string> = {
      "NTNX-Request-Id": requestId,
      "Content-Type": "application/json",
    };
    if (call.etag) headers["If-Match"] = call.etag;
    try {
      return await this.http.request<unknown>({
        method: call.method,
        url: call.path,
        params: call.query,
        data: call.body,
        headers,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PrismError(nameOf(call), 0, reason);
    }
  }

  /** An answer below v4.2 is taken as it is; none, or a higher one, means v4.2. */
  private async negotiate(namespace: string): Promise<string> {
    try {
      const path = `/api/${namespace}/unversioned/info`;
      const response = await this.call({ method: "OPTIONS", path });
      const answer = (response.data as Envelope<string>).data ?? "";
      return /^v4\.[01]$/.test(answer) ? answer : "v4.2";
    } catch (error) {
      this.versions.delete(namespace);
      if (error instanceof PrismError && error.status !== 0) return "v4.2";
      throw error;
    }
  }
}

/** A string literal of an OData filter. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function nameOf(call: Call): string {
  return `${call.method} ${call.path}`;
}

function headerOf(response: AxiosResponse, name: string): string {
  const value: unknown = response.headers[name];
  return typeof value === "string" ? value : "";
}

function messagesOf(messages: { message?: string }[] | undefined): string {
  return (messages ?? []).map(({ message }) => message ?? "").join("; ") || "no message";
}

/** The messages of a v4 or a v3 error body. */
function errorText(body: unknown): string {
  const { data, message_list } = (body ?? {}) as {
    data?: { error?: unknown };
    message_list?: { message?: string }[];
  };
  if (message_list) return messagesOf(message_list);
  const error = data?.error;
  if (Array.isArray(error)) return messagesOf(error as { message?: string }[]);
  return error === undefined ? "no message" : JSON.stringify(error);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

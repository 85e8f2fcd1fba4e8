// Requests to one API server over kept connections. @kubernetes/client-node would do, but takes 0.7 s to load,
// which every preview would pay.

import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { KubeObject } from "./kube-object";
import { numberAt, textAt } from "./kube-object";
import type { Connection } from "./kubeconfig";

/** The API server answered, but not with success. */
export class KubeApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly body: KubeObject;
  constructor(status: number, message: string, body: KubeObject) {
    super(message);
    this.name = "KubeApiError";
    this.status = status;
    this.reason = textAt(body, "reason");
    this.body = body;
  }
}

/** Nothing that could be an API server answered. */
export class UnreachableError extends Error {
  override name = "UnreachableError";
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly object: KubeObject;
  /** What the server warns of, e.g. unknown fields. */
  readonly warnings: readonly string[];
}

interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

const connectMilliseconds = 10_000;
const idleMilliseconds = 60_000;
const patienceWith429 = 5;

export class KubeClient {
  readonly #connection: Connection;
  readonly #agent: http.Agent;
  readonly #base: URL;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#base = new URL(connection.server);
    const { ca, cert, key, insecure, serverName: servername } = connection;
    const kept = { keepAlive: true, maxSockets: 16 };
    this.#agent =
      this.#base.protocol === "https:"
        ? new https.Agent({ ...kept, ca, cert, key, servername, rejectUnauthorized: !insecure })
        : new http.Agent(kept);
  }

  /** One request; throws KubeApiError or UnreachableError. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#send(method, path, options);
      if (answer.status === 429 && attempt < patienceWith429) {
        const seconds = Number(answer.headers["retry-after"] ?? 1);
        await sleep(1000 * Math.min(seconds, 10), undefined, { signal: options.signal });
        continue;
      }
      return understood(method, path, answer);
    }
  }

  async #send(method: string, path: string, options: RequestOptions): Promise<RawAnswer> {
    try {
      return await this.#sendOnce(method, path, options);
    } catch (error) {
      // A kept connection may have been closed by the server just before it was used again.
      if (!(error instanceof StaleConnectionError)) throw error;
      return await this.#sendOnce(method, path, options);
    }
  }

  #sendOnce(method: string, path: string, options: RequestOptions): Promise<RawAnswer> {
    const url = new URL(this.#base.pathname.replace(/\/$/, "") + path, this.#base);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, value);
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method,
      agent: this.#agent,
      headers: this.#headers(body, options.contentType),
      signal: options.signal,
      timeout: idleMilliseconds,
    });
    return new Promise((resolve, reject) => {
      request.on("timeout", () => request.destroy(new Error("nothing within 60 s")));
      request.on("socket", (socket) => giveUpConnecting(socket, request));
      request.on("error", (error: NodeJS.ErrnoException) => {
        reject(this.#failure(error, request.reusedSocket));
      });
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => reject(this.#failure(error, false)));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.end(body);
    });
  }

  #headers(body: string | undefined, contentType = "application/json"): http.OutgoingHttpHeaders {
    const headers: http.OutgoingHttpHeaders = { accept: "application/json" };
    if (body !== undefined) {
      headers["content-type"] = contentType;
      headers["content-length"] = Buffer.byteLength(body);
    }
    if (this.#connection.authorization) headers["authorization"] = this.#connection.authorization;
    return headers;
  }

  #failure(error: NodeJS.ErrnoException, reused: boolean): Error {
    if (error.name === "AbortError") return error;
    if (reused && error.code === "ECONNRESET") return new StaleConnectionError();
    return new UnreachableError(
      `configured Kubernetes cluster is unreachable: ${this.#connection.server} answered ${error.message}`,
      { cause: error },
    );
  }
}

/** A host that swallows packets would hold a request for minutes. */
function giveUpConnecting(socket: Socket, request: http.ClientRequest): void {
  if (!socket.connecting) return;
  const giveUp = () => request.destroy(new Error("no connection within 10 s"));
  const timer = setTimeout(giveUp, connectMilliseconds);
  const stop = () => clearTimeout(timer);
  socket.once("connect", stop).once("close", stop);
}

class StaleConnectionError extends Error {}

function understood(method: string, path: string, answer: RawAnswer): Answer {
  const object = parseBody(answer.text);
  if (answer.status >= 200 && answer.status < 300) {
    return { object, warnings: warningsOf(answer.headers["warning"]) };
  }
  const said = textAt(object, "message") || answer.text.trim() || "nothing";
  const status = numberAt(object, "code") ?? answer.status;
  throw new KubeApiError(status, `${method} ${path} answered ${status}: ${said}`, object);
}

function parseBody(text: string): KubeObject {
  try {
    return JSON.parse(text) as KubeObject;
  } catch {
    return {};
  }
}

function warningsOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? "").replaceAll('\\"', '"'),
  );
}

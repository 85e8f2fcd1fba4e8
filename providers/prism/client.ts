// Prism Central's v3 API over HTTPS. Reads are tried again after what passes by itself; changes are not, since v3
// has no request ids. Uploads stream, with no limit on the whole but one on standstill.
import { createReadStream } from "node:fs";
import { Agent } from "node:https";
import { Transform } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { AxiosInstance, AxiosResponse } from "axios";
import axios from "axios";
import { refusal, unreachable } from "./errors";

export interface Endpoint {
  address: string;
  port: number;
  /** Take any certificate. @default false */
  insecure?: boolean;
  /** PEM of the CAs to trust, in the place of the system's. */
  trustBundle?: string;
}

export type Credentials = { username: string; password: string } | { apiKey: string };

export interface Upload {
  file: string;
  sizeBytes: number;
  sha256: string;
  /** Told each time some bytes left. */
  onProgress?: (sentBytes: number) => void;
}

interface Clock {
  sleep: (milliseconds: number) => Promise<unknown>;
}

export interface ClientOptions {
  clock?: Clock;
  /** An upload that stands still for this long is given up. @default 300000 */
  idleMilliseconds?: number;
}

const PASSES = new Set([408, 429, 502, 503, 504]);
const ATTEMPTS = 5;
const ANSWER_TIMEOUT = 70_000;

export class PrismClient {
  readonly clock: Clock;
  private readonly base: string;
  private readonly http: AxiosInstance;
  private readonly idleMilliseconds: number;

  constructor(endpoint: Endpoint, credentials: Credentials, options: ClientOptions = {}) {
    this.clock = options.clock ?? { sleep };
    this.idleMilliseconds = options.idleMilliseconds ?? 300_000;
    this.base = `https://${endpoint.address}:${endpoint.port}`;
    this.http = axios.create({
      baseURL: `${this.base}/api/nutanix/v3`,
      httpsAgent: new Agent({
        rejectUnauthorized: !(endpoint.insecure ?? false),
        ...(endpoint.trustBundle === undefined ? {} : { ca: endpoint.trustBundle }),
      }),
      // Prism Central is reached directly, as Nutanix's own clients do.
      proxy: false,
      maxRedirects: 0,
      validateStatus: () => true,
      ...authentication(credentials),
    });
  }

  /** One call; answers the body. Throws PrismError on any status but 2xx. */
  async request<Body>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    data?: object,
  ): Promise<Body> {
    const attempts = method === "GET" || path.endsWith("/list") ? ATTEMPTS : 1;
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send<Body>(method, path, data).catch((error: unknown) => {
        if (attempt >= attempts) throw unreachable(this.named(method, path), error);
        return undefined;
      });
      if (response && response.status < 300) return response.data;
      if (response && (attempt >= attempts || !PASSES.has(response.status)))
        throw refusal(this.named(method, path), response.status, response.data);
      await this.clock.sleep(500 * 2 ** attempt);
    }
  }

  /** Sends a file as it is. */
  async upload(path: string, upload: Upload): Promise<void> {
    const named = this.named("PUT", path);
    const standstill = new AbortController();
    const timer = setTimeout(() => {
      standstill.abort();
    }, this.idleMilliseconds);
    let sentBytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sentBytes += chunk.length;
        timer.refresh();
        upload.onProgress?.(sentBytes);
        done(null, chunk);
      },
    });
    const source = createReadStream(upload.file, { highWaterMark: 1024 * 1024 });
    source.once("error", (error) => meter.destroy(error));
    const data = source.pipe(meter);
    try {
      const response = await this.http.put<unknown>(path, data, {
        signal: standstill.signal,
        maxBodyLength: Infinity,
        headers: {
          "content-type": "application/octet-stream",
          "content-length": String(upload.sizeBytes),
          "x-nutanix-checksum-type": "SHA_256",
          "x-nutanix-checksum-bytes": upload.sha256,
        },
      });
      if (response.status >= 300) throw refusal(named, response.status, response.data);
    } catch (error) {
      if (!standstill.signal.aborted)
        throw axios.isAxiosError(error) ? unreachable(named, error) : error;
      const seconds = Math.round(this.idleMilliseconds / 1000);
      throw unreachable(
        named,
        new Error(`nothing moved for ${seconds} s after ${sentBytes} bytes`),
      );
    } finally {
      clearTimeout(timer);
      source.destroy();
      meter.destroy();
    }
  }

  private send<Body>(
    method: string,
    path: string,
    data: object | undefined,
  ): Promise<AxiosResponse<Body>> {
    return this.http.request<Body>({
      method,
      url: path,
      data,
      timeout: ANSWER_TIMEOUT,
      headers: { "content-type": "application/json" },
    });
  }

  private named(method: string, path: string): string {
    return `${method} ${path} at Prism Central ${this.base}`;
  }
}

function authentication(credentials: Credentials): object {
  return "apiKey" in credentials
    ? { headers: { "X-ntnx-api-key": credentials.apiKey } }
    : { auth: credentials };
}

// An NC2 console stand-in for a test: on a free port, on its own data, with a client of its own that signs its tokens
// by hand, so that the product's signing is held against something else.
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxiosResponse } from "axios";
import axios from "axios";
import type { Seed } from "../../stand-ins/nc2-console/seed";
import { DEFAULT_SEED } from "../../stand-ins/nc2-console/seed";
import type { Nc2Console } from "../../stand-ins/nc2-console/server";
import { startNc2Console } from "../../stand-ins/nc2-console/server";
import type { Json } from "./prism-central";

export const KEY = { name: "robot", id: "key-1", key: "hush-hush-api-key" };
export const ORGANIZATION = DEFAULT_SEED.organizations[0]!.id;
export const [AWS, AZURE] = DEFAULT_SEED.cloudAccounts.map(({ id }) => id) as [string, string];

/** A token with claims of the test's choice in the place of the right ones. */
export function tokenWith(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  apiKey = KEY.key,
): string {
  const begin = Math.floor(Date.now() / 1000);
  const right = { aud: "https://apikeys.nutanix.com", iss: "test", iat: begin, exp: begin + 300 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = { alg: "HS512", kid: KEY.id, typ: "JWT", ...header };
  const text = `${part(head)}.${part({ ...right, ...claims })}`;
  const secret = createHmac("sha512", apiKey).update(KEY.id).digest("base64");
  return `${text}.${createHmac("sha512", secret).update(text).digest("base64url")}`;
}

export class Nc2ConsoleUnderTest {
  readonly dataDir = mkdtempSync(join(tmpdir(), "nc2-console-"));
  server: Nc2Console | undefined;
  /** Milliseconds that its clock is ahead of this machine's. */
  ahead = 0;
  private readonly seed: Partial<Seed>;
  private forgotten = 0;

  constructor(seed: Partial<Seed> = {}) {
    this.seed = seed;
  }

  get url(): string {
    return this.server!.url;
  }

  get trustBundle(): string {
    return readFileSync(this.server!.caFile, "utf8");
  }

  async start(seed: Partial<Seed> = {}): Promise<this> {
    this.server = await startNc2Console({
      host: "127.0.0.1",
      port: 0,
      dataDir: this.dataDir,
      now: () => new Date(Date.now() + this.ahead),
      seed: { ...DEFAULT_SEED, keys: [KEY], ...this.seed, ...seed },
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.server?.close();
    this.server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true });
  }

  /** A request below the base path, or of the stand-in's own pages where the path begins with /debug or /about. */
  call(method: string, path: string, body?: unknown, token = tokenWith()): Promise<AxiosResponse> {
    const isOwn = /^\/(debug|about)/.test(path);
    return axios.request({
      method,
      url: isOwn ? new URL(path, this.url).href : this.url + path,
      ...(body === undefined ? {} : { data: body }),
      httpsAgent: new Agent({ ca: this.trustBundle }),
      validateStatus: () => true,
      proxy: false,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
    });
  }

  async faults(...rules: object[]): Promise<void> {
    const { status, data } = await this.call("PUT", "/debug/faults", rules);
    if (status !== 200) throw new Error(JSON.stringify(data));
  }

  async setStatus(id: string, status: string): Promise<void> {
    await this.call("PUT", `/debug/clusters/${id}`, { status });
  }

  async clusters(): Promise<Json[]> {
    return (await this.call("GET", "/clusters")).data.data as Json[];
  }

  async tasks(): Promise<string[]> {
    const { data } = await this.call("GET", "/tasks");
    return (data.data as Json[]).map(({ kind, status }) => `${kind} ${status}`);
  }

  /** The task of an answer, once it has ended. */
  async ended(answer: AxiosResponse): Promise<Json> {
    const { id } = answer.data.data;
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const { data } = await this.call("GET", `/tasks/${id}`);
      if (data.data.ended_at) return data.data;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`Task ${id} did not end.`);
  }

  /** Back to the seed, with no faults. */
  async reset(): Promise<void> {
    this.ahead = 0;
    await this.faults();
    await this.call("POST", "/debug/reset");
    const { data } = await this.call("GET", "/debug/events");
    this.forgotten = (data.events as Json[]).at(-1)?.number ?? 0;
  }

  /** What was asked and answered since, "POST /clusters/ID/hibernate", reads left out. */
  async asked(): Promise<string[]> {
    const { data } = await this.call("GET", "/debug/events");
    return (data.events as Json[])
      .filter(({ number }) => number > this.forgotten)
      .filter(({ kind, what }) => kind === "request" && !String(what).startsWith("GET "))
      .map(({ what }) =>
        String(what)
          .replace("/api/v2", "")
          .replace(/[0-9a-f-]{36}/g, "ID"),
      );
  }
}

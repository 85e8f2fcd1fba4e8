// A Prism Central stand-in for a test: on a free port, on its own data, over a hypervisor that only takes notes.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axios from "axios";
import type { AxiosResponse } from "axios";
import type { GuestSpec, GuestState, Hypervisor } from "../../stand-ins/hypervisor/types";
import type { Seed } from "../../stand-ins/prism-central/seed";
import { defaultSeed } from "../../stand-ins/prism-central/seed";
import type { PrismCentral } from "../../stand-ins/prism-central/server";
import { startPrismCentral } from "../../stand-ins/prism-central/server";

export class NotedHypervisor implements Hypervisor {
  readonly calls: string[] = [];
  readonly specs: GuestSpec[] = [];
  readonly states = new Map<string, GuestState>();
  /** Set to make every boot fail. */
  failure: string | undefined;

  powerOn(spec: GuestSpec): Promise<void> {
    this.calls.push("powerOn");
    this.specs.push(spec);
    this.states.set(spec.extId, this.failure === undefined ? "running" : "crashed");
    return this.failure === undefined ? Promise.resolve() : Promise.reject(new Error(this.failure));
  }

  powerOff(extId: string): Promise<void> {
    this.calls.push("powerOff");
    this.states.delete(extId);
    return Promise.resolve();
  }

  remove(extId: string): Promise<void> {
    this.calls.push("remove");
    this.states.delete(extId);
    return Promise.resolve();
  }

  state(extId: string): GuestState {
    return this.states.get(extId) ?? "stopped";
  }

  consoleFile(extId: string): string {
    return `/vms/${extId}/console.log`;
  }
}

/** An answer's body: whatever it is, a test compares it with what it should be. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type Json = any;

type Options = { headers?: Record<string, string>; body?: unknown };

/** A stand-in and a client of it that throws on no status. */
export class PrismCentralUnderTest {
  readonly dataDir = mkdtempSync(join(tmpdir(), "prism-central-"));
  readonly hypervisor = new NotedHypervisor();
  server: PrismCentral | undefined;
  private readonly seed: Partial<Seed>;

  constructor(seed: Partial<Seed> = {}) {
    this.seed = seed;
  }

  get port(): number {
    return this.server!.port;
  }

  get trustBundle(): string {
    return readFileSync(this.server!.caFile, "utf8");
  }

  async start(): Promise<this> {
    this.server = await startPrismCentral({
      host: "127.0.0.1",
      port: 0,
      dataDir: this.dataDir,
      hypervisor: this.hypervisor,
      seed: {
        ...defaultSeed(0),
        users: [{ name: "admin", password: "secret" }],
        apiKeys: [{ name: "robot", key: "key-1" }],
        ...this.seed,
      },
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

  /** A request as admin; `headers` win over the client's own. */
  call(method: string, path: string, { headers, body }: Options = {}): Promise<AxiosResponse> {
    return axios.request({
      method,
      url: `${this.server!.url}${path}`,
      data: body,
      httpsAgent: new Agent({ ca: this.trustBundle }),
      validateStatus: () => true,
      proxy: false,
      maxBodyLength: Infinity,
      headers: {
        authorization: `Basic ${Buffer.from("admin:secret").toString("base64")}`,
        "ntnx-request-id": randomUUID(),
        ...headers,
      },
    });
  }

  /** The task named by a 202 of v4, once it has ended. */
  async task(answer: AxiosResponse): Promise<Json> {
    const { extId } = answer.data.data;
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const { data }: Json = await this.call("GET", `/api/prism/v4.2/config/tasks/${extId}`);
      if (data.data.completedTime) return data.data;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`Task ${extId} did not end.`);
  }

  /** An uploaded image's uuid. */
  async image(name: string, content: Buffer, headers: Record<string, string> = {}) {
    const made = await this.call("POST", "/api/nutanix/v3/images", {
      body: {
        spec: { name, resources: { image_type: "DISK_IMAGE" } },
        metadata: { kind: "image" },
      },
    });
    const { uuid } = made.data.metadata;
    const uploaded = await this.call("PUT", `/api/nutanix/v3/images/${uuid}/file`, {
      body: content,
      headers: { "content-type": "application/octet-stream", ...headers },
    });
    return { uuid: uuid as string, uploaded };
  }

  /** The v3 image once its tasks have ended. */
  async settledImage(uuid: string): Promise<Json> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const { data } = await this.call("GET", `/api/nutanix/v3/images/${uuid}`);
      const uuids = data.status.execution_context.task_uuid as string[];
      const tasks = await Promise.all(
        uuids.map((task) => this.call("GET", `/api/nutanix/v3/tasks/${task}`)),
      );
      if (tasks.every((task) => task.data.completion_time))
        return (await this.call("GET", `/api/nutanix/v3/images/${uuid}`)).data;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`Image ${uuid} did not settle.`);
  }
}

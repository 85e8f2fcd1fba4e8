// One of the stacks that people own the program for, as its owner fills it in: its own file with other values, against a
// Prism Central stand-in that is none of the lab's.

import axios from "axios";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { parseDocument, stringify } from "yaml";
import { stackFile } from "../../lab/environment";
import { type Endpoint, type Relay, startRelay } from "../../stand-ins/shared/relay";
import type { House } from "./house";
import { Person } from "./person";

/** What a target's owner knows. */
export interface Site {
  stack: string;
  /** Where its Prism Central answers: a loopback address that is not the lab's own. */
  address: string;
  /** The world of that Prism Central, as a seed has it. */
  seed: object;
  /** Who asks it, as the test does. */
  headers: Record<string, string>;
  /** What the owner's shell exports. */
  environment?: Record<string, string>;
  /** Values in the place of the file's, by path below the project's namespace; undefined for none. */
  values: Record<string, unknown>;
  /** What the network around Prism Central forwards: a floating IP, a load balancer. */
  forwards?: { from: Endpoint; to: Endpoint }[];
  /** Encrypted ones, set by `pulumi config set --secret`. */
  secrets?: Record<string, string>;
}

interface Vm {
  name: string;
  extId: string;
  nics: { networkInfo: { subnet: { extId: string } } }[];
  categories: { extId: string }[];
}

const PORT = 9440;

export class Target {
  readonly person: Person;
  private readonly house: House;
  private readonly site: Site;
  private readonly folder: string;
  private process: ChildProcess | undefined;
  private readonly relays: Relay[] = [];

  /** Prepares the lab for the stack, as `lab env` does; nothing is made. */
  constructor(house: House, site: Site) {
    const environment = { ...house.environment, PULUMI_STACK: site.stack, ...site.environment };
    this.house = { ...house, environment };
    this.site = site;
    this.folder = path.join(house.folder, site.stack);
    this.person = new Person(this.house);
    // The state goes with the test: writing it after each of a hundred steps is most of the time they take.
    this.person.shell["PULUMI_SKIP_CHECKPOINTS"] = "true";
    mkdirSync(this.folder);
  }

  /** File of the authority that signed Prism Central's certificate. */
  get trustBundle(): string {
    return path.join(this.folder, "prism-central", "tls", "ca.crt");
  }

  /** Starts Prism Central, then fills in the stack's own file. */
  async start(): Promise<void> {
    await this.startPrismCentral();
    for (const { from, to } of this.site.forwards ?? [])
      this.relays.push(await startRelay(from, to));
    this.fillIn({
      "prismCentral.address": this.site.address,
      "prismCentral.trustBundle": this.trustBundle,
      ...this.site.values,
    });
    for (const [key, value] of Object.entries(this.site.secrets ?? {}))
      this.person.set(key, value, "--secret");
  }

  private async startPrismCentral(): Promise<void> {
    const { directory, id } = this.house.lab;
    const seed = path.join(this.folder, "seed.yaml");
    writeFileSync(seed, stringify(this.site.seed));
    const at = ["--listen", `${this.site.address}:${PORT}`, "--seed", seed, "--print", "json"];
    const data = ["--data", path.join(this.folder, "prism-central")];
    this.process = spawn(
      path.join(directory, "bin", "node"),
      [path.join(directory, "dist", "prism-central.cjs"), ...at, ...data],
      { env: { ...this.house.environment, LAB_ID: id }, stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(createInterface(this.process.stdout!), "line")) as [string];
    expect(JSON.parse(line)).toMatchObject({ ready: true });
  }

  /** Exchanges values of the stack's file, and nothing else of it. */
  fillIn(values: Record<string, unknown>): void {
    const file = stackFile(this.house.lab, this.site.stack);
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(values)) {
      const [group = "", ...rest] = key.split(".");
      const place = ["config", `nutanix-serverless-lab:${group}`, ...rest];
      if (value === undefined) document.deleteIn(place);
      else document.setIn(place, value);
    }
    this.write(document.toString({ lineWidth: 0 }));
  }

  /** Writes the whole of the stack's file. */
  write(text: string): void {
    writeFileSync(stackFile(this.house.lab, this.site.stack), text);
  }

  async stop(): Promise<void> {
    for (const relay of this.relays) relay.close();
    if (this.process?.exitCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "close");
  }

  /** The lab as this stack's owner has it. */
  get home(): House {
    return this.house;
  }

  /** Puts an image into Prism Central, as a person does there, and answers its UUID. */
  async upload(name: string, file: string): Promise<string> {
    const spec = { name, resources: { image_type: "DISK_IMAGE" } };
    const made = (await this.ask("POST", "/nutanix/v3/images", {
      spec,
      metadata: { kind: "image" },
    })) as {
      metadata: { uuid: string };
    };
    const route = `/nutanix/v3/images/${made.metadata.uuid}`;
    await this.settled(route);
    await this.ask("PUT", `${route}/file`, createReadStream(file));
    await this.settled(route);
    return made.metadata.uuid;
  }

  private async settled(route: string): Promise<void> {
    for (;;) {
      const { status } = (await this.ask("GET", route)) as { status: { state: string } };
      if (status.state === "COMPLETE") return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What a file of a machine holds: below etc, its /etc; below net, its /sys/class/net. */
  fileOf(vm: Vm, ...names: string[]): string {
    return readFileSync(path.join(this.folder, "prism-central", "vms", vm.extId, ...names), "utf8");
  }

  /** Names of files in a folder of a machine. */
  filesOf(vm: Vm, ...names: string[]): string[] {
    return readdirSync(path.join(this.folder, "prism-central", "vms", vm.extId, ...names));
  }

  vms(): Promise<Vm[]> {
    return this.list("/vmm/v4.2/ahv/config/vms");
  }

  /** Names of entities by their extId: subnets; categories as key:value. */
  async names(route: string): Promise<Record<string, string>> {
    const found = await this.list<{ extId: string; name?: string; key?: string; value?: string }>(
      route,
    );
    return Object.fromEntries(
      found.map(({ extId, name, key = "", value = "" }) => [extId, name ?? `${key}:${value}`]),
    );
  }

  /** Names of virtual machines, images and categories that there are. */
  async everything(): Promise<{ vms: string[]; images: string[]; categories: string[] }> {
    const routes = ["/vmm/v4.2/ahv/config/vms", "/vmm/v4.2/content/images", CATEGORIES];
    const [vms = [], images = [], categories = []] = await Promise.all(
      routes.map(async (route) => Object.values(await this.names(route))),
    );
    return { vms, images, categories };
  }

  private async list<T>(route: string): Promise<T[]> {
    return ((await this.ask("GET", route)) as { data?: T[] }).data ?? [];
  }

  private async ask(method: string, route: string, data?: unknown): Promise<unknown> {
    const answer = await axios.request<unknown>({
      method,
      url: `https://${this.site.address}:${PORT}/api${route}`,
      data,
      httpsAgent: new Agent({ ca: readFileSync(this.trustBundle) }),
      proxy: false,
      maxBodyLength: Infinity,
      headers: {
        ...this.site.headers,
        "ntnx-request-id": randomUUID(),
        ...(method === "PUT" ? { "content-type": "application/octet-stream" } : {}),
      },
    });
    return answer.data;
  }
}

export const CATEGORIES = "/prism/v4.2/config/categories";
export const SUBNETS = "/networking/v4.2/config/subnets";

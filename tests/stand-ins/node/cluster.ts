// A cluster of the kind stand-in for one test file: the real control plane, and the node under test.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Pod } from "../../../stand-ins/node/types";
import { pods } from "../../../stand-ins/node/types";
import { KubeClient, loadKubeConfig, pathOf } from "../../../stand-ins/shared/kube-client";
import { identify, isRunning, processesWith, signal } from "../../../stand-ins/shared/process";
import type { ProcessId } from "../../../stand-ins/shared/process";
import { bundle } from "../../../toolchain/bundles";
import { slot } from "../../support/slot";

const run = promisify(execFile);
export const nodeName = "node-control-plane";
export const namespace = "default";

const serve = `
const [, , port, file] = process.argv;
require("node:http").createServer((request, response) => {
  response.statusCode = file && require("node:fs").existsSync(file) ? 503 : 200;
  response.end(request.url);
}).listen(Number(port), process.env.ADDRESS);
`;

/** What the tests' images mean: programs of this machine, and a small HTTP server on the pod's own address. */
function images(folder: string): object {
  const program = ["${node}", join(folder, "serve.js")];
  return {
    "example.org/shell": { entrypoint: ["sh"] },
    "example.org/web": {
      programs: { "/web": program },
      entrypoint: ["/web"],
      env: { ADDRESS: "${pod.loopback}" },
    },
    "example.org/mapped": {
      programs: { "/web": program },
      entrypoint: ["/web"],
      extraArgs: ["${port.8080}"],
      env: { ADDRESS: "127.0.0.1" },
      ports: { "8080": "auto" },
    },
  };
}

export class Cluster {
  readonly folder: string;
  readonly kube: KubeClient;
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.environment = environment;
    this.kube = new KubeClient(loadKubeConfig(join(folder, "kubeconfig")));
  }

  /** Starts it and waits until pods can be made. */
  static async start(): Promise<Cluster> {
    const programs = process.env["LAB_TEST_BIN"];
    if (!programs) throw new Error("LAB_TEST_BIN is not set. Let it name the folder of programs.");
    const folder = mkdtempSync(join(tmpdir(), "node-"));
    mkdirSync(join(folder, "bin"));
    for (const name of readdirSync(programs))
      symlinkSync(join(programs, name), join(folder, "bin", name));
    const bundled = join(programs, "..", "dist");
    if (existsSync(join(bundled, "kind.cjs"))) symlinkSync(bundled, join(folder, "dist"));
    else await bundle(process.cwd(), join(folder, "dist"));
    writeFileSync(join(folder, "serve.js"), serve);
    writeFileSync(join(folder, "catalogue.yaml"), JSON.stringify({ images: images(folder) }));
    const environment = {
      ...process.env,
      LAB_DIR: folder,
      LAB_SLOT: slot,
      LAB_ID: `node-test-${process.pid}`,
      LAB_CATALOGUE: join(folder, "catalogue.yaml"),
      KUBECONFIG: join(folder, "kubeconfig"),
    };
    const kind = join(folder, "dist", "kind.cjs");
    await run(process.execPath, [kind, "create", "cluster", "--name", "node", "--wait", "90s"], {
      env: environment,
    });
    const cluster = new Cluster(folder, environment);
    await eventually(
      "the service account",
      async () => {
        const path = "/api/v1/namespaces/default/serviceaccounts/default";
        return cluster.kube.call("GET", path).catch(() => undefined);
      },
      180_000,
    );
    return cluster;
  }

  /** Takes it away; answers the processes that are left. */
  async stop(): Promise<ProcessId[]> {
    const kind = join(this.folder, "dist", "kind.cjs");
    await run(process.execPath, [kind, "delete", "cluster", "--name", "node"], {
      env: this.environment,
    });
    const left = processesWith("LAB_ID", this.environment["LAB_ID"] ?? "");
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }

  /** kubectl's output, its error output and its exit code. */
  async kubectl(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    const kubectl = join(this.folder, "bin", "kubectl");
    try {
      return { ...(await run(kubectl, args, { env: this.environment })), code: 0 };
    } catch (error) {
      return error as { stdout: string; stderr: string; code: number };
    }
  }

  /** kubectl with something on its standard input, or with a reader of its output. */
  spawnKubectl(...args: string[]) {
    return spawn(join(this.folder, "bin", "kubectl"), args, { env: this.environment });
  }

  async create(...objects: object[]): Promise<void> {
    for (const object of objects) {
      const { apiVersion, kind, metadata } = object as { apiVersion: string; kind: string } & Pod;
      const [version = "", group = ""] = apiVersion.split("/").reverse();
      const resource = { group, version, kind, plural: `${kind.toLowerCase()}s` };
      await this.kube.call("POST", pathOf(resource, { namespace }), { metadata, ...object });
    }
  }

  /** A pod once it is as wanted. */
  async pod(name: string, wanted: (pod: Pod) => unknown, within = 60_000): Promise<Pod> {
    let last: Pod | undefined;
    try {
      return await eventually(
        `pod ${name}`,
        async () => {
          last = await this.kube.get(pods, { name, namespace });
          return last && wanted(last) ? last : undefined;
        },
        within,
      );
    } catch (error) {
      throw new Error(`${String(error)} ${JSON.stringify(last?.status)}`, { cause: error });
    }
  }

  /** What a pod has said, once it is over. */
  async said(pod: object): Promise<string> {
    const { name } = (pod as Pod).metadata;
    await this.create(pod);
    await this.pod(name, ({ status }) => ["Succeeded", "Failed"].includes(status?.phase ?? ""));
    return (await this.kubectl("logs", name)).stdout;
  }

  async remove(name: string, gracePeriodSeconds?: number): Promise<void> {
    await this.kube.call("DELETE", pathOf(pods, { name, namespace }), { gracePeriodSeconds });
  }

  async gone(name: string): Promise<void> {
    await eventually(`the end of ${name}`, async () => {
      return (await this.kube.get(pods, { name, namespace })) === undefined;
    });
  }

  /** Reasons and messages of a pod's events, oldest first. */
  async events(name: string): Promise<string[]> {
    const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=${name}`;
    const { items } = (await this.kube.call("GET", path)) as {
      items: { reason: string; message: string; metadata: { name: string } }[];
    };
    const sorted = items.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    return sorted.map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** The processes of this cluster whose command line has all of these words. */
  processes(...words: string[]): ProcessId[] {
    return processesWith("LAB_ID", this.environment["LAB_ID"] ?? "").filter(({ pid }) => {
      const line = commandLine(pid).join(" ");
      return words.every((word) => line.includes(word));
    });
  }

  /** Kills the node's process; answers what starts it again as it was. */
  async killNode(): Promise<() => void> {
    const [node] = this.processes("node.cjs");
    if (!node) throw new Error("There is no node to kill.");
    const [command = "", ...args] = commandLine(node.pid);
    process.kill(node.pid, "SIGKILL");
    await eventually("the node's end", () => Promise.resolve(!isRunning(node)));
    return () => {
      const env = { ...this.environment, LAB_KIND_CLUSTER: join(this.folder, "kind", "node") };
      spawn(command, args, { env, detached: true, stdio: "ignore" }).unref();
    };
  }

  /** With KILL alone: what gets TERM first would end in its own way. */
  async kill(processes: ProcessId[]): Promise<void> {
    for (const each of processes) signal(each, "SIGKILL");
    await eventually("their end", () => Promise.resolve(!processes.some(isRunning)));
  }
}

/** A process's program and arguments; none when there is no such process. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

type Spec = Partial<Pod["spec"]>;

/** A pod with one container that runs a script of sh. */
export function shell(name: string, script: string, container: object = {}, spec: Spec = {}) {
  const main = {
    name: "main",
    image: "example.org/shell:v1",
    command: ["sh", "-c", script],
    ...container,
  };
  return podOf(name, [main], spec);
}

/** A pod bound to the node. */
export function podOf(name: string, containers: object[], spec: Spec = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeName,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 5,
      ...spec,
      containers,
    },
  };
}

/** Asks again and again until the answer is there. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  within = 60_000,
): Promise<T> {
  for (const end = Date.now() + within; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waiting for ${what} failed: not within ${within} ms.`);
}

/** The process with this id, for asking later whether it is still the same. */
export function processOf(pid: number): ProcessId | undefined {
  return identify(pid);
}

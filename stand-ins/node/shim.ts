// One run of a container: its shim, a process that outlives this one (kubelet-streams/container-shim). The shim's
// folder tells how it ended; a connection to its socket tells when.
import { spawn } from "node:child_process";
import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { identify, isRunning, signal } from "../shared/process";
import type { ProcessId } from "../shared/process";
import { planSandbox } from "../shared/sandbox";
import type { HostView, Mount, SandboxPlan } from "../shared/sandbox";

/** All that decides how a container's process is started. */
export interface Launch {
  argv: string[];
  environment: NodeJS.ProcessEnv;
  plan: SandboxPlan;
  workingDir?: string;
  hostname: string;
  hostPid: boolean;
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  /** A signal's number; TERM when absent. */
  stopSignal?: number;
  logFile: string;
  /** The folder of this run. */
  folder: string;
}

/** How a run ended. */
export interface Exit {
  exitCode: number;
  signal?: number;
  /** RFC 3339. */
  finishedAt: string;
  /** The shim was killed as well: nobody knows how the container ended. */
  lost?: true;
}

/** A container that could not be started, in the words of a container runtime. */
export class StartError extends Error {
  /** "create" is a kubelet's CreateContainerError, "start" its RunContainerError. */
  readonly stage: "create" | "start";
  constructor(message: string, stage: "create" | "start") {
    super(message);
    this.stage = stage;
  }
}

interface Told {
  pid?: number;
  error?: string;
  stage?: "create" | "start";
}

const host: HostView = {
  kind(path) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return "missing";
    if (found.isSymbolicLink()) return "link";
    return found.isDirectory() ? "folder" : "file";
  },
  link: (path) => readlinkSync(path),
};

/** Whether this node's containers are in a user namespace. */
export const hasUserNamespace = process.getuid?.() !== 0;

/** How to mount these on this machine as it is now. */
export function planMounts(mounts: Mount[]): SandboxPlan {
  return planSandbox(mounts, host);
}

/** Ends a container that an earlier life of this node left running, at once. */
export function endShim(shim: ProcessId): void {
  if (isRunning(shim)) signal(shim, "SIGKILL");
}

export class Shim {
  readonly id: ProcessId;
  readonly folder: string;
  /** Settles when the container has ended and its log is complete. */
  readonly exited: Promise<Exit>;

  /** Takes over a shim that runs, or one that has ended meanwhile. */
  constructor(id: ProcessId, folder: string) {
    this.id = id;
    this.folder = folder;
    this.exited = hangUp(folder).then(() => this.end());
  }

  /** Starts a container. Throws a StartError. */
  static async start(program: string, launch: Launch): Promise<Shim> {
    const { folder, plan } = launch;
    rmSync(folder, { recursive: true, force: true });
    const scratch = join(folder, "scratch");
    mkdirSync(scratch, { recursive: true });
    mkdirSync(dirname(launch.logFile), { recursive: true });
    writeFileSync(join(folder, "spec.json"), JSON.stringify(specOf(launch, plan, scratch)));
    const told = await ask(program, folder, launch.environment);
    const id = told.pid === undefined ? undefined : identify(told.pid);
    if (told.error !== undefined) throw new StartError(told.error, told.stage ?? "create");
    // It has ended before it could be named: what it left behind tells how.
    return new Shim(id ?? { pid: told.pid ?? 0, start: "" }, folder);
  }

  get isRunning(): boolean {
    return isRunning(this.id);
  }

  /** The stop signal, then KILL after the grace. Settles when it has ended. */
  async stop(graceMilliseconds: number): Promise<Exit> {
    signal(this.id, "SIGTERM");
    const timers = [
      setTimeout(() => this.kill(), graceMilliseconds),
      setTimeout(() => signal(this.id, "SIGKILL"), graceMilliseconds + 5000),
    ];
    try {
      return await this.exited;
    } finally {
      timers.forEach(clearTimeout);
    }
  }

  /** Kills the container's process; the shim stays to tell of it. */
  kill(): void {
    signal(this.id, "SIGUSR1");
  }

  private async end(): Promise<Exit> {
    for (let patience = 0; this.isRunning && patience < 250; patience++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return (
      exitIn(this.folder) ?? {
        exitCode: 137,
        signal: 9,
        finishedAt: `${new Date().toISOString().slice(0, 19)}Z`,
        lost: true,
      }
    );
  }
}

function specOf(launch: Launch, plan: SandboxPlan, scratch: string): object {
  const { argv, workingDir, hostname, hostPid, stdin, stdinOnce, tty, stopSignal } = launch;
  return {
    ...{ argv, workingDir, hostname, hostPid, stdin, stdinOnce, tty, stopSignal, scratch },
    open: plan.open,
    binds: plan.binds,
    log: launch.logFile,
  };
}

function ask(program: string, folder: string, environment: NodeJS.ProcessEnv): Promise<Told> {
  return new Promise((resolve) => {
    const child = spawn(program, [folder], {
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("error", (error) => resolve({ error: `${program}: ${error.message}` }));
    child.once("close", () => {
      try {
        resolve(JSON.parse(text) as Told);
      } catch {
        resolve({ error: `${program} said nothing` });
      }
    });
  });
}

// A socket's path must be short: the folder is opened, and the socket reached through it.
function hangUp(folder: string): Promise<void> {
  return new Promise((resolve) => {
    let fd: number;
    try {
      fd = openSync(folder, "r");
    } catch {
      resolve();
      return;
    }
    let open = true;
    const release = () => {
      if (open) closeSync(fd);
      open = false;
    };
    const socket = connect(`/proc/self/fd/${fd}/shim.sock`);
    socket.once("connect", release);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      release();
      resolve();
    });
    socket.resume();
  });
}

function exitIn(folder: string): Exit | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "exit.json"), "utf8")) as Exit;
  } catch {
    return undefined;
  }
}

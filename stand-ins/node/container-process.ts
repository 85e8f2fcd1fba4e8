// One run of a container: a process in a mount namespace of its own, its output in a log file.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { identify, isRunning, signal } from "../shared/process";
import type { ProcessId } from "../shared/process";
import { planSandbox, sandboxArgv } from "../shared/sandbox";
import type { HostView, Mount, SandboxPlan } from "../shared/sandbox";
import { LogFile } from "./log-file";

export interface Launch {
  argv: string[];
  environment: NodeJS.ProcessEnv;
  plan: SandboxPlan;
  workingDir?: string;
  logFile: string;
  /** An empty folder of the container. */
  scratch: string;
}

export interface Exit {
  code: number;
  signal?: number;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8,
  SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15,
}; // prettier-ignore

const host: HostView = {
  kind(path) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return "missing";
    if (found.isSymbolicLink()) return "link";
    return found.isDirectory() ? "folder" : "file";
  },
  link: (path) => readlinkSync(path),
};

/** Whether this node needs a user namespace for its containers. */
export const needsUserNamespace = process.getuid?.() !== 0;

/** How to mount these on this machine as it is now. */
export function planMounts(mounts: Mount[]): SandboxPlan {
  return planSandbox(mounts, host);
}

/** Ends what an earlier life of this node left running. */
export function endGroup(leader: ProcessId): void {
  if (isRunning(leader)) signal(leader, "SIGKILL", true);
}

export class ContainerProcess {
  readonly id: ProcessId;
  /** Settles when it has ended and its log is complete. */
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;

  /** Starts it. What the program says of its own start is in the log. */
  constructor(launch: Launch) {
    mkdirSync(launch.scratch, { recursive: true });
    mkdirSync(dirname(launch.logFile), { recursive: true });
    const [command = "", ...args] = sandboxArgv({
      plan: launch.plan,
      scratch: launch.scratch,
      userNamespace: needsUserNamespace,
      workingDir: launch.workingDir,
      argv: launch.argv,
    });
    const child = spawn(command, args, {
      env: launch.environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.on("error", () => undefined);
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (!id) throw new Error(`Starting ${command} failed. Is it on PATH?`);
    this.child = child;
    this.id = id;
    this.exited = this.follow(launch.logFile);
  }

  /** TERM, then KILL after the grace. Settles when it has ended. */
  async stop(graceMilliseconds: number): Promise<Exit> {
    signal(this.id, "SIGTERM");
    const timer = setTimeout(() => this.kill(), graceMilliseconds);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it and what it started at once. */
  kill(): void {
    signal(this.id, "SIGKILL", true);
  }

  private async follow(file: string): Promise<Exit> {
    const log = new LogFile(file);
    if (this.child.stdout) log.follow(this.child.stdout, "stdout");
    if (this.child.stderr) log.follow(this.child.stderr, "stderr");
    const exit = await new Promise<Exit>((resolve) => {
      this.child.once("exit", (code, name) => {
        const number = name ? (signalNumbers[name] ?? 0) : undefined;
        resolve(
          number === undefined ? { code: code ?? 0 } : { code: 128 + number, signal: number },
        );
      });
    });
    // A container's other processes end with its first one.
    signal(this.id, "SIGKILL", true);
    await log.close();
    return exit;
  }
}

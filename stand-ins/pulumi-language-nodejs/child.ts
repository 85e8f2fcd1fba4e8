// A Node process of its own process group: a terminal's ^C reaches the engine alone, which then asks us.

import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";

import type { Launch } from "./program";

const graceMilliseconds = 3000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts it; when the signal aborts it gets SIGINT, and SIGKILL with its whole group 3 s later. */
export function startChild(launch: Launch, stdio: StdioOptions, signal: AbortSignal): Child {
  const child = spawn(launch.file, launch.args, {
    cwd: launch.cwd,
    env: launch.env,
    stdio,
    detached: true,
  });
  const stop = () => {
    killGroup(child, "SIGINT");
    setTimeout(() => killGroup(child, "SIGKILL"), graceMilliseconds).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return {
    process: child,
    ended: endOf(child).finally(() => signal.removeEventListener("abort", stop)),
  };
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended between the check and the kill.
  }
}

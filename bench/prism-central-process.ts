// A Prism Central stand-in as a process of its own, so that a client is measured apart from it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { runTypeScript } from "../toolchain/typescript";

const PATIENCE = 60_000;
const MAIN = "stand-ins/prism-central/main.ts";

export interface PrismCentralProcess {
  port: number;
  /** PEM file of the CA to trust. */
  caFile: string;
  /** Highest resident memory so far, in MiB. */
  peakMiB: () => number;
  stop: () => Promise<void>;
}

/** Starts one on a free port; it lets admin in. */
export async function startPrismCentral(
  dataDir: string,
  password: string,
): Promise<PrismCentralProcess> {
  const repository = path.join(__dirname, "..");
  const args = [...runTypeScript, MAIN, "--listen", "127.0.0.1:0", "--data", dataDir];
  const child = spawn(process.execPath, args, {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PRISM_CENTRAL_USERNAME: "admin", PRISM_CENTRAL_PASSWORD: password },
  });
  const { url, ca } = await readyLine(child);
  return {
    port: Number(new URL(url).port),
    caFile: ca,
    peakMiB: () => peakMiB(child.pid ?? 0),
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function readyLine(child: ChildProcess): Promise<{ url: string; ca: string }> {
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    const [line] = (await once(lines, "line", { signal })) as [string];
    return JSON.parse(line) as { url: string; ca: string };
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error("Starting Prism Central failed: it did not say that it is ready.", {
      cause: error,
    });
  }
}

/** The kernel's own count of a process's highest resident memory. */
export function peakMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024;
}

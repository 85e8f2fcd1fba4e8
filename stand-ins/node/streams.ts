// Keeps kubelet-streams running: the kubelet's port 10250.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { log } from "../shared/log";
import { wait } from "./back-off";

export interface StreamsOptions {
  program: string;
  address: string;
  stateDir: string;
  name: string;
  clientCaFile?: string;
}

/** Runs it until the signal is aborted, starting it again when it ends. */
export async function keepStreams(options: StreamsOptions, signal: AbortSignal): Promise<void> {
  const { program, address, stateDir, name, clientCaFile } = options;
  const args = ["--address", address, "--state-dir", stateDir, "--name", name];
  // It holds on to the other end of a pipe, so that it does not outlive a node that is killed.
  args.push("--until-stdin-closes");
  while (clientCaFile !== undefined && !existsSync(clientCaFile) && !signal.aborted)
    await wait(200, signal);
  if (clientCaFile !== undefined) args.push("--client-ca-file", clientCaFile);
  while (!signal.aborted) {
    const child = spawn(program, args, { stdio: ["pipe", "inherit", "inherit"] });
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop);
    const reason = await ended(child);
    signal.removeEventListener("abort", stop);
    log("kubelet-streams ended", { reason });
    await wait(1000, signal);
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, name) => resolve(name ?? `code ${code ?? 0}`));
  });
}

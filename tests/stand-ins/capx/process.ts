// Runs a stand-in's main.ts as a process of its own, as the lab does, and stops it with SIGTERM.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { runTypeScript } from "../../../toolchain/typescript";

export interface Running {
  output: () => string;
  /** Sends SIGTERM; the exit code. */
  stop: () => Promise<number | null>;
}

/** Starts stand-ins/NAME/main.ts with the given flags. */
export function startStandIn(name: string, args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const main = path.resolve(__dirname, `../../../stand-ins/${name}/main.ts`);
  const child: ChildProcess = spawn(process.execPath, [...runTypeScript, main, ...args], {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: Buffer) => lines.push(text.toString()));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return {
    output: () => lines.join(""),
    stop: () => {
      child.kill("SIGTERM");
      return exit;
    },
  };
}

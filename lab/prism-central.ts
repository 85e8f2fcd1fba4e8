// Starts the Prism Central stand-in where a stack's address points to this machine, and asks after it.

import { readFileSync } from "node:fs";
import * as https from "node:https";
import * as path from "node:path";
import { parse } from "yaml";
import { isRunning, lastLines, startDaemon } from "../stand-ins/shared/process";
import { stackFile } from "./environment";
import type { Lab } from "./lab";
import { labProcesses } from "./processes";

const START_MILLISECONDS = 20_000;

/** Address and port of Prism Central in the lab's copy of the stack's settings. */
export function prismCentralOf(lab: Lab, stack: string): { address: string; port: number } {
  const text = readFileSync(stackFile(lab, stack), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  const given = config["nutanix-serverless-lab:prismCentral"] as
    { address?: string; port?: number } | undefined;
  return { address: given?.address ?? "", port: given?.port ?? 9440 };
}

/** Whether an address is one of this machine's loopback addresses. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || address.startsWith("127.");
}

/**
 * Whether a stack's Prism Central is the lab's own stand-in, which it starts and ends: the address that
 * docs/architecture.md gives it. At another loopback address somebody else's answers, such as a tunnel's end.
 */
export function isOwn(address: string): boolean {
  return ["127.0.0.1", "localhost", "::1"].includes(address);
}

/** Whether anything answers HTTPS there. */
export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(
      { host: address, port, path: "/about", rejectUnauthorized: false, timeout: 2000 },
      (reply) => {
        reply.resume();
        resolve(true);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      resolve(false);
    });
  });
}

/** Starts the stand-in unless the lab's own is answering already. Resolves when it answers. */
export async function startPrismCentral(lab: Lab, address: string, port: number): Promise<void> {
  const program = path.join(lab.directory, "dist", "prism-central.cjs");
  const running = labProcesses(lab.id).some((item) => item.command.includes(program));
  if (await answers(address, port)) {
    if (running) return;
    throw new Error(
      `Starting the Prism Central stand-in failed: another program answers at ${address}:${port}. ` +
        `Stop it, or choose other ports with LAB_SLOT=1 (to 15).`,
    );
  }
  const log = path.join(lab.directory, "logs", "prism-central.log");
  const daemon = startDaemon({
    command: path.join(lab.directory, "bin", "node"),
    args: [
      program,
      ...["--listen", `${address}:${port}`],
      ...["--data", path.join(lab.directory, "prism-central")],
    ],
    environment: {
      ...process.env,
      PRISM_CENTRAL_USERNAME: process.env["NUTANIX_USERNAME"],
      PRISM_CENTRAL_PASSWORD: process.env["NUTANIX_PASSWORD"],
    },
    logFile: log,
    cwd: lab.directory,
  });
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await answers(address, port))) {
    const running = isRunning(daemon);
    if (!running || Date.now() > deadline) {
      const cause = running
        ? `no answer within ${START_MILLISECONDS / 1000} s`
        : "it ended at once";
      throw new Error(
        `Starting the Prism Central stand-in failed: ${cause}. Its last lines (${log}):\n${lastLines(log)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// What a run that was cut off left behind: a lock of an engine that is dead, an embedded lab whose processes
// are dead. The first is taken away; the second is started anew, since what was simulated is gone with them.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { identify } from "../stand-ins/shared/process";
import type { Console } from "./console";
import type { Lab } from "./lab";
import { type Prepared, prepare } from "./prepare";
import { endLabProcesses, labProcesses } from "./processes";

/** What is kept of an embedded lab that is started anew. */
const KEPT = new Set(["bin", "dist", "logs", "credentials.json", "passphrase"]);

/** Whether clusters of the kind stand-in are on disk whose API servers do not run. */
function clustersDied(lab: Lab): boolean {
  const folder = path.join(lab.directory, "kind");
  if (!existsSync(folder)) return false;
  const running = labProcesses(lab.id).map((item) => item.command);
  return readdirSync(folder).some(
    (cluster) =>
      !running.some(
        (command) =>
          command.includes("kube-apiserver") && command.includes(path.join(folder, cluster)),
      ),
  );
}

interface StateLock {
  pid: number;
  hostname: string;
}

/** The locks of a stack in a file backend; other backends keep theirs to themselves. */
function locksOf(stack: string): StateLock[] {
  const folder = (process.env["PULUMI_BACKEND_URL"] ?? "").replace(/^file:\/\//, "");
  const locks = path.join(folder, ".pulumi", "locks");
  if (!existsSync(locks)) return [];
  return readdirSync(locks, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json") && path.dirname(file).endsWith(stack))
    .map((file) => JSON.parse(readFileSync(path.join(locks, file), "utf8")) as StateLock);
}

/** Makes a prepared stack fit for an update after a run that was cut off. */
export async function recover(
  lab: Lab,
  stack: string,
  prepared: Prepared,
  console: Console,
): Promise<Prepared> {
  if (prepared.embedded && clustersDied(lab)) {
    console.say("the processes of the last run are gone: starting this lab anew");
    await endLabProcesses(lab.id);
    for (const entry of readdirSync(lab.directory))
      if (!KEPT.has(entry))
        rmSync(path.join(lab.directory, entry), { recursive: true, force: true });
    return prepare(lab, stack, console);
  }
  const locks = locksOf(stack);
  const held = locks.find(({ pid, hostname: host }) => host !== hostname() || identify(pid));
  if (held)
    throw new Error(
      `Stack ${stack} is being updated by process ${held.pid} on ${held.hostname}. ` +
        "Wait for it, end it, or take its lock away with `pulumi cancel`.",
    );
  if (locks.length > 0) {
    console.say("the last run was cut off: taking its lock away");
    await prepared.stack.cancel();
  }
  return prepared;
}

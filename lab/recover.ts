// What a run that was cut off left behind: a lock of an engine that is dead, an embedded lab whose processes
// are dead. The first is taken away; the second is started anew, since what was simulated is gone with them.

import { existsSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
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

async function isLocked(prepared: Prepared): Promise<boolean> {
  const folder = (process.env["PULUMI_BACKEND_URL"] ?? "").replace(/^file:\/\//, "");
  const locks = path.join(folder, ".pulumi", "locks");
  if (!existsSync(locks)) return Promise.resolve(false);
  const files = readdirSync(locks, { recursive: true, encoding: "utf8" });
  return files.some((file) => file.includes(prepared.stack.name) && file.endsWith(".json"));
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
  const engines = labProcesses(lab.id).filter((item) => /(^|\/)pulumi /.test(item.command));
  if (engines.length === 0 && (await isLocked(prepared))) {
    console.say("the last run was cut off: taking its lock away");
    await prepared.stack.cancel();
  }
  return prepared;
}

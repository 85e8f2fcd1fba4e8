// `lab down`: destroys the stack, ends every process of the lab, removes its files, and looks whether
// anything is left.

import { existsSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { Console } from "./console";
import { openStack } from "./engine";
import { follow, plain } from "./follow";
import type { Lab } from "./lab";
import { LayerTracker } from "./layers";
import { mayBeLocked } from "./locks";
import { prepareEnvironment, prepareTools } from "./prepare";
import { isOwn, prismCentralOf, startPrismCentral } from "./prism-central";
import { endLabProcesses, labProcesses } from "./processes";

async function destroy(lab: Lab, stackName: string, console: Console): Promise<void> {
  await prepareTools(lab, console);
  const { address, port } = prismCentralOf(lab, stackName);
  if (isOwn(address)) {
    await startPrismCentral(lab, address, port);
    // The state goes with the lab: writing it after each of a hundred steps is most of the time they take.
    process.env["PULUMI_SKIP_CHECKPOINTS"] = "true";
  }
  const stack = await openStack(lab, stackName);
  const tracker = new LayerTracker();
  const { onEvent, stop } = follow(tracker, console);
  let finished = false;
  try {
    if (mayBeLocked(stackName)) await stack.cancel().catch(() => undefined); // it may have ended meanwhile
    await stack.destroy({
      onEvent,
      suppressProgress: true,
      showSecrets: false,
      color: "never",
    });
    finished = true;
  } finally {
    stop(finished);
  }
}

/** What is left of the lab: processes, mounts. Files are its folder. */
export function leftovers(lab: Lab): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(lab.directory));
  const processes = labProcesses(lab.id).map((item) => `process ${item.pid}: ${item.command}`);
  return [...processes, ...mounts.map((line) => `mount ${line}`)];
}

/** Takes the lab down. An embedded lab is removed even when destroying it in order fails. */
export async function down(lab: Lab, stackName: string, console: Console): Promise<void> {
  if (!existsSync(lab.directory)) {
    console.say("there is no lab here: nothing to do");
    return;
  }
  const { embedded } = prepareEnvironment(lab, stackName);
  if (existsSync(path.join(lab.directory, "state")) || !embedded) {
    console.say(`destroying stack ${stackName}`);
    try {
      await destroy(lab, stackName, console);
    } catch (error) {
      if (!embedded) throw error;
      const text = plain(error instanceof Error ? error.message : String(error));
      console.say(`destroying in order failed, so the lab is removed as it is:\n${text}`);
    }
  }
  if (!embedded) return;
  const count = await endLabProcesses(lab.id);
  rmSync(lab.directory, { recursive: true, force: true });
  const left = leftovers(lab);
  if (left.length > 0) throw new Error(`Taking the lab down left behind:\n${left.join("\n")}`);
  console.say(`ended ${count} processes and removed ${lab.directory}; nothing is left`);
  console.tell({
    type: "summary",
    stack: stackName,
    processesEnded: count,
    removed: lab.directory,
  });
}

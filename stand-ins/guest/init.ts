// The first process of a guest: host name, cloud-init, then its services for as long as it lives. It ends only
// with the machine; when the hypervisor kills it, the kernel ends everything else of its PID namespace.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { carryOut, readPlan } from "./cloud-init";
import type { BootPlan } from "./cloud-config";
import { createConsole, type Console } from "./console";
import { egressService } from "./egress";
import { readMachine, type Machine } from "./hardware";
import { kubeletService } from "./kubelet";
import { ended, start } from "./processes";
import { startRelay } from "./relay";
import { keepRunning } from "./service";

const bootDone = "/var/lib/cloud/instance/boot-finished";

/** Boots the guest; resolves never. */
export async function boot(): Promise<never> {
  const console = createConsole((line) => process.stdout.write(line));
  process.on("SIGTERM", () => process.exit(0));
  const machine = readMachine(process.env);
  const { extId, name, vcpus, memoryBytes } = machine.hardware;
  console.say(
    "init",
    `machine ${name} (${extId}), ${vcpus} CPUs, ${Math.round(memoryBytes / 2 ** 20)} MiB, ${machine.address} (${machine.twin})`,
  );
  await startRelay(machine.twin);
  const services = [kubeletService, egressService].map((service) =>
    keepRunning(service(machine, process.env), console),
  );
  await firstBoot(machine, console);
  return Promise.race(services);
}

/** cloud-init acts once in a machine's life; a second power-on finds its mark and starts services only. */
async function firstBoot(machine: Machine, console: Console): Promise<void> {
  const plan = tryPlan(machine, console);
  await nameHost(plan?.hostname ?? machine.hardware.name, console);
  if (existsSync(bootDone)) {
    console.say("cloud-init", "this machine has booted before");
    return;
  }
  if (plan !== undefined) await carryOut(plan, console, process.env);
  mkdirSync("/var/lib/cloud/instance", { recursive: true });
  writeFileSync(bootDone, `${new Date().toISOString()}\n`);
}

function tryPlan(machine: Machine, console: Console): BootPlan | undefined {
  try {
    const plan = readPlan(machine.configDrive);
    if (plan === undefined) console.say("cloud-init", "no user data on the config drive");
    return plan;
  } catch (error) {
    console.say("cloud-init", error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function nameHost(name: string, console: Console): Promise<void> {
  const ending = await ended(
    start({ command: "hostname", args: [name], environment: process.env }, (line) =>
      console.say("hostname", line),
    ),
  );
  writeFileSync("/etc/hostname", `${name}\n`);
  console.say("init", ending.code === 0 ? `host name ${name}` : `host name ${name} not set`);
}

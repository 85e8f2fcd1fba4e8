// The machine under Prism Central's virtual machines: a guest is a process tree in namespaces of its own, started
// from the image that the VM was given. Guests outlive the process that started them and are found again.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { appendFile, mkdir, open, rm, writeFile } from "node:fs/promises";
import { createImageStore, type ImageStore } from "./image";
import { foldersOf, layOut, layOutBare, type MachineFolders } from "./machine-folders";
import { startScript, unshareArguments } from "./mount-plan";
import { identify, isRunning, signal, type ProcessId } from "../shared/process";
import { childOf, until } from "./processes";
import { createSimulators, switchOff, type Simulators } from "./simulators";
import type { GuestSpec, GuestState, Hypervisor } from "./types";

/** Where a hypervisor keeps its machines and what their processes carry in their environment (LAB_ID and such). */
export interface HypervisorOptions {
  vmsDir: string;
  imagesDir: string;
  environment: Record<string, string>;
}

/**
 * processes.json: unshare, which waits outside, and the guest's first process. A simulated machine has the process
 * that plays all machines of its image, and the place of its switch there.
 */
interface Running {
  holder: ProcessId;
  init: ProcessId;
  switch?: string;
}

const startMilliseconds = 15_000;
const endMilliseconds = 15_000;

/** Makes the hypervisor; machines that run already are taken over. */
export function createHypervisor(options: HypervisorOptions): Hypervisor {
  const images = createImageStore(options.imagesDir);
  const simulators = createSimulators(options.imagesDir);
  const folders = (extId: string) => foldersOf(options.vmsDir, extId);

  const inTurn = oneAtATime();
  return {
    powerOn: (spec) =>
      inTurn(spec.extId, async () => {
        const machine = folders(spec.extId);
        if (stateOf(machine) === "running") return;
        await mkdir(machine.root, { recursive: true });
        await rm(machine.processes, { force: true });
        try {
          await boot(machine, spec, { images, simulators, environment: options.environment });
        } catch (error) {
          await say(machine, error instanceof Error ? error.message : String(error));
          await writeFile(machine.processes, "{}");
          throw error;
        }
      }),
    powerOff: (extId) => inTurn(extId, () => powerOff(folders(extId), extId)),
    remove: (extId) =>
      inTurn(extId, async () => {
        await powerOff(folders(extId), extId);
        await rm(folders(extId).root, { recursive: true, force: true });
      }),
    state: (extId) => stateOf(folders(extId)),
    consoleFile: (extId) => folders(extId).console,
  };
}

/** What the guest's first process finds in its environment; the image's programs come first on its PATH. */
export function guestEnvironment(
  given: Record<string, string>,
  machine: Pick<MachineFolders, "root">,
  imageRoot: string,
): Record<string, string> {
  const own = [`${imageRoot}/usr/local/bin`, `${imageRoot}/usr/bin`];
  return {
    ...given,
    PATH: [...own, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].join(":"),
    HOME: "/run",
    LANG: "C.UTF-8",
    LAB_MACHINE: machine.root,
    LAB_IMAGE_ROOT: imageRoot,
  };
}

/** Runs the work on one machine in the order in which it was asked for. */
function oneAtATime(): (extId: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (extId, work) => {
    const before = last.get(extId) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    last.set(extId, mine);
    try {
      await mine;
    } finally {
      if (last.get(extId) === mine) last.delete(extId);
    }
  };
}

async function boot(
  machine: MachineFolders,
  spec: GuestSpec,
  host: { images: ImageStore; simulators: Simulators; environment: Record<string, string> },
): Promise<void> {
  if (!spec.disk)
    throw new Error(`Booting ${spec.name} failed: no bootable device. Give the VM a disk.`);
  const { root, manifest } = await host.images.unpack(spec.disk);
  for (const path of [machine.run, machine.tmp, machine.started])
    await rm(path, { recursive: true, force: true });
  if (manifest.guest === "kwok") {
    await layOutBare(machine, spec);
    const environment = guestEnvironment(host.environment, { root: "" }, root);
    const on = await host.simulators.powerOn(machine, { root, manifest }, environment);
    writeRunning(machine, { holder: on.process, init: on.process, switch: on.switch });
    return;
  }
  await layOut(machine, spec, {
    imageRoot: root,
    catalogue: host.environment["LAB_CATALOGUE"],
  });
  const script = startScript({ folders: machine, imageRoot: root, init: manifest.init });
  await start(machine, script, guestEnvironment(host.environment, machine, root));
}

async function powerOff(machine: MachineFolders, extId: string): Promise<void> {
  const running = readRunning(machine);
  if (running?.switch !== undefined) await switchOff(machine, running.init, running.switch);
  else if (running) await end(running, extId);
  await rm(machine.processes, { force: true });
}

async function start(
  machine: MachineFolders,
  script: string,
  environment: Record<string, string>,
): Promise<void> {
  const console = await open(machine.console, "a");
  const size = (await console.stat()).size;
  const isRoot = process.getuid?.() === 0;
  const child = spawn("unshare", [...unshareArguments(isRoot), "/bin/sh", "-c", script], {
    cwd: "/",
    detached: true,
    env: environment,
    stdio: ["ignore", console.fd, console.fd],
  });
  let failure: string | undefined;
  child.once("error", (error) => (failure = error.message));
  child.once(
    "exit",
    (code, signal) => (failure ??= `it ended with ${signal ?? `code ${code ?? 0}`}`),
  );
  child.unref();
  await until(() => existsSync(machine.started) || failure !== undefined, startMilliseconds);
  await console.close();
  const holder = child.pid === undefined ? undefined : identify(child.pid);
  const init = holder && (await childOf(holder.pid));
  if (holder && init) {
    writeRunning(machine, { holder, init });
    return;
  }
  if (holder) signal(holder, "SIGKILL");
  throw new Error(bootFailure(failure, readFileSync(machine.console, "utf8").slice(size)));
}

function bootFailure(failure: string | undefined, output: string): string {
  const lines = output.trim().split("\n").slice(-10).join("\n");
  return `Starting the guest's first process failed: ${failure ?? "nothing happened in time"}. ${lines}`.trim();
}

async function end(running: Running, extId: string): Promise<void> {
  signal(running.init, "SIGKILL");
  signal(running.holder, "SIGKILL");
  const gone = () => !isRunning(running.init) && !isRunning(running.holder);
  if (await until(gone, endMilliseconds)) return;
  throw new Error(
    `Powering off ${extId} failed: process ${running.init.pid} does not end. Look at what it waits for in /proc/${running.init.pid}/stack.`,
  );
}

// The file says that the machine was switched on; without live processes it has crashed.
function stateOf(machine: MachineFolders): GuestState {
  if (!existsSync(machine.processes)) return "stopped";
  const running = readRunning(machine);
  return running && isRunning(running.init) ? "running" : "crashed";
}

function readRunning(machine: MachineFolders): Running | undefined {
  if (!existsSync(machine.processes)) return undefined;
  const read = JSON.parse(readFileSync(machine.processes, "utf8")) as Partial<Running>;
  const { holder, init } = read;
  return holder && init ? { ...read, holder, init } : undefined;
}

function writeRunning(machine: MachineFolders, running: Running): void {
  writeFileSync(machine.processes, JSON.stringify(running));
}

async function say(machine: MachineFolders, sentence: string): Promise<void> {
  await appendFile(machine.console, `${new Date().toISOString()} machine: ${sentence}\n`);
}

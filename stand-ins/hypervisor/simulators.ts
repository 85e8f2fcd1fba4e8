// Machines that are simulated: all of one image are played by one process, the image's own, which outlives this one.
// A folder is their switchboard: a link there, from a VM's extId to its folder, is a machine that is switched on.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isRunning, startDaemon, type ProcessId } from "../shared/process";
import type { Image } from "./image";
import type { MachineFolders } from "./machine-folders";
import { until } from "./processes";

/** A machine that was switched on: who plays it, and its link. */
export interface SwitchedOn {
  process: ProcessId;
  switch: string;
}

export interface Simulators {
  /** Settles when the machine boots. Rejects with a sentence for the console. */
  powerOn(
    machine: MachineFolders,
    image: Image,
    environment: Record<string, string>,
  ): Promise<SwitchedOn>;
}

const startMilliseconds = 60_000;
const endMilliseconds = 15_000;

/** The simulators of a hypervisor; their folders lie beside the unpacked images. */
export function createSimulators(imagesDir: string): Simulators {
  const starting = new Map<string, Promise<ProcessId>>();
  /** Finds the process of an image, or starts it: machines switched on at once must not start two. */
  const processOf = async (image: Image, environment: Record<string, string>) => {
    const folder = folderOf(imagesDir, image);
    const known = starting.get(folder) ?? startUnlessRunning(folder, image, environment);
    starting.set(folder, known);
    try {
      return await known;
    } finally {
      starting.delete(folder);
    }
  };
  return {
    async powerOn(machine, image, environment) {
      const process = await processOf(image, environment);
      const link = join(folderOf(imagesDir, image), "on", basename(machine.root));
      await rm(link, { force: true });
      await symlink(machine.root, link);
      const answered = () => existsSync(machine.started) || !isRunning(process);
      await until(answered, startMilliseconds);
      if (existsSync(machine.started)) return { process, switch: link };
      throw new Error(
        `Booting failed: the process that plays machines of this image ${isRunning(process) ? "does not answer" : "has ended"}. Read ${logOf(imagesDir, image)}.`,
      );
    },
  };
}

/** Switches a machine off; its process has let go of it, or is gone, when this settles. */
export async function switchOff(
  machine: MachineFolders,
  process: ProcessId,
  link: string,
): Promise<void> {
  await rm(link, { force: true });
  const off = () => !existsSync(machine.started) || !isRunning(process);
  if (await until(off, endMilliseconds)) return;
  throw new Error(
    `Powering off ${basename(machine.root)} failed: process ${process.pid} still plays it. End that process.`,
  );
}

function folderOf(imagesDir: string, { root }: Image): string {
  return join(imagesDir, `${basename(root)}.machines`);
}

function logOf(imagesDir: string, image: Image): string {
  return join(folderOf(imagesDir, image), "log");
}

// What an earlier process had switched on went with it.
async function startUnlessRunning(
  folder: string,
  image: Image,
  environment: Record<string, string>,
): Promise<ProcessId> {
  const mark = join(folder, "process.json");
  const known = existsSync(mark)
    ? (JSON.parse(readFileSync(mark, "utf8")) as ProcessId)
    : undefined;
  if (known && isRunning(known)) return known;
  await rm(join(folder, "on"), { recursive: true, force: true });
  await mkdir(join(folder, "on"), { recursive: true });
  const [command = "", ...args] = image.manifest.init.map((path) => join(image.root, path));
  const process = startDaemon({
    command,
    args: [...args, join(folder, "on")],
    environment,
    logFile: join(folder, "log"),
    cwd: "/",
  });
  await writeFile(mark, JSON.stringify(process));
  return process;
}

// A virtual machine's own files: what the guest sees as /etc, /var/lib, /run, /tmp and /sys/class/net, its config
// drive and its hardware. Everything lies below one folder, so that removing the machine is removing that folder.
import { access, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { GuestSpec } from "./types";

/** Where the files of one machine are. */
export interface MachineFolders {
  root: string;
  etc: string;
  varLib: string;
  run: string;
  tmp: string;
  /** Its NICs, as /sys/class/net has them. */
  net: string;
  configDrive: string;
  hardware: string;
  console: string;
  /** Who plays the machine: process ids and start times. */
  processes: string;
  /** Exists as soon as the mounts are made and the first process is about to start. */
  started: string;
}

/** Files of the host's /etc that programs of any image need: names, users, loader cache, certificates. */
const hostFiles = [
  "alternatives",
  "group",
  "gai.conf",
  "host.conf",
  "ld.so.cache",
  "ld.so.conf",
  "localtime",
  "nsswitch.conf",
  "passwd",
  "protocols",
  "resolv.conf",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
];

/** The places of a machine, by arithmetic. */
export function foldersOf(vmsDir: string, extId: string): MachineFolders {
  const root = join(vmsDir, extId);
  return {
    root,
    etc: join(root, "etc"),
    varLib: join(root, "var-lib"),
    run: join(root, "run"),
    tmp: join(root, "tmp"),
    net: join(root, "net"),
    configDrive: join(root, "config-drive", "openstack", "latest"),
    hardware: join(root, "hardware.json"),
    console: join(root, "console.log"),
    processes: join(root, "processes.json"),
    started: join(root, "started"),
  };
}

/**
 * Lays the machine out. What an earlier boot wrote into its disks stays; /run and /tmp are the caller's to empty.
 * The user's catalogue is copied in, since the guest sees neither the host's /tmp nor its /etc.
 */
export async function layOut(
  folders: MachineFolders,
  spec: GuestSpec,
  from: { imageRoot: string; catalogue?: string | undefined },
): Promise<void> {
  const { etc, varLib, run, tmp } = folders;
  const known = await isThere(etc);
  for (const folder of [etc, varLib, join(run, "lock"), tmp])
    await mkdir(folder, { recursive: true });
  if (!known) await fillEtc(etc, from.imageRoot);
  if (!known) await plugIn(folders.net, spec);
  const catalogue = join(etc, "lab", "user-catalogue.yaml");
  await rm(catalogue, { force: true });
  if (from.catalogue !== undefined) await cp(from.catalogue, catalogue);
  await writeFile(join(etc, "hostname"), `${spec.name}\n`);
  await writeFile(join(etc, "hosts"), hostsOf(spec));
  await layOutBare(folders, spec);
}

/** Hardware, config drive and an empty disk: all that a simulated machine has. */
export async function layOutBare(folders: MachineFolders, spec: GuestSpec): Promise<void> {
  const { varLib, configDrive } = folders;
  for (const folder of [varLib, configDrive]) await mkdir(folder, { recursive: true });
  await writeFile(folders.hardware, JSON.stringify(hardwareOf(spec), null, 2));
  if (spec.userData !== undefined)
    await writeFile(join(configDrive, "user_data"), spec.userData, { mode: 0o600 });
  if (spec.metaData !== undefined)
    await writeFile(join(configDrive, "meta_data.json"), spec.metaData);
}

/** eth0 and further; what the guest sets of them stays. */
async function plugIn(net: string, { nics }: GuestSpec): Promise<void> {
  await mkdir(net, { recursive: true });
  for (const [index, { macAddress }] of nics.entries()) {
    const nic = join(net, `eth${index}`);
    await mkdir(nic);
    await writeFile(join(nic, "address"), `${macAddress}\n`);
    await writeFile(join(nic, "mtu"), "1500\n");
  }
}

/** The machine as its guest may know it. */
export function hardwareOf(spec: GuestSpec): Omit<GuestSpec, "disk" | "userData" | "metaData"> {
  const { extId, name, vcpus, memoryBytes, nics } = spec;
  return { extId, name, vcpus, memoryBytes, nics };
}

/** /etc/hosts of the machine. */
export function hostsOf(spec: GuestSpec): string {
  const own = spec.nics.map((nic) => `${nic.ipAddress} ${spec.name}\n`).join("");
  return `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${own}`;
}

async function fillEtc(etc: string, imageRoot: string): Promise<void> {
  const imageEtc = join(imageRoot, "etc");
  const files = hostFiles.map((name) => join("/etc", name));
  for (const file of files)
    if (await isThere(file))
      await cp(file, join(etc, file.slice("/etc/".length)), {
        recursive: true,
        verbatimSymlinks: !isFile(file),
        dereference: isFile(file),
      });
  if (await isThere(imageEtc)) await cp(imageEtc, etc, { recursive: true, verbatimSymlinks: true });
}

// Folders are full of links that stay right; a single file may be a link that leads out of /etc (resolv.conf).
function isFile(path: string): boolean {
  return !["alternatives", "certs"].includes(basename(path));
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

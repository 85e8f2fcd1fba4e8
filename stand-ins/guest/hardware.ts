// What the machine tells its guest: hardware.json and the config drive, both laid out by the hypervisor.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { twin } from "../shared/addresses";

/** hardware.json, as the hypervisor writes it. */
export interface Hardware {
  extId: string;
  name: string;
  vcpus: number;
  memoryBytes: number;
  nics: { macAddress: string; ipAddress: string; prefixLength: number }[];
}

/** A guest's own places and addresses. */
export interface Machine {
  hardware: Hardware;
  /** The unpacked image; programs run by their path in it. */
  imageRoot: string;
  /** The Kubernetes version that the image's manifest names, with its v. */
  kubernetesVersion?: string;
  configDrive: string;
  /** N, the address of the first NIC, and L, its twin on loopback. */
  address: string;
  twin: string;
}

/** Reads the machine from the environment that the hypervisor gives to the guest's first process. */
export function readMachine(environment: NodeJS.ProcessEnv): Machine {
  const folder = required(environment, "LAB_MACHINE");
  const hardware = JSON.parse(readFileSync(join(folder, "hardware.json"), "utf8")) as Hardware;
  const address = hardware.nics[0]?.ipAddress;
  if (address === undefined)
    throw new Error("Reading the hardware failed: the machine has no NIC with an address.");
  const imageRoot = required(environment, "LAB_IMAGE_ROOT");
  return {
    hardware,
    imageRoot,
    kubernetesVersion: versionOf(imageRoot),
    configDrive: join(folder, "config-drive", "openstack", "latest"),
    address,
    twin: twin(address),
  };
}

/** The Kubernetes version in an image's manifest. */
export function versionOf(imageRoot: string): string | undefined {
  const manifest = parse(readFileSync(join(imageRoot, "etc", "lab-image.yaml"), "utf8")) as {
    kubernetes?: string;
  };
  return manifest.kubernetes;
}

/** A program of the image. */
export function programOf(machine: Machine, name: string): string {
  return join(machine.imageRoot, "usr", "bin", name);
}

/** A stand-in of the image. */
export function standInOf(machine: Machine, name: string): string {
  return join(machine.imageRoot, "usr", "lib", "lab", `${name}.cjs`);
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "")
    throw new Error(`Starting the guest failed: ${name} is not set. The hypervisor sets it.`);
  return value;
}

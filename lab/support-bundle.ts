// `lab support-bundle`: what a bug report needs, in one tar.gz: logs, objects of both clusters, versions, settings and
// the last run. Secrets stay out twice: files and kinds that hold some are not taken, and everything that is taken goes
// through redact().

import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { create } from "tar";
import { listTools } from "../toolchain";
import type { Console } from "./console";
import type { Lab } from "./lab";
import { knownSecrets, redact } from "./redact";

const run = promisify(execFile);
const BUNDLE_BYTES = 2 * 2 ** 20;

/** What is asked of a cluster: never Secrets, nor anything whose fields are credentials. */
const OBJECTS: Record<string, string[]> = {
  management: [
    "nodes,pods,deployments,events",
    "clusters,machinedeployments,machinesets,machines,kubeadmcontrolplanes",
    "nutanixclusters,nutanixmachines,nutanixmachinetemplates",
  ],
  workload: ["nodes,pods,deployments,services,poddisruptionbudgets,events", "configmaps"],
};

/** Packs the bundle and answers its path. Works on a lab that is half there; what is missing is noted in it. */
export async function supportBundle(
  lab: Lab,
  stack: string,
  console: Console,
  output?: string,
): Promise<string> {
  if (!existsSync(lab.directory))
    throw new Error(`There is no lab in ${lab.directory}: nothing to pack. Run \`npm start\`.`);
  const folder = mkdtempSync(path.join(tmpdir(), "lab-support-"));
  const secrets = knownSecrets(lab);
  const put = (name: string, text: string) => {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, redact(text, secrets), { mode: 0o600 });
  };
  try {
    console.say("collecting versions and files");
    put("versions.json", JSON.stringify(await versions(lab, stack), undefined, 2));
    for (const file of filesOf(lab.directory))
      put(path.join("lab", path.relative(lab.directory, file)), tailOf(file));
    for (const [cluster, kinds] of Object.entries(OBJECTS)) {
      console.say(`collecting objects of the ${cluster} cluster`);
      for (const kind of kinds)
        put(
          `objects/${cluster}/${kind.replaceAll(",", "+")}.yaml`,
          await objects(lab, cluster, kind),
        );
    }
    const stamp = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
    const file = path.resolve(output ?? path.join(lab.directory, "support", `${stamp}.tar.gz`));
    mkdirSync(path.dirname(file), { recursive: true });
    await create({ file, gzip: true, cwd: folder, portable: true }, ["."]);
    chmodSync(file, 0o600);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function versions(lab: Lab, stack: string) {
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(lab.repository, file), "utf8")) as unknown;
  const commit = await run("git", ["rev-parse", "HEAD"], { cwd: lab.repository }).then(
    ({ stdout }) => stdout.trim(),
    () => "no git checkout",
  );
  return {
    lab: (read("package.json") as { version: string }).version,
    commit,
    stack,
    slot: lab.slot,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    tools: await listTools({ cache: lab.cache }),
  };
}

/** Names below the lab's folder that are worth reading, and hold no secrets of their own. */
const TAKEN =
  /^(run\.json|Pulumi\.[\w-]+\.yaml|reports\/.*|logs\/.*\.log|kind\/[^/]+\/logs\/.*\.log|kind\/[^/]+\/clusters\/[^/]+\/logs\/.*\.log|kind\/[^/]+\/kubelet\/pods\/.*\.log|prism-central\/vms\/[^/]+\/console\.log)$/;
const SKIPPED = new Set([
  "state",
  "bin",
  "dist",
  "images",
  "support",
  "pki",
  "etcd",
  "unpacked",
  "store",
]);

/** The files that go in, deepest folders of no interest left out. Order is that of names. */
export function filesOf(directory: string): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name.localeCompare(b.name),
    )) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(file);
      if (entry.isFile() && TAKEN.test(path.relative(directory, file))) found.push(file);
    }
  };
  walk(directory);
  return found;
}

/** A file's last two mebibytes. */
function tailOf(file: string): string {
  const { size } = statSync(file);
  const text = readFileSync(file);
  return size > BUNDLE_BYTES
    ? `(the first ${size - BUNDLE_BYTES} bytes are left out)\n${text.subarray(size - BUNDLE_BYTES).toString()}`
    : text.toString();
}

async function objects(lab: Lab, cluster: string, kinds: string): Promise<string> {
  const kubeconfig = path.join(
    lab.directory,
    cluster === "management" ? "kubeconfig" : "workload-kubeconfig",
  );
  if (!existsSync(kubeconfig))
    return `# there is no ${cluster} cluster: ${kubeconfig} is missing\n`;
  const kubectl = path.join(lab.directory, "bin", "kubectl");
  const args = [
    "--kubeconfig",
    kubeconfig,
    "--request-timeout",
    "20s",
    "get",
    kinds,
    "-A",
    "-o",
    "yaml",
  ];
  return run(kubectl, args, { maxBuffer: 256 * 2 ** 20 }).then(
    ({ stdout }) => stdout,
    (error: unknown) =>
      `# reading ${kinds} failed: ${error instanceof Error ? error.message : String(error)}\n`,
  );
}

// What a preview costs in which nothing changes: of an empty program, of the ground floor alone and of the whole lab, on one
// engine and one backend, one after the other in each round.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { labEnvironment, stackFile } from "../lab/environment";
import { ownCredentials } from "../lab/files";
import type { Lab } from "../lab/lab";
import { slotValues, withValues } from "../lab/stack-settings";
import { median, round, type Row } from "./rows";

const STACK = "dev";

/** The projects that the whole lab is compared with. */
const SOURCES = {
  empty: 'import "@pulumi/pulumi";\n',
  floor: `import { VmImage } from "./components/vm-image";
import { readConfig } from "./config";
const { image: source, kubernetesVersion, prismCentral, workloadCluster } = readConfig();
const { prismElement } = workloadCluster;
new VmImage("image", { source, kubernetesVersion, prismCentral, prismElement });
`,
};

interface Program {
  name: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/** Seconds of each preview (median of `rounds`) and its ratio to the empty program's. The lab must be up. */
export function previewRows(lab: Lab, rounds: number): Row[] {
  const programs = [
    ownStack(lab, "empty"),
    ownStack(lab, "floor"),
    { name: "lab", folder: lab.repository, environment: environmentOf(lab, STACK) },
  ];
  const seconds = programs.map((): number[] => []);
  for (let turn = 0; turn < rounds; turn++)
    programs.forEach((program, index) => seconds[index]?.push(timedPreview(program)));
  const [empty = NaN] = seconds.map(median);
  return programs.map(({ name }, index) => {
    const middle = median(seconds[index] ?? []);
    return { name: `empty preview: ${name}`, seconds: round(middle), ratio: round(middle / empty) };
  });
}

const environmentOf = (lab: Lab, stack: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...labEnvironment(lab, stack, ownCredentials(lab), process.env),
});

/**
 * A project brought up on a stack of its own with the lab's settings: the repository with another program. Its folder is the
 * lab's, since `pulumi stack init` writes beside Pulumi.yaml.
 */
function ownStack(lab: Lab, name: keyof typeof SOURCES): Program {
  const folder = path.join(lab.directory, "bench", name);
  mkdirSync(folder, { recursive: true });
  const own = (entry: string) => entry === "index.ts" || entry.startsWith("Pulumi.");
  for (const entry of readdirSync(lab.repository).filter((each) => !own(each)))
    symlinkSync(path.join(lab.repository, entry), path.join(folder, entry));
  copyFileSync(path.join(lab.repository, "Pulumi.yaml"), path.join(folder, "Pulumi.yaml"));
  writeFileSync(path.join(folder, "index.ts"), SOURCES[name]);
  const program = { name, folder, environment: environmentOf(lab, name) };
  const without = { ...program.environment, PULUMI_OPTION_CONFIG_FILE: undefined };
  pulumi({ ...program, environment: without }, "stack", "init", name, "--no-select");
  // Paths in a stack's file are relative to its program.
  const settings = readFileSync(stackFile(lab, STACK), "utf8");
  const values = slotValues({ ...lab, repository: folder });
  writeFileSync(stackFile(lab, name), withValues(settings, values));
  pulumi(program, "up", "--yes", "--skip-preview");
  return program;
}

function timedPreview(program: Program): number {
  const start = performance.now();
  pulumi(program, "preview", "--expect-no-changes");
  return (performance.now() - start) / 1000;
}

function pulumi({ folder, environment }: Program, ...args: string[]): void {
  execFileSync("pulumi", [...args, "--non-interactive"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", process.stderr, process.stderr],
    timeout: 300_000,
  });
}

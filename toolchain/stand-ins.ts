// Fills a lab's `dist` with bundled stand-ins and its `bin` with what a shell needs on PATH: links to tools,
// launchers of those stand-ins that are commands. Which command is real and which ours is decided per lab.
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundle } from "./bundles";
import { cacheFolders, defaultCache } from "./cache";
import { labFolderMark } from "./found";
import { chooseKind, chooseLanguageHost, choosePlugins, type Choice } from "./plugin-choice";
import { reporter, type Report } from "./progress";
import type { Tool } from "./tools";

export type { Choice } from "./plugin-choice";

export interface StandInsOptions {
  labDir: string;
  /** What makeToolchain() answered. */
  tools: readonly Tool[];
  progress?: Report;
  cache?: string;
  repository?: string;
  environment?: NodeJS.ProcessEnv;
  /** LAB_ID of whatever the stand-ins start, so that the lab finds it again. */
  labId?: string;
  /** Tries again to install plugins that could not be installed earlier. */
  retryPlugins?: boolean;
}

export interface StandIns {
  bin: string;
  dist: string;
  /** Name -> bundled file. */
  bundles: Record<string, string>;
  /** Who does the job of each plugin, language host and kind, and why: for display. */
  choices: Choice[];
}

/** Tools of the toolchain itself: nothing that runs in a lab starts them by name. */
const notOnPath: readonly string[] = ["go", "flock"];

/** Room for what a message leaves behind (MiB): large objects pass through plugins, and collecting them is a tenth of a preview. */
const heap = "--max-semi-space-size=64";

/** A script that runs a program; what it starts is marked as the lab's, whoever started it. */
function launcher(program: string[], labId: string | undefined): string {
  const mark = labId === undefined ? "" : `LAB_ID=${quoted(labId)}\nexport LAB_ID\n`;
  return `#!/bin/sh\n${mark}exec ${program.map(quoted).join(" ")} "$@"\n`;
}

/** What stands in `bin` under a name: a link to a program, or a script. */
type Command = { link: string } | { script: string };

/** Bundles the stand-ins and writes the lab's commands. Safe to run again, also while a lab is up. */
export async function makeStandIns(options: StandInsOptions): Promise<StandIns> {
  const environment = options.environment ?? process.env;
  const repository = options.repository ?? path.resolve(__dirname, "..");
  const folders = cacheFolders(options.cache ?? defaultCache(environment));
  const [bin, dist] = [path.join(options.labDir, "bin"), path.join(options.labDir, "dist")];
  const reports = reporter(options.progress ?? (() => undefined), "stand-ins", { done: 0, of: 1 });
  try {
    reports.say("building", "bundles");
    const bundles = await bundle(repository, dist);
    const around = {
      repository,
      folders,
      environment,
      tools: options.tools,
      standIns: Object.keys(bundles),
      retry: options.retryPlugins ?? false,
    };
    const choices = [
      await chooseKind(around),
      chooseLanguageHost(around),
      ...(await choosePlugins(around, reports)),
    ];
    await writeCommands(bin, commands(options, choices, bundles, repository));
    return { bin, dist, bundles, choices };
  } finally {
    reports.stop();
  }
}

/** Everything that belongs into `bin`; null for names that do not belong there any more. */
function commands(
  { tools, labId }: StandInsOptions,
  choices: readonly Choice[],
  bundles: Record<string, string>,
  repository: string,
): Record<string, Command | null> {
  const node = tools.find(({ name }) => name === "node")?.path ?? process.execPath;
  const dynamic = "pulumi-resource-pulumi-nodejs";
  const provider = path.join(repository, "node_modules/@pulumi/pulumi/cmd/dynamic-provider");
  const register = path.join(repository, "providers/register.cjs");
  const chosen = choices.map((choice): [string, Command | null] => {
    const bundled = bundles[choice.name];
    if (choice.path !== undefined) return [choice.name, { link: choice.path }];
    if (choice.chosen !== "stand-in" || bundled === undefined) return [choice.name, null];
    return [choice.name, { script: launcher([node, heap, bundled], labId) }];
  });
  return {
    ...Object.fromEntries(
      tools
        .filter(({ name }) => !notOnPath.includes(name))
        .map(({ name, path: link }) => [name, { link }]),
    ),
    // The SDK's own script of that name would start Node once more, to look for what is known here.
    [dynamic]: { script: launcher([node, heap, "--require", register, provider], labId) },
    ...Object.fromEntries(chosen),
  };
}

async function writeCommands(bin: string, wanted: Record<string, Command | null>): Promise<void> {
  await mkdir(bin, { recursive: true });
  await writeFile(path.join(bin, labFolderMark), "");
  for (const [name, command] of Object.entries(wanted)) {
    const file = path.join(bin, name);
    if (command === null) await rm(file, { force: true });
    else if (!isAlready(file, command)) await put(file, command);
  }
}

function isAlready(file: string, command: Command): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return false;
  if ("link" in command) return stat.isSymbolicLink() && readlinkSync(file) === command.link;
  return stat.isFile() && readFileSync(file, "utf8") === command.script;
}

async function put(file: string, command: Command): Promise<void> {
  const beside = `${file}.${process.pid}`;
  if (existsSync(beside)) await rm(beside);
  if ("link" in command) await symlink(command.link, beside);
  else {
    await writeFile(beside, command.script);
    await chmod(beside, 0o755);
  }
  await rename(beside, file);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

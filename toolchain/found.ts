// Looks for programs on this machine. What a lab itself put on PATH does not count as found.
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { run } from "./process";
import type { PathProgram, SystemProgram, Tool } from "./tools";
import { inRange, versionIn } from "./versions";

/** A file of this name in a folder says that a lab filled it. */
export const labFolderMark = ".filled-by-lab";

/** Where ordinary users' PATH often does not look. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/go/bin"];

/** All executables of a name on PATH, those of labs left out, first one first. */
export function onPath(
  name: string,
  environment: NodeJS.ProcessEnv,
  more: readonly string[] = [],
): string[] {
  const folders = [...(environment.PATH ?? "").split(":"), ...more];
  return folders
    .filter((folder) => path.isAbsolute(folder) && !existsSync(path.join(folder, labFolderMark)))
    .map((folder) => path.join(folder, name))
    .filter(isExecutable);
}

/** The first good version on PATH, with `ignored` as the folder whose programs are our own. */
export async function goodOnPath(
  program: PathProgram,
  environment: NodeJS.ProcessEnv,
  ignored: string,
): Promise<Tool | undefined> {
  for (const file of onPath(program.name, environment)) {
    if (realpathSync(file).startsWith(`${ignored}${path.sep}`)) continue;
    const version = await versionOf(file, program.versionArgs, environment);
    if (version !== undefined && inRange(version, program.good))
      return { name: program.name, version, path: file, source: "PATH" };
  }
  return undefined;
}

/** A program of the system, looked for in the sbin folders too. */
export async function systemTool(
  program: SystemProgram,
  environment: NodeJS.ProcessEnv,
): Promise<Tool | undefined> {
  const [file] = onPath(program.name, environment, systemFolders);
  if (file === undefined) return undefined;
  const version = (await versionOf(file, program.versionArgs, environment)) ?? "unknown";
  return { name: program.name, version, path: file, source: "system" };
}

async function versionOf(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  // Packer and Pulumi would ask their makers for news.
  const quiet = { ...environment, CHECKPOINT_DISABLE: "1", PULUMI_SKIP_UPDATE_CHECK: "true" };
  try {
    const { stdout, stderr } = await run(file, args, { seconds: 10, environment: quiet });
    return versionIn(stdout) ?? versionIn(stderr);
  } catch {
    // Another program of the same name (cracklib has a `packer`), or a broken one: not good.
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

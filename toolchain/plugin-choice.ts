// Which Pulumi plugin, language host and kind a lab uses: the real one where it is or can be had, else ours.
// What a registry refused once is remembered, since asking again would cost each start its time limit.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { writeWhole, type CacheFolders } from "./cache";
import { goodOnPath, onPath } from "./found";
import { run } from "./process";
import type { Reporter } from "./progress";
import { kindProgram, type Tool } from "./tools";

/** Seconds that an installation may take before the stand-in is taken. */
const installLimit = 20;

/** Who does a job, and why. */
export interface Choice {
  name: string;
  /** "stand-in" is ours; "missing" means that not even that is here. */
  chosen: "installed" | "PATH" | "stand-in" | "missing";
  reason: string;
  /** The real program to link to, when it is on PATH. */
  path?: string;
}

/** What choosing needs to know of its surroundings. */
export interface Surroundings {
  repository: string;
  folders: CacheFolders;
  environment: NodeJS.ProcessEnv;
  tools: readonly Tool[];
  /** Names of stand-ins that are there. */
  standIns: readonly string[];
  /** Asks again for what could not be installed earlier. */
  retry: boolean;
}

/** Plugin "name version" -> why it could not be installed. */
type Refusals = Record<string, string>;

const pluginNames = ["random", "command", "kubernetes"] as const;

/** Chooses the plugins of the packages in package.json; installs those that can be had. */
export async function choosePlugins(around: Surroundings, reports: Reporter): Promise<Choice[]> {
  const refusals = around.retry ? {} : readRefusals(around.folders.plugins);
  const choices = await Promise.all(
    pluginNames.map((name) => choosePlugin(name, around, refusals, reports)),
  );
  const text = `${JSON.stringify(refusals, null, 2)}\n`;
  if (text !== `${JSON.stringify(readRefusals(around.folders.plugins), null, 2)}\n`)
    await writeWhole(around.folders.plugins, text);
  return choices;
}

/** Real language host where Pulumi itself comes from PATH and has it beside; else ours. */
export function chooseLanguageHost(around: Surroundings): Choice {
  const name = "pulumi-language-nodejs";
  const pulumi = around.tools.find((tool) => tool.name === "pulumi");
  if (pulumi?.source === "PATH") {
    const real = [pulumi.path, realpathSync(pulumi.path)]
      .map((file) => path.join(path.dirname(file), name))
      .find(existsSync);
    if (real !== undefined)
      return { name, chosen: "PATH", reason: `beside ${pulumi.path}`, path: real };
  }
  return standInFor(name, around, "not beside Pulumi on PATH, and not served as a Go module");
}

/** Real kind where it is on PATH and a Docker engine answers; else ours. */
export async function chooseKind(around: Surroundings): Promise<Choice> {
  const { environment, folders } = around;
  const real = await goodOnPath(kindProgram, environment, folders.root);
  if (!real) return standInFor("kind", around, "no good version on PATH");
  const [docker] = onPath("docker", environment);
  const engine =
    docker === undefined
      ? undefined
      : await run(docker, ["version", "--format", "{{.Server.Version}}"], {
          environment,
          seconds: 5,
        }).catch(() => undefined);
  if (!engine) return standInFor("kind", around, "on PATH, but no Docker engine answers");
  return {
    name: "kind",
    chosen: "PATH",
    reason: `${real.version}, Docker ${engine.stdout.trim()}`,
    path: real.path,
  };
}

async function choosePlugin(
  plugin: string,
  around: Surroundings,
  refusals: Refusals,
  reports: Reporter,
): Promise<Choice> {
  const name = `pulumi-resource-${plugin}`;
  const version = packageVersion(around.repository, plugin);
  const installed = path.join(
    around.folders.pulumiHome,
    "plugins",
    `resource-${plugin}-v${version}`,
  );
  const known = `${plugin} ${version}`;
  if (isInstalled(installed))
    return { name, chosen: "installed", reason: `version ${version} in ${installed}` };
  const [ambient] = onPath(name, around.environment);
  if (ambient !== undefined)
    return { name, chosen: "PATH", reason: `at ${ambient}`, path: ambient };
  if (refusals[known] === undefined) {
    reports.note("installing", `plugin ${known}`);
    const refusal = await install(plugin, version, installed, around);
    if (refusal === undefined)
      return { name, chosen: "installed", reason: `version ${version}, just installed` };
    refusals[known] = refusal;
  }
  return standInFor(name, around, `${known} could not be installed: ${refusals[known]}`);
}

async function install(
  plugin: string,
  version: string,
  folder: string,
  { tools, folders, environment }: Surroundings,
): Promise<string | undefined> {
  const pulumi = tools.find((tool) => tool.name === "pulumi");
  if (!pulumi) return "there is no pulumi to install it with";
  try {
    await run(pulumi.path, ["plugin", "install", "resource", plugin, version], {
      seconds: installLimit,
      environment: {
        ...environment,
        PULUMI_HOME: folders.pulumiHome,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    return isInstalled(folder) ? undefined : "pulumi said yes, but it is not there";
  } catch (error) {
    for (const left of [folder, `${folder}.partial`, `${folder}.lock`])
      await rm(left, { recursive: true, force: true });
    return (error as Error).message.split("\n").slice(-1)[0]?.slice(0, 200) ?? "no reason given";
  }
}

function isInstalled(folder: string): boolean {
  return existsSync(folder) && !existsSync(`${folder}.partial`);
}

function standInFor(name: string, around: Surroundings, reason: string): Choice {
  if (around.standIns.includes(name)) return { name, chosen: "stand-in", reason };
  return { name, chosen: "missing", reason: `${reason}; and there is no stand-in` };
}

function packageVersion(repository: string, plugin: string): string {
  const file = path.join(repository, "node_modules", "@pulumi", plugin, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function readRefusals(file: string): Refusals {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Refusals) : {};
}

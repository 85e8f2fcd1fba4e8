// The real programs of the lab: found on PATH where that is good enough, else built once into the cache. What
// is there is used without a lock; whoever has to make something holds the cache's lock while making it.
import os from "node:os";
import path from "node:path";
import { existsSync, realpathSync } from "node:fs";
import { cacheFolders, checkDisk, clearUnfinished, prepareCache, type CacheFolders } from "./cache";
import { goodOnPath, systemTool } from "./found";
import { buildGroup, requireGo } from "./go-build";
import { findGroup, groupKey, groupTools, type GroupKey } from "./go-group";
import { takeLock, tryLock } from "./lock";
import { manifestsAreWhole, renderClusterApi } from "./manifests";
import { nodeOf } from "./node-program";
import { unpackedPacker, unpackPacker } from "./packer";
import { reporter, type Report, type Tally } from "./progress";
import { markUsed, removeAll, unusedBuilds } from "./unused";
import {
  goGroups,
  goProgram,
  pathPrograms,
  systemPrograms,
  type GoGroup,
  type Tool,
} from "./tools";

export { defaultCache } from "./cache";
export { clusterApiManifests } from "./manifests";
export type { Progress, Report } from "./progress";
export type { Tool, ToolSource } from "./tools";

export interface ToolchainOptions {
  /** The cache folder, see defaultCache(). */
  cache: string;
  progress?: Report;
  /** Names of groups ("etcd", "packer", "manifests", ...); all when absent. */
  only?: readonly string[];
  repository?: string;
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** A tool as `lab toolchain` shows it: `path` is empty where it is not here yet. */
export interface ListedTool extends Omit<Tool, "source"> {
  source: Tool["source"] | "to be made" | "missing";
}

/** What one look at machine and cache has found. */
interface Survey {
  options: Required<Omit<ToolchainOptions, "only" | "signal">> &
    Pick<ToolchainOptions, "only" | "signal">;
  folders: CacheFolders;
  system: Tool[];
  missingSystem: string[];
  go: Tool | undefined;
  fromPath: Tool[];
  groups: { group: GoGroup; key: GroupKey; folder: string | undefined }[];
  packer: Tool | undefined;
  manifests: boolean;
}

/** Makes all tools be there; answers them. Throws a sentence that says what to do. */
export async function makeToolchain(options: ToolchainOptions): Promise<Tool[]> {
  const first = await survey(options);
  if (first.missingSystem.length > 0) throw new Error(missingSentence(first));
  await prepareCache(first.folders);
  if (missingWork(first) === 0) return used(first);
  const tally = { done: 0, of: missingWork(first) };
  const waiting = reporter(first.options.progress, "toolchain", tally);
  const lock = await takeLock(first.folders.lock, (holder) =>
    waiting.note("waiting", `${holder} is making the same toolchain`),
  ).finally(() => waiting.stop());
  try {
    await clearUnfinished(first.folders);
    await makeMissing(await survey(options));
  } finally {
    await lock.release();
  }
  return used(await survey(options));
}

function used(found: Survey): Tool[] {
  markUsed(found.groups.flatMap(({ folder }) => folder ?? []));
  return toolsOf(found);
}

/** What is here and what would have to be made, without making anything. */
export async function listTools(options: ToolchainOptions): Promise<ListedTool[]> {
  const found = await survey(options);
  const here = toolsOf(found);
  const absent = found.groups
    .filter(({ folder }) => folder === undefined)
    .flatMap(({ group }) => groupTools(group, ""))
    .filter(({ name }) => !here.some((tool) => tool.name === name))
    .map((tool): ListedTool => ({ ...tool, path: "", source: "to be made" }));
  const packer: ListedTool[] = found.packer
    ? []
    : [{ name: "packer", version: "", path: "", source: "to be made" }];
  const missing = found.missingSystem.map((name): ListedTool => ({
    name,
    version: "",
    path: "",
    source: "missing",
  }));
  return [...here, ...absent, ...packer, ...missing];
}

/**
 * Removes Go's build cache once every tool is there, since no built tool needs it, and builds of earlier pins that nobody
 * used for long; answers the bytes freed. LAB_KEEP_BUILD_CACHE keeps the former, for who changes Go code.
 */
export async function trimCaches(options: ToolchainOptions): Promise<number> {
  const { goBuild, tools } = cacheFolders(path.resolve(options.cache));
  const { LAB_KEEP_BUILD_CACHE: kept } = options.environment ?? process.env;
  const trimmed = [
    ...(existsSync(goBuild) && !kept ? [goBuild] : []),
    ...(await unusedBuilds(tools)),
  ];
  if (trimmed.length === 0) return 0;
  const found = await survey(options);
  if (missingWork(found) > 0) return 0;
  // Whoever holds the lock is building with it right now.
  const lock = await tryLock(found.folders.lock);
  if (!lock) return 0;
  try {
    return await removeAll(trimmed);
  } finally {
    await lock.release();
  }
}

async function survey(given: ToolchainOptions): Promise<Survey> {
  const options = {
    ...given,
    progress: given.progress ?? (() => undefined),
    repository: given.repository ?? path.resolve(__dirname, ".."),
    environment: given.environment ?? process.env,
  };
  const { environment, repository } = options;
  const folders = cacheFolders(path.resolve(options.cache));
  const ownFolder = existsSync(folders.root) ? realpathSync(folders.root) : folders.root;
  const [go, system, onPath] = await Promise.all([
    systemTool(goProgram, environment),
    Promise.all(systemPrograms.map((program) => systemTool(program, environment))),
    Promise.all(pathPrograms.map((program) => goodOnPath(program, environment, ownFolder))),
  ]);
  const fromPath = onPath.filter((tool) => tool !== undefined);
  return {
    options,
    folders,
    system: [...system.filter((tool) => tool !== undefined), nodeOf(repository)],
    missingSystem: systemPrograms.filter((_, i) => !system[i]).map(({ name }) => name),
    go,
    fromPath,
    groups: goGroups
      .filter((group) => existsSync(path.join(repository, group.folder, "go.mod")))
      .filter((group) => wanted(options, group.name))
      .filter((group) => !group.programs.every(({ name }) => fromPath.some((t) => t.name === name)))
      .map((group) => {
        const key = groupKey(repository, group, go?.version ?? "");
        return { group, key, folder: findGroup(folders, group, key, go?.version ?? "") };
      }),
    packer: fromPath.find(({ name }) => name === "packer") ?? unpackedPacker(folders),
    manifests: manifestsAreWhole(folders),
  };
}

function missingWork(found: Survey): number {
  const builds = found.groups.filter(({ folder }) => folder === undefined).length;
  return builds + (needsPacker(found) ? 1 : 0) + (needsManifests(found) ? 1 : 0);
}

/** Makes what the survey did not find: packer first, since it fails fastest; the longest builds before others. */
async function makeMissing(found: Survey): Promise<void> {
  const { options, folders } = found;
  const { progress, repository, environment } = options;
  const tally = { done: 0, of: missingWork(found) };
  const missing = found.groups.filter(({ folder }) => folder === undefined);
  if (missing.length > 0) {
    requireGo(found.go);
    const gigabytes = missing.reduce((sum, { group }) => sum + group.gigabytes, 0);
    await checkDisk(folders.root, gigabytes);
  }
  if (needsPacker(found))
    await counted(progress, "packer", tally, (reports) =>
      unpackPacker(folders, environment, reports),
    );
  await buildAll(found, tally);
  if (!needsManifests(found)) return;
  // The pinned kubectl even where another comes from PATH: its kustomize decides the bytes.
  const kubectl = (await survey({ ...options, only: ["kubernetes"] })).groups
    .flatMap(({ group, folder }) => (folder === undefined ? [] : groupTools(group, folder)))
    .find(({ name }) => name === "kubectl")?.path;
  if (kubectl === undefined) throw new Error("Rendering manifests failed: there is no kubectl.");
  await counted(progress, "manifests", tally, (reports) => {
    reports.say("rendering", "Cluster API");
    const programs = { kubectl, go: requireGo(found.go).path };
    return renderClusterApi(folders, programs, { repository, environment });
  });
}

/** Builds two groups at a time where memory allows: one links or downloads while the other compiles. */
async function buildAll(found: Survey, tally: Tally): Promise<void> {
  const { options, folders } = found;
  const queue = found.groups.filter(({ folder }) => folder === undefined);
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const { repository, environment } = options;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { group, key } = next;
      const context = { repository, folders, environment, go: requireGo(found.go), signal };
      await counted(options.progress, group.name, tally, (reports) =>
        buildGroup(context, group, key, reports),
      );
    }
  };
  const stopOthers = (error: unknown): never => {
    queue.length = 0;
    failed.abort();
    throw error;
  };
  const workers = os.totalmem() >= 8e9 ? 2 : 1;
  const ends = await Promise.allSettled(
    Array.from({ length: workers }, () => work().catch(stopOthers)),
  );
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
  // The aborted neighbour fails as well, with nothing to say.
  const first = errors.find((error) => !/abort/i.test(error.message)) ?? errors[0];
  if (first) throw first;
}

async function counted<T>(
  report: Report,
  name: string,
  tally: Tally,
  make: (reports: ReturnType<typeof reporter>) => Promise<T>,
): Promise<T> {
  const reports = reporter(report, name, tally);
  try {
    const made = await make(reports);
    tally.done += 1;
    reports.say("done");
    return made;
  } finally {
    reports.stop();
  }
}

/** What may be used: programs from PATH before those built, then Packer, then the system's. */
function toolsOf(found: Survey): Tool[] {
  const built = found.groups.flatMap(({ group, folder }) =>
    folder === undefined ? [] : groupTools(group, folder),
  );
  const packer = found.packer ? [found.packer] : [];
  const all = [
    ...found.fromPath,
    ...built,
    ...packer,
    ...(found.go ? [found.go] : []),
    ...found.system,
  ];
  return all.filter((tool, i) => all.findIndex(({ name }) => name === tool.name) === i);
}

function wanted(options: Pick<ToolchainOptions, "only">, name: string): boolean {
  return options.only === undefined || options.only.includes(name);
}

function needsPacker(found: Survey): boolean {
  return wanted(found.options, "packer") && found.packer === undefined;
}

function needsManifests(found: Survey): boolean {
  return wanted(found.options, "manifests") && !found.manifests;
}

function missingSentence({ missingSystem }: Survey): string {
  const packages = systemPrograms
    .filter(({ name }) => missingSystem.includes(name))
    .map((program) => program.package);
  return (
    `Looking for ${missingSystem.join(", ")} failed: not on PATH and not in /usr/sbin. ` +
    `Install ${[...new Set(packages)].join(" and ")} (the name of Debian's package).`
  );
}

// Builds one Go group into a folder beside its place and moves it there when each program has answered its
// pinned version. Flags are chosen for time and size: no debug information, a lazier collector.
import { existsSync, statSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { unfinishedFolder, type CacheFolders } from "./cache";
import {
  compileFlags,
  groupFolder,
  linkFlags,
  recordFile,
  type GroupKey,
  type GroupRecord,
} from "./go-group";
import { dyingWithUs, ProcessError, run } from "./process";
import type { Reporter } from "./progress";
import { pins, type GoGroup, type GoProgram, type Tool } from "./tools";
import { inRange, versionIn } from "./versions";

export interface BuildContext {
  repository: string;
  folders: CacheFolders;
  environment: NodeJS.ProcessEnv;
  go: Tool;
  signal?: AbortSignal;
}

/** Throws a sentence unless Go is here and new enough. */
export function requireGo(go: Tool | undefined): Tool {
  const advice = `Install Go ${pins.go} or newer (https://go.dev/dl/) and put its bin folder on PATH.`;
  if (!go) throw new Error(`Looking for Go failed: no \`go\` on PATH. ${advice}`);
  if (!inRange(go.version, { from: pins.go }))
    throw new Error(
      `Looking for Go failed: ${go.path} is version ${go.version}, too old for the pinned programs. ${advice}`,
    );
  return go;
}

/** What Go is told by its environment; the user's proxy settings stay. */
export function goEnvironment(
  folders: CacheFolders,
  temporary: string,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return {
    ...environment,
    GOOS: undefined,
    GOARCH: undefined,
    GOEXPERIMENT: undefined,
    GOMODCACHE: folders.goModules,
    GOCACHE: folders.goBuild,
    GOTMPDIR: temporary,
    GOFLAGS: "-modcacherw -buildvcs=false",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GO111MODULE: "on",
    GOGC: "400",
    CGO_ENABLED: "0",
  };
}

/** Builds a group; answers its folder. */
export async function buildGroup(
  context: BuildContext,
  group: GoGroup,
  key: GroupKey,
  reporter: Reporter,
): Promise<string> {
  const { repository, folders } = context;
  const target = groupFolder(folders, group, key);
  const output = await unfinishedFolder(folders, group.name);
  const temporary = await unfinishedFolder(folders, `${group.name}-go`);
  const environment = goEnvironment(folders, temporary, context.environment);
  let compiled = 0;
  const onErrorLine = (line: string): void => {
    const downloading = /^go: downloading (.*)/.exec(line)?.[1];
    if (downloading === undefined) compiled += 1;
    if (downloading !== undefined) reporter.note("downloading", downloading);
    else reporter.note("building", `${compiled} packages compiled`);
  };
  reporter.say("building");
  try {
    for (const batch of batches(group.programs)) {
      const args = ["build", "-v", ...compileFlags, "-ldflags", linkFlags(group)];
      const to = batch.length > 1 ? `${output}/` : path.join(output, batch[0]?.name ?? "");
      await run(
        ...dyingWithUs(context.go.path, [...args, "-o", to, ...batch.map((p) => p.package)]),
        {
          folder: path.join(repository, group.folder),
          environment,
          signal: context.signal,
          onErrorLine,
        },
      );
    }
    await checkVersions(group, output);
    const record = recordOf(
      group,
      key,
      { go: context.go.version, seconds: reporter.seconds() },
      output,
    );
    await writeFile(path.join(output, recordFile), `${JSON.stringify(record, null, 2)}\n`);
    if (existsSync(target)) await rm(target, { recursive: true });
    await rename(output, target);
    return target;
  } catch (error) {
    throw explained(group, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(output, { recursive: true, force: true });
  }
}

/**
 * Programs that one `go build` may link at once: those that Go itself would name as we do. The others (three
 * managers of Cluster API, etcd) go one by one.
 */
export function batches(programs: readonly GoProgram[]): GoProgram[][] {
  const own = programs.filter((program) => goName(program.package) === program.name);
  const others = programs.filter((program) => !own.includes(program));
  return [...(own.length > 0 ? [own] : []), ...others.map((program) => [program])];
}

function goName(packagePath: string): string {
  const parts = packagePath.split("/").filter((part) => !/^v\d+$/.test(part));
  return parts.at(-1) ?? "";
}

async function checkVersions(group: GoGroup, folder: string): Promise<void> {
  for (const { name, versionArgs } of group.programs) {
    if (!versionArgs) continue;
    const { stdout, stderr } = await run(path.join(folder, name), versionArgs, { seconds: 60 });
    const version = versionIn(stdout) ?? versionIn(stderr) ?? "none";
    if (version !== group.version)
      throw new Error(
        `Checking ${name} failed: it calls itself version ${version}, the pin says ${group.version}. ` +
          `Make ${group.folder}/go.mod and toolchain/tools.ts agree.`,
      );
  }
}

function recordOf(
  group: GoGroup,
  key: GroupKey,
  made: Pick<GroupRecord, "go" | "seconds">,
  folder: string,
): GroupRecord {
  const sizes = group.programs.map(({ name }) => [name, statSync(path.join(folder, name)).size]);
  return { inputs: key.inputs, ...made, sizes: Object.fromEntries(sizes) as GroupRecord["sizes"] };
}

const causes: readonly { pattern: RegExp; what: string; advice: string }[] = [
  {
    pattern: /no space left on device/,
    what: "the disk is full",
    advice: "Free some space, or set LAB_CACHE to a folder elsewhere.",
  },
  {
    pattern: /checksum mismatch|SECURITY ERROR/,
    what: "a module is not what go.sum says",
    advice: "Somebody between here and the module's author changed it; find out who.",
  },
  {
    pattern:
      /dial tcp|no such host|connection refused|i\/o timeout|TLS handshake|proxyconnect|reading https?:\/\/\S+: [45]\d\d/,
    what: "the Go module proxy did not give a module",
    advice:
      "Check the network, and GOPROXY if you are behind a proxy; what is built already is kept.",
  },
];

function explained(group: GoGroup, error: unknown): Error {
  if (!(error instanceof ProcessError))
    return error instanceof Error ? error : new Error(String(error));
  const cause = causes.find(({ pattern }) => pattern.test(error.lines));
  const lines = error.lines.split("\n").slice(-12).join("\n");
  return new Error(
    `Building ${group.name} (${group.folder}) failed: ${cause?.what ?? error.answer}.\n${lines}\n` +
      (cause?.advice ?? "Run the same again; if it stays, report these lines."),
    { cause: error },
  );
}

// How Node is started for a program, a plugin written in Node and a policy pack: pure, so that it can be read.

import { createRequire } from "node:module";
import path from "node:path";

import type { RunPluginRequest, RunRequest } from "@pulumi/pulumi/proto/language_pb";

import { runtimeOptions } from "./runtime-options";

/** What to start, where. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Resolves a script of the program's own SDK, never of another copy. */
export type ResolveScript = (directory: string, script: string) => string;

/** Resolves `@pulumi/pulumi/cmd/...` from the program's folder. */
export const resolveScript: ResolveScript = (directory, script) => {
  try {
    return createRequire(path.join(directory, "program.js")).resolve(script);
  } catch (cause) {
    throw new Error(
      `Finding ${script} from ${directory} failed: it is not installed. Run npm ci there.`,
      { cause },
    );
  }
};

/** The process that runs a program; the language host's own Node runs it. */
export function programLaunch(
  request: RunRequest,
  engineAddress: string,
  resolve: ResolveScript,
): Launch {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const { nodeArguments } = runtimeOptions(info);
  const script =
    process.env["PULUMI_LANGUAGE_NODEJS_RUN_PATH"] ?? resolve(directory, "@pulumi/pulumi/cmd/run");
  const args = [
    ...nodeArguments,
    script,
    ...["--monitor", request.getMonitorAddress()],
    ...["--engine", engineAddress],
    ...["--organization", request.getOrganization()],
    ...["--project", request.getProject()],
    ...["--root-directory", info?.getRootDirectory() ?? request.getPwd()],
    ...["--stack", request.getStack()],
    ...["--pwd", request.getPwd()],
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...["--parallel", String(request.getParallel())],
    info?.getEntryPoint() ?? request.getProgram(),
    ...request.getArgsList(),
  ];
  return { file: process.execPath, args, cwd: request.getPwd(), env: programEnvironment(request) };
}

function programEnvironment(request: RunRequest): Launch["env"] {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...typeScriptEnvironment(request),
  };
}

function typeScriptEnvironment(request: RunRequest | RunPluginRequest): Launch["env"] {
  const { typescript, tsconfig } = runtimeOptions(request.getInfo());
  return {
    PULUMI_NODEJS_TYPESCRIPT: String(typescript),
    ...(tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

/** The process that runs a policy pack (kind analyzer) or another plugin whose source is Node. */
export function pluginLaunch(request: RunPluginRequest, resolve: ResolveScript): Launch {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getProgram();
  const { nodeArguments } = runtimeOptions(info);
  const given = request.getArgsList();
  const isPolicyPack = request.getKind() === "analyzer";
  const script = resolve(
    directory,
    `@pulumi/pulumi/cmd/run-${isPolicyPack ? "policy-pack" : "plugin"}`,
  );
  const args = isPolicyPack ? [...given, directory] : [directory, ...given];
  return {
    file: process.execPath,
    args: [...nodeArguments, script, ...args],
    // A pack's tsconfig.json is looked for in the working directory.
    cwd: isPolicyPack ? directory : request.getPwd(),
    env: { ...environmentOf(request.getEnvList()), ...typeScriptEnvironment(request) },
  };
}

/** The engine sends the whole environment as KEY=VALUE. */
function environmentOf(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const end = entry.indexOf("=");
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

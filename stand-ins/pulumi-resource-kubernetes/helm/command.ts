// Runs the real helm. The kubeconfig and the values go through private files, never through argv.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Kubeconfig } from "../kubeconfig";
import type { HelmSettings } from "../settings";

/** helm with everything bound but what one call needs. */
export type Helm = (
  run: Pick<HelmRun, "arguments" | "files" | "onLine" | "signal">,
) => Promise<string>;

export interface HelmRun {
  readonly arguments: readonly string[];
  /** Contents by name; `{name}` in the arguments stands for the file's path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly kubeconfig?: Kubeconfig;
  readonly context?: string;
  readonly settings: HelmSettings;
  readonly signal: AbortSignal;
  /** Each line that helm writes about its progress. */
  readonly onLine?: (line: string) => void;
}

/** helm ran, but said no. */
export class HelmError extends Error {
  override name = "HelmError";
}

/** What helm printed; throws HelmError with its last words when it fails. */
export async function runHelm(run: HelmRun): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-helm-"));
  try {
    const paths = new Map<string, string>();
    for (const [name, contents] of Object.entries(run.files ?? {})) {
      const path = join(folder, name);
      writeFileSync(path, contents, { mode: 0o600 });
      paths.set(`{${name}}`, path);
    }
    const env = environment(run);
    if (run.kubeconfig) {
      const { path, text } = run.kubeconfig;
      env["KUBECONFIG"] = path ?? join(folder, "kubeconfig");
      if (path === undefined) writeFileSync(env["KUBECONFIG"], text, { mode: 0o600 });
    }
    return await finished(
      run.arguments.map((argument) => paths.get(argument) ?? argument),
      env,
      run,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function environment(run: HelmRun): NodeJS.ProcessEnv {
  const { settings } = run;
  return {
    ...process.env,
    HELM_KUBECONTEXT: run.context,
    HELM_DRIVER: settings.driver ?? process.env["HELM_DRIVER"],
    HELM_PLUGINS: settings.pluginsPath ?? process.env["HELM_PLUGINS"],
    HELM_REGISTRY_CONFIG: settings.registryConfigPath ?? process.env["HELM_REGISTRY_CONFIG"],
    HELM_REPOSITORY_CACHE: settings.repositoryCache ?? process.env["HELM_REPOSITORY_CACHE"],
    HELM_REPOSITORY_CONFIG: settings.repositoryConfigPath ?? process.env["HELM_REPOSITORY_CONFIG"],
  };
}

function finished(args: readonly string[], env: NodeJS.ProcessEnv, run: HelmRun): Promise<string> {
  const defined = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const child = spawn("helm", args, { env: defined, stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  let said = "";
  const interrupt = () => child.kill("SIGINT");
  run.signal.addEventListener("abort", interrupt, { once: true });
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    const text = chunk.toString("utf8");
    said = (said + text).slice(-4000);
    for (const line of text.split("\n").filter(Boolean)) run.onLine?.(line);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => {
      const hint = "Install helm 3 and have it on PATH.";
      reject(new HelmError(`Starting helm failed: ${cause.message}. ${hint}`, { cause }));
    });
    child.on("close", (code) => {
      run.signal.removeEventListener("abort", interrupt);
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(new HelmError(lastWords(said) || `helm ended with code ${String(code)}`));
    });
  });
}

function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line !== "" && !line.startsWith("WARNING"));
  const error = lines.findIndex((line) => line.startsWith("Error:"));
  return lines
    .slice(error < 0 ? -10 : error)
    .join("\n")
    .replace(/^Error: ((INSTALLATION|UPGRADE) FAILED: )?/, "");
}

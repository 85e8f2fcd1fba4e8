// A Pulumi project in a folder of its own, driven by the real engine through the command line.

import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { programs } from "./cluster";

const root = path.resolve(__dirname, "../../..");

interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** Both outputs. */
  readonly text: string;
}

/** One step of a preview, as `pulumi preview --json` tells it. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly replaceReasons?: string[];
  readonly detailedDiff?: Record<string, { kind: string }> | null;
  readonly newState?: { readonly id?: string; readonly inputs?: Record<string, unknown> };
}

export class Project {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-kubernetes-project-"));
  readonly #project = path.join(this.folder, "project");
  readonly #stop = new AbortController();
  /** What the programs find in their environment, beside what the project itself needs. */
  readonly environment: Record<string, string> = {};

  /** Makes the project with this program, and a stack. */
  async make(program: string): Promise<void> {
    for (const made of ["project", "bin", "home", "state"]) {
      fs.mkdirSync(path.join(this.folder, made));
    }
    // A plain file here keeps the engine from writing its automatic encrypted log.
    fs.writeFileSync(path.join(this.folder, "home/logs"), "");
    for (const name of ["language-nodejs", "resource-kubernetes"]) this.#build(`pulumi-${name}`);
    fs.copyFileSync(program, path.join(this.#project, "index.ts"));
    fs.symlinkSync(path.join(root, "node_modules"), path.join(this.#project, "node_modules"));
    const options = { tsconfig: "tsconfig.test.json" };
    this.#write("Pulumi.yaml", { name: "test", main: "", runtime: { name: "nodejs", options } });
    this.#write("package.json", { name: "test", main: "index.ts" });
    const compilerOptions = { target: "es2022", module: "nodenext", noCheck: true };
    this.#write("tsconfig.test.json", { compilerOptions });
    await this.expectSuccess("stack", "init", "test", "--no-select");
  }

  /** Ends what still runs and removes the folder. */
  remove(): void {
    this.#stop.abort();
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async run(...args: string[]): Promise<Ran> {
    try {
      const { stdout, stderr } = await promisify(execFile)("pulumi", args, {
        cwd: this.#project,
        env: this.#environment(),
        timeout: 180_000,
        maxBuffer: 64 * 1024 * 1024,
        signal: this.#stop.signal,
      });
      return { code: 0, stdout, text: stdout + stderr };
    } catch (thrown) {
      const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
      return { code, stdout, text: stdout + stderr };
    }
  }

  async expectSuccess(...args: string[]): Promise<string> {
    const { code, stdout, text } = await this.run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed: ${text}`);
    return stdout;
  }

  async set(settings: Record<string, string>, ...flags: string[]): Promise<void> {
    for (const [key, value] of Object.entries(settings)) {
      await this.expectSuccess("config", "set", ...flags, "--", key, value);
    }
  }

  /** What an operation did, by kind of step, in the engine's own count. */
  async changes(...args: string[]): Promise<Record<string, number>> {
    const text = await this.expectSuccess(...args, "--json");
    const summary = text.split("\n").find((line) => line.includes('"summaryEvent"')) ?? "{}";
    const event = JSON.parse(summary) as {
      summaryEvent?: { resourceChanges: Record<string, number> };
    };
    if (!event.summaryEvent) throw new Error(text);
    return event.summaryEvent.resourceChanges;
  }

  /** The steps of a preview that do something, by the resource's name. */
  async preview(): Promise<Record<string, Step[]>> {
    const text = await this.expectSuccess("preview", "--json");
    const { steps } = JSON.parse(text) as { steps: Step[] };
    const changing = steps.filter(({ op }) => op !== "same");
    const names = changing.map(({ urn }) => urn.split("::").at(-1) ?? "");
    return Object.fromEntries(
      names.map((name) => [name, changing.filter(({ urn }) => urn.endsWith(`::${name}`))]),
    );
  }

  #write(name: string, value: unknown): void {
    fs.writeFileSync(path.join(this.#project, name), JSON.stringify(value));
  }

  #environment(): NodeJS.ProcessEnv {
    const sdk = path.join(root, "node_modules/@pulumi/pulumi");
    const bin = path.join(this.folder, "bin");
    return {
      PATH: [path.dirname(process.execPath), bin, programs(), sdk, "/usr/bin", "/bin"].join(":"),
      HOME: this.folder,
      KUBECONFIG: path.join(this.folder, "none"),
      PULUMI_HOME: path.join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: "test",
      PULUMI_OPTION_NON_INTERACTIVE: "true",
      PULUMI_OPTION_COLOR: "never",
      ...this.environment,
    };
  }

  #build(name: string): void {
    const file = path.join(this.folder, "bin", `${name}.cjs`);
    const flags = ["--bundle", "--platform=node", "--target=node24", "--log-level=warning"];
    const source = path.join(root, `stand-ins/${name}/main.ts`);
    const esbuild = path.join(root, "node_modules/.bin/esbuild");
    execFileSync(esbuild, [source, ...flags, `--outfile=${file}`]);
    const launcher = `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`;
    fs.writeFileSync(path.join(this.folder, "bin", name), launcher, { mode: 0o755 });
  }
}

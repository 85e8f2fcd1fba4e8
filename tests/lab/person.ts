// A person at a lab: their own pulumi, in the environment that `lab env` prints.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { House } from "./house";

interface Ran {
  status: number | null;
  text: string;
}

export class Person {
  readonly shell: NodeJS.ProcessEnv;
  private readonly house: House;

  /** The lab must have been brought up once. */
  constructor(house: House) {
    this.house = house;
    this.shell = shellOf(house);
  }

  /** Runs pulumi to its end, at most for ten minutes. */
  pulumi(...args: string[]): Ran {
    const { status, stdout, stderr } = spawnSync("pulumi", args, {
      cwd: this.house.lab.repository,
      env: this.shell,
      encoding: "utf8",
      timeout: 600_000,
      maxBuffer: 256 * 1024 * 1024,
    });
    return { status, text: stdout + stderr };
  }

  /** How many resources a command changed, by operation, in the engine's own count. */
  changesOf(...args: string[]): Record<string, number> {
    return changesIn(this.pulumi(...args, ...COUNTED));
  }

  /** The same while others run, such as what the test itself plays. */
  async changesBeside(...args: string[]): Promise<Record<string, number>> {
    return changesIn(await this.pulumiBeside(...args, ...COUNTED));
  }

  /** Runs pulumi to its end while others run. */
  async pulumiBeside(...args: string[]): Promise<Ran> {
    const child = spawn("pulumi", args, {
      cwd: this.house.lab.repository,
      env: this.shell,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, text };
  }

  /** Sets a value of the stack, by its path within the program's configuration. */
  set(key: string, value: string, ...flags: string[]): void {
    const place = ["--path", `nutanix-serverless-lab:${key}`, value];
    const { status, text } = this.pulumi("config", "set", ...flags, ...place);
    if (status !== 0) throw new Error(text);
  }
}

const COUNTED = ["--yes", "--skip-preview", "--json"];

function changesIn({ status, text }: Ran): Record<string, number> {
  const summary = text.split("\n").find((line) => line.includes('"summaryEvent"'));
  if (status !== 0 || !summary) throw new Error(text);
  const event = JSON.parse(summary) as { summaryEvent: { resourceChanges: object } };
  return { ...event.summaryEvent.resourceChanges };
}

/** What a shell has after eval "$(npm run -s lab -- env)". */
function shellOf(house: House): NodeJS.ProcessEnv {
  const script = 'eval "$(npm run -s lab -- env)" && env -0';
  const printed = execFileSync("/bin/sh", ["-c", script], {
    cwd: house.lab.repository,
    env: house.environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const entries = printed.split("\0").filter((entry) => entry.includes("="));
  const own = { PULUMI_OPTION_NON_INTERACTIVE: "true", PULUMI_OPTION_COLOR: "never" };
  const pair = (entry: string) => [entry.split("=", 1)[0], entry.slice(entry.indexOf("=") + 1)];
  return { ...(Object.fromEntries(entries.map(pair)) as NodeJS.ProcessEnv), ...own };
}

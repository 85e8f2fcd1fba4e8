// A person at a lab: their own pulumi, in the environment that `lab env` prints.

import { execFileSync, spawnSync } from "node:child_process";
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
    const { status, text } = this.pulumi(...args, "--yes", "--skip-preview", "--json");
    const summary = text.split("\n").find((line) => line.includes('"summaryEvent"'));
    if (status !== 0 || !summary) throw new Error(text);
    const event = JSON.parse(summary) as { summaryEvent: { resourceChanges: object } };
    return { ...event.summaryEvent.resourceChanges };
  }

  /** Sets a value of the stack, by its path within the program's configuration. */
  set(key: string, value: string): void {
    const { status, text } = this.pulumi(
      "config",
      "set",
      "--path",
      `nutanix-serverless-lab:${key}`,
      value,
    );
    if (status !== 0) throw new Error(text);
  }
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

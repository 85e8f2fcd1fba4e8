// A service of the guest: waits for its files, runs, and is started again when it ends.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { Console } from "./console";
import { describeEnding, ended, start, type Program } from "./processes";

/** Something that should always run once `ready`. */
export interface Service {
  name: string;
  /** Whether the files that it needs exist. Asked a few times a second. */
  ready(): boolean;
  program(): Program;
}

const stateFolder = "/run/lab";
const pollMilliseconds = 200;
const longestBackOffMilliseconds = 30_000;
const steadyMilliseconds = 10_000;

/** The wait before the next start, after `failures` quick endings in a row. */
export function backOff(failures: number): number {
  return Math.min(500 * 2 ** Math.max(0, failures - 1), longestBackOffMilliseconds);
}

/** Runs the service for as long as the guest lives. */
export async function keepRunning(service: Service, console: Console): Promise<never> {
  let failures = 0;
  for (;;) {
    await until(() => !existsSync(`${stateFolder}/${service.name}.stopped`) && service.ready());
    console.say("init", `starting ${service.name}`);
    const since = Date.now();
    const child = start(service.program(), (line) => console.say(service.name, line));
    recordPid(service.name, child.pid);
    const ending = await ended(child);
    failures = Date.now() - since > steadyMilliseconds ? 1 : failures + 1;
    const wait = backOff(failures);
    console.say(
      "init",
      `${service.name} ended with ${describeEnding(ending)}; next start in ${wait / 1000} s`,
    );
    await sleep(wait);
  }
}

// What the guest's systemctl reads.
function recordPid(name: string, pid: number | undefined): void {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(`${stateFolder}/${name}.pid`, String(pid ?? 0));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(pollMilliseconds);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

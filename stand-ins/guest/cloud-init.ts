// Carries out a boot plan, as cloud-init does: bootcmd, files, then runcmd as one script. A failing command is
// reported with its last lines and does not keep the next one from running.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { planBoot, scriptOf, type BootPlan, type MetaData, type PlannedFile } from "./cloud-config";
import { tailOf, type Console } from "./console";
import { describeEnding, ended, start } from "./processes";

const failureMark = "\u0001lab-command-failed";
const shownLines = 20;

/** Reads the config drive; undefined when it holds no user data. */
export function readPlan(configDrive: string): BootPlan | undefined {
  const userData = join(configDrive, "user_data");
  const metaData = join(configDrive, "meta_data.json");
  if (!existsSync(userData)) return undefined;
  const meta: unknown = existsSync(metaData) ? JSON.parse(readFileSync(metaData, "utf8")) : {};
  return planBoot(readFileSync(userData, "utf8"), meta as MetaData);
}

/** Runs the whole plan. Answers how many commands failed. */
export async function carryOut(
  plan: BootPlan,
  console: Console,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  for (const module of plan.ignored)
    console.say("cloud-init", `${module}: not done by this guest, left out`);
  const early = await runCommands("bootcmd", plan.bootCommands, console, environment);
  for (const file of plan.files) write(file, console);
  const late = await runCommands("runcmd", plan.commands, console, environment);
  console.say("cloud-init", `finished, ${early + late} failed commands`);
  return early + late;
}

function write(file: PlannedFile, console: Console): void {
  mkdirSync(dirname(file.path), { recursive: true });
  if (file.append) appendFileSync(file.path, file.content);
  else writeFileSync(file.path, file.content);
  chmodSync(file.path, file.mode);
  console.say("cloud-init", `wrote ${file.path}, ${file.content.length} bytes`);
  if (file.owner === undefined || /^(root|0)(:(root|0))?$/.test(file.owner)) return;
  const chown = spawnSync("chown", [file.owner, file.path], { encoding: "utf8" });
  if (chown.status !== 0)
    console.say("cloud-init", `chown ${file.owner} ${file.path} failed: ${chown.stderr.trim()}`);
}

async function runCommands(
  module: string,
  commands: string[],
  console: Console,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  if (commands.length === 0) return 0;
  const script = `/var/lib/cloud/instance/scripts/${module}`;
  mkdirSync(dirname(script), { recursive: true });
  writeFileSync(script, scriptOf(commands, failureMark), { mode: 0o700 });
  const recent: string[] = [];
  let failed = 0;
  const child = start({ command: "/bin/sh", args: [script], environment }, (line) => {
    if (line.startsWith(failureMark)) {
      failed += 1;
      console.say("cloud-init", failureOf(line, module, { commands, recent }));
      return;
    }
    recent.push(line);
    if (recent.length > shownLines) recent.shift();
    console.say(module, line);
  });
  const ending = await ended(child);
  if (ending.code !== 0)
    console.say("cloud-init", `${module} ended with ${describeEnding(ending)}`);
  return failed;
}

function failureOf(
  mark: string,
  module: string,
  seen: { commands: string[]; recent: string[] },
): string {
  const [index, status] = mark.slice(failureMark.length).trim().split(" ").map(Number);
  const command = seen.commands[index ?? 0] ?? "";
  return `${module} failed: "${command}" answered ${status ?? 1}. Its last lines:\n${tailOf(seen.recent, shownLines)}`;
}

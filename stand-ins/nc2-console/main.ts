// The command: reads its flags, starts the console, says where it is, and runs until SIGTERM.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Latency } from "../prism-central/tasks";
import { readSeed, type Seed } from "./seed";
import { type Nc2Console, startNc2Console } from "./server";
import { KINDS } from "./work";

interface Flags {
  listen: { host: string; port: number };
  base: string;
  data?: string;
  seed?: string;
  latency: Latency;
  print: "json" | "env";
}

const MORE = `
Environment:
  NC2_CONSOLE_KEY_ID, NC2_CONSOLE_API_KEY   an API key (or give keys in the seed)

When it listens it says so. --print json (the default in a pipe) is one line, {"ready":true,"url":...,"ca":...};
--print env (the default in a terminal) is lines for a shell, NC2_KEY_ID and so on; without a key, of one made for this
run. What it answers for, and what was asked in vain: GET /about. Ends on SIGTERM.

Controls, with a bearer token (all of them: stand-ins/nc2-console/README.md):
  PUT  /debug/faults          rules that make requests and tasks fail, hang, lag or break
  PUT  /debug/clusters/<id>   { "status": "hibernation_stalled" }
  POST /debug/clock           { "advance": milliseconds }
  POST /debug/reset           back to the seed

Example:
  npm run -s nc2-console -- --print env --latency kClusterHibernate=20000 --latency kClusterResume=30000
`;

const program = new Command("nc2-console")
  .description(
    "A stand-in for the console of Nutanix Cloud Clusters, for one machine: clusters and tasks of its API v2 over HTTPS, signed tokens, faults on demand.",
  )
  .addOption(
    new Option("--listen <address:port>", "loopback address to listen on; port 0 for any free one")
      .argParser(loopback)
      .default({ host: "127.0.0.1", port: 9450 }, "127.0.0.1:9450"),
  )
  .option("--base <path>", "before all of the console's paths; begins with /api/", "/api/v2")
  .option("--data <folder>", "where everything is kept; without one, nothing is kept")
  .option("--seed <file>", "YAML: the world to begin with (stand-ins/nc2-console/README.md)")
  .addOption(
    new Option(
      "--latency <operation=milliseconds>",
      `how long a task runs, e.g. kClusterCreate=60000 or 5000-30000; may be repeated (${Object.keys(KINDS).join(", ")})`,
    )
      .argParser(latency)
      .default({}, "none"),
  )
  .addOption(
    new Option("--print <form>", "how it says that it listens")
      .choices(["json", "env"])
      .default(process.stdout.isTTY ? "env" : "json", "env in a terminal, else json"),
  )
  .addHelpText("after", MORE);

function loopback(text: string): Flags["listen"] {
  const match = /^(127\.\d+\.\d+\.\d+):(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("Only addresses in 127.0.0.0/8 are listened on.");
  return { host: match[1] ?? "", port: Number(match[2]) };
}

function latency(text: string, before: Latency): Latency {
  const [, operation = "", from, to] = /^(k\w+)=(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (from === undefined || !(operation in KINDS))
    throw new InvalidArgumentError(
      `It must look like kClusterCreate=5000 or kClusterCreate=5000-30000; known are ${Object.keys(KINDS).join(", ")}.`,
    );
  return { ...before, [operation]: to === undefined ? Number(from) : [Number(from), Number(to)] };
}

/** The environment, with a key made up where a shell will be told of it. */
function environment({ print, seed }: Flags): NodeJS.ProcessEnv {
  if (print === "json" || seed !== undefined || process.env["NC2_CONSOLE_KEY_ID"])
    return process.env;
  return {
    ...process.env,
    NC2_CONSOLE_KEY_ID: "lab-key",
    NC2_CONSOLE_API_KEY: randomBytes(24).toString("base64url"),
  };
}

function announcement(print: Flags["print"], { url, caFile }: Nc2Console, seed: Seed): string {
  if (print === "json") return `${JSON.stringify({ ready: true, url, ca: caFile })}\n`;
  const { id = "", key = "" } = seed.keys.at(-1) ?? {};
  const lines: [string, string][] = [
    ["NC2_KEY_ID", id],
    ["NC2_API_KEY", key],
    ["NC2_CONSOLE_URL", url],
    ["NC2_CONSOLE_CA", caFile],
    ["NC2_CONSOLE_PID", String(process.pid)],
  ];
  return lines
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  if (!/^\/api\/[\w/-]*[\w-]$/.test(flags.base)) throw new Error("--base must be like /api/v2.");
  const seed = readSeed(flags.seed, environment(flags));
  const isKept = flags.data !== undefined;
  const dataDir = isKept ? resolve(flags.data ?? "") : mkdtempSync(join(tmpdir(), "nc2-console-"));
  const server = await startNc2Console({
    ...flags.listen,
    base: flags.base,
    dataDir,
    seed: { ...seed, latency: { ...seed.latency, ...flags.latency } },
  });
  const stop = () =>
    void server.close().then(() => {
      if (!isKept) rmSync(dataDir, { recursive: true, force: true });
      process.exit(0);
    });
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(announcement(flags.print, server, seed));
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Starting the NC2 console failed: ${message}\n`);
  process.exitCode = 1;
});

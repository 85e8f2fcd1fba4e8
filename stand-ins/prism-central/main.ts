// The command: reads its flags, starts Prism Central, says where it is, and runs until SIGTERM.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createHypervisor } from "../hypervisor";
import type { Hypervisor } from "../hypervisor/types";
import { announcement } from "./announcement";
import { noGuests } from "./no-guests";
import { readSeed } from "./seed";
import type { PrismCentral } from "./server";
import { startPrismCentral } from "./server";
import type { Latency } from "./tasks";

interface Flags {
  listen: { host: string; port: number };
  data?: string;
  seed?: string;
  latency: Latency;
  guests: "process" | "none";
  print: "json" | "env";
}

const MORE = `
Environment:
  PRISM_CENTRAL_USERNAME, PRISM_CENTRAL_PASSWORD   a user (or give users in the seed)
  LAB_SLOT                                         gives the default subnet its addresses (0 to 15)

When it listens it says so. --print json (the default in a pipe) is one line, {"ready":true,"url":...,"ca":...};
--print env (the default in a terminal) is lines for a shell, NUTANIX_ENDPOINT and so on; without a user, of admin
and a password made for this run. What it answers for, and what was asked in vain: GET /about. Ends on SIGTERM.

Controls, with the user's credentials (all of them: stand-ins/prism-central/README.md):
  PUT  /debug/faults      rules that make requests and tasks fail, hang, lag or break
  GET  /debug/events      what was asked and what became of it (?follow=true: as it happens)
  GET  /debug/stats       how often each route was asked, its statuses and times
  POST /debug/clock       { "advance": milliseconds }
  POST /debug/reset       back to the seed

  curl --cacert $PRISM_CENTRAL_CA -u $NUTANIX_USERNAME:$NUTANIX_PASSWORD -X PUT $PRISM_CENTRAL_URL/debug/faults \\
    -H 'content-type: application/json' -d '[
      { "when": "* /api/", "fail": 429, "retryAfter": 1, "probability": 0.1 },
      { "when": "POST /api/vmm/", "drop": { "response": 0 }, "every": 5 },
      { "when": "kVmCreate", "hang": "before", "times": 1 }
    ]'
`;

const program = new Command("prism-central")
  .description(
    "A stand-in for Nutanix Prism Central, for one machine: v3 and v4 APIs over HTTPS, VMs that boot, faults on demand.",
  )
  .addOption(
    new Option("--listen <address:port>", "loopback address to listen on; port 0 for any free one")
      .argParser(loopback)
      .default({ host: "127.0.0.1", port: 9440 }, "127.0.0.1:9440"),
  )
  .option("--data <folder>", "where everything is kept; without one, nothing is kept")
  .option("--seed <file>", "YAML: the world to begin with (stand-ins/prism-central/README.md)")
  .addOption(
    new Option(
      "--latency <operation=milliseconds>",
      "how long a task runs before its work is done, e.g. kVmCreate=5000 or kVmCreate=5000-30000; may be repeated",
    )
      .argParser(latency)
      .default({}, "none"),
  )
  .addOption(
    new Option("--guests <kind>", "what a VM runs: process boots its image, none is the API alone")
      .choices(["process", "none"])
      .default("process"),
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
  if (from === undefined)
    throw new InvalidArgumentError("It must look like kVmCreate=5000 or kVmCreate=5000-30000.");
  return { ...before, [operation]: to === undefined ? Number(from) : [Number(from), Number(to)] };
}

/** What a guest's processes inherit: the lab's marks, never Prism Central's credentials. */
function guestEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && (name.startsWith("LAB_") || name === "PATH")
      ? [[name, value] as const]
      : [],
  );
  return Object.fromEntries(entries);
}

function hypervisor({ guests }: Flags, dataDir: string): Hypervisor {
  if (guests === "none") return noGuests;
  return createHypervisor({
    vmsDir: join(dataDir, "vms"),
    imagesDir: join(dataDir, "unpacked"),
    environment: guestEnvironment(),
  });
}

/** The environment, with a user made up where a shell will be told of it. */
function environment({ print, seed }: Flags): NodeJS.ProcessEnv {
  if (print === "json" || seed !== undefined || process.env["PRISM_CENTRAL_USERNAME"])
    return process.env;
  return {
    ...process.env,
    PRISM_CENTRAL_USERNAME: "admin",
    PRISM_CENTRAL_PASSWORD: randomBytes(12).toString("base64url"),
  };
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const seed = readSeed(flags.seed, environment(flags));
  const isKept = flags.data !== undefined;
  const dataDir = isKept
    ? resolve(flags.data ?? "")
    : mkdtempSync(join(tmpdir(), "prism-central-"));
  const server: PrismCentral = await startPrismCentral({
    ...flags.listen,
    dataDir,
    seed: { ...seed, latency: { ...seed.latency, ...flags.latency } },
    hypervisor: hypervisor(flags, dataDir),
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
  process.stderr.write(`Starting Prism Central failed: ${message}\n`);
  process.exitCode = 1;
});

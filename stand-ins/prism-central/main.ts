// The command: reads its flags, starts Prism Central, says where it is, and runs until SIGTERM.
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createHypervisor } from "../hypervisor";
import { readSeed } from "./seed";
import type { PrismCentral } from "./server";
import { startPrismCentral } from "./server";
import type { Latency } from "./tasks";

interface Flags {
  listen: { host: string; port: number };
  data: string;
  seed?: string;
  latency: Latency;
}

const MORE = `
Environment:
  PRISM_CENTRAL_USERNAME, PRISM_CENTRAL_PASSWORD   a user (or give users in the seed)
  LAB_SLOT                                         gives the default subnet its addresses (0 to 15)

Prints one line when it listens: {"ready":true,"url":...,"ca":...}; clients may trust the file "ca".
What it answers for, and what was asked in vain: GET /about. Ends on SIGTERM.

Faults, in the seed (faults: [...]) or at run time, with the user's credentials:
  curl --cacert $CA -u $USER:$PASSWORD -X PUT https://127.0.0.1:9440/debug/faults \\
    -H 'content-type: application/json' -d '[
      { "when": "* /api/", "fail": 429, "retryAfter": 1, "probability": 0.1 },
      { "when": "POST /api/vmm/", "drop": { "response": 0 }, "every": 5 },
      { "when": "GET /api/vmm/*/ahv/config/vms$", "lag": 3000 },
      { "when": "kVmCreate", "hang": "before", "times": 1 }
    ]'
GET shows how many each rule has seen and hit, DELETE removes them. All keys: stand-ins/prism-central/README.md.
`;

const program = new Command("prism-central")
  .description(
    "A stand-in for Nutanix Prism Central, for one machine: v3 and v4 APIs over HTTPS, VMs that boot, faults on demand.",
  )
  .addOption(
    new Option("--listen <address:port>", "loopback address to listen on")
      .argParser(loopback)
      .default({ host: "127.0.0.1", port: 9440 }, "127.0.0.1:9440"),
  )
  .requiredOption("--data <folder>", "where everything is kept")
  .option(
    "--seed <file>",
    "YAML: users, apiKeys, prismCentral, clusters, subnets, projects, latency, faults",
  )
  .addOption(
    new Option(
      "--latency <operation=milliseconds>",
      "how long a task runs before its work is done, e.g. kVmCreate=5000; may be repeated",
    )
      .argParser(latency)
      .default({}, "none"),
  )
  .addHelpText("after", MORE);

function loopback(text: string): Flags["listen"] {
  const match = /^(127\.\d+\.\d+\.\d+):(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("Only addresses in 127.0.0.0/8 are listened on.");
  return { host: match[1] ?? "", port: Number(match[2]) };
}

function latency(text: string, before: Latency): Latency {
  const match = /^(k\w+)=(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("It must look like kVmCreate=5000.");
  return { ...before, [match[1] ?? ""]: Number(match[2]) };
}

async function start(flags: Flags): Promise<PrismCentral> {
  const seed = readSeed(flags.seed, process.env);
  const dataDir = resolve(flags.data);
  return startPrismCentral({
    ...flags.listen,
    dataDir,
    seed: { ...seed, latency: { ...seed.latency, ...flags.latency } },
    hypervisor: createHypervisor({
      vmsDir: join(dataDir, "vms"),
      imagesDir: join(dataDir, "unpacked"),
      environment: guestEnvironment(),
    }),
  });
}

// What a guest's processes inherit: the lab's marks, never Prism Central's credentials.
function guestEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && (name.startsWith("LAB_") || name === "PATH")
      ? [[name, value] as const]
      : [],
  );
  return Object.fromEntries(entries);
}

async function main(): Promise<void> {
  const server = await start(program.parse().opts<Flags>());
  const stop = () => void server.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, ca: server.caFile })}\n`);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Starting Prism Central failed: ${message}\n`);
  process.exitCode = 1;
});

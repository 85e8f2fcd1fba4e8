// The lab command: parses, calls one function, prints one thing.

import { Command } from "commander";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { listTools } from "../toolchain";
import { comment } from "./comment";
import { makeConsole, table } from "./console";
import { down } from "./down";
import { fetchAll } from "./fetch";
import { openStack, plainOutputs } from "./engine";
import { addExamples } from "./examples";
import type { Deployment } from "./layers-of-state";
import { labEnvironment, shellExports } from "./environment";
import { ownCredentials } from "./files";
import { listing, needsOf } from "./images";
import { currentLab } from "./lab";
import { preview } from "./preview";
import { prepare, prepareEnvironment, prepareTools } from "./prepare";
import { addProofCommands } from "./proof-commands";
import { addTargetCommands } from "./target-commands";
import { stackConfig, stackNames } from "./stack-values";
import { render } from "./render";
import { status } from "./status";
import { up } from "./up";
import { findConsole, printConsole, vmConsoles } from "./vm-console";

const lab = currentLab();

interface PreviewFlags {
  all?: boolean;
  markdown?: string;
  base?: string;
  policyPack: string[];
}

const collect = (value: string, before: string[]) => [...before, value];

function version(): string {
  const text = readFileSync(path.join(lab.repository, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const program = new Command("lab")
  .description("Builds the Nutanix serverless lab and proves that it scales to zero.")
  .version(version(), "-V, --version", "version of the lab")
  .configureHelp({ showGlobalOptions: true })
  .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] ?? "dev");

const stackName = () => program.opts<{ stack: string }>().stack;

program
  .command("up")
  .description("make the toolchain, bring the stack up, run the scaling test")
  .option("--json", "progress and summary as JSON, an object a line")
  .action(async (flags: { json?: boolean }) => {
    if (!(await up(lab, stackName(), makeConsole(process.stdout, flags)))) process.exitCode = 1;
  });

program
  .command("preview")
  .description("show what `up` would change; needs no credentials, network or cluster")
  .option("--all", "all stacks")
  .option(
    "--markdown <file>",
    "a summary for a pull request; each stack's beside it, FILE.STACK.md",
  )
  .option("--base <commit>", "compare the objects with those of a commit")
  .option(
    "--policy-pack <folder>",
    "run the policies of a folder beside those of policy/ (repeatable)",
    collect,
    [],
  )
  .action(async (flags: PreviewFlags) => {
    const stacks = flags.all ? stackNames(lab.repository) : [stackName()];
    const { policyPack: policyPacks, ...options } = flags;
    const console = makeConsole(process.stderr);
    if (!(await preview(lab, { ...options, stacks, policyPacks }, console))) process.exitCode = 1;
  });

program
  .command("images")
  .description("every image and chart that a stack needs")
  .option("--all", "of all stacks")
  .option("--json", "as JSON")
  .action(async ({ all, json }: { all?: boolean; json?: boolean }) => {
    const stacks = all ? stackNames(lab.repository) : [stackName()];
    const found = [];
    for (const stack of stacks) {
      const resources = await render(lab.repository, stack);
      found.push(needsOf(stack, resources, stackConfig(lab.repository, stack)));
    }
    process.stdout.write(
      json
        ? `${JSON.stringify(all ? found : found[0], undefined, 2)}\n`
        : found.map(listing).join("\n"),
    );
  });

program
  .command("comment <files...>")
  .description("put previews on a pull request, each in the place of the one before")
  .action(async (files: string[]) => {
    for (const { file, how } of await comment(files)) process.stdout.write(`${file}: ${how}\n`);
  });

program
  .command("status")
  .description("what there is of the lab, layer by layer")
  .option("--json", "as JSON")
  .action(async ({ json }: { json?: boolean }) => {
    prepareEnvironment(lab, stackName());
    const stack = await openStack(lab, stackName()).catch(() => undefined);
    const outputs = stack && (await plainOutputs(stack).catch(() => undefined));
    const state = await stack?.exportStack().catch(() => undefined);
    const found = await status(lab, stackName(), outputs ?? {}, state?.deployment as Deployment);
    const rows = found.layers.map((layer) => [layer.name, layer.state, `${layer.seconds} s`]);
    const lines = [...table(rows), "", ...table(Object.entries(found.endpoints))];
    process.stdout.write(`${json ? JSON.stringify(found, undefined, 2) : lines.join("\n")}\n`);
  });

addProofCommands(program, lab, stackName);
addTargetCommands(program, lab, stackName);

program
  .command("down")
  .description("destroy the stack and leave nothing behind")
  .option("--json", "progress and summary as JSON, an object a line")
  .action(async (flags: { json?: boolean }) => {
    await down(lab, stackName(), makeConsole(process.stdout, flags));
  });

program
  .command("env")
  .description('what a shell needs: eval "$(npm run -s lab -- env)"')
  .action(async () => {
    const before = { ...process.env };
    const { embedded } = await prepare(lab, stackName(), makeConsole(process.stderr));
    const credentials = embedded ? ownCredentials(lab) : undefined;
    process.stdout.write(shellExports(labEnvironment(lab, stackName(), credentials, before)));
  });

program
  .command("fetch")
  .description("bring what a stack has addresses of, manifests for example, into the cache")
  .option("--all", "for all stacks")
  .option("--pin", "write the SHA-256 of what has none into Pulumi.<stack>.yaml")
  .option("--json", "as JSON")
  .action(async ({ all, pin, json }: { all?: boolean; pin?: boolean; json?: boolean }) => {
    const found = [];
    for (const stack of all ? stackNames(lab.repository) : [stackName()])
      for (const item of await fetchAll(lab.repository, stack, { pin: pin ?? false }))
        found.push({ stack, ...item });
    const rows = found.map((item) => [item.stack, item.key, item.how, item.sha256, item.url]);
    process.stdout.write(
      json
        ? `${JSON.stringify(found, undefined, 2)}\n`
        : table(rows)
            .map((row) => `${row}\n`)
            .join(""),
    );
  });

program
  .command("console")
  .description(
    "the serial console of a virtual machine of this lab; without a machine, which there are",
  )
  .argument("[vm]", "name or uuid")
  .option("-f, --follow", "go on printing what it says")
  .action(async (vm: string | undefined, { follow }: { follow?: boolean }) => {
    const all = vmConsoles(lab);
    const write = (text: string | Buffer) => void process.stdout.write(text);
    if (vm === undefined) {
      write(
        table(all.map(({ name, extId }) => [name, extId]))
          .map((row) => `${row}\n`)
          .join(""),
      );
      return;
    }
    const abort = new AbortController();
    process.once("SIGINT", () => abort.abort());
    await printConsole(findConsole(all, vm), write, follow ? abort.signal : undefined);
  });

program
  .command("toolchain")
  .description("make the toolchain; then each tool, its version, and where it came from")
  .option("--json", "as JSON")
  .option("--list", "only list what is here, make nothing")
  .action(async ({ json, list }: { json?: boolean; list?: boolean }) => {
    const choices = list ? [] : await prepareTools(lab, makeConsole(process.stderr));
    const tools = await listTools({ cache: lab.cache });
    const rows = [
      ...tools.map((tool) => [tool.name, tool.version, tool.source, tool.path]),
      ...choices.map(({ name, chosen, reason }) => [name, "", chosen, reason]),
    ];
    const text = json ? JSON.stringify({ tools, choices }, undefined, 2) : table(rows).join("\n");
    process.stdout.write(`${text}\n`);
  });

addExamples(program);

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env["LAB_DEBUG"] && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    process.exit(1);
  },
);

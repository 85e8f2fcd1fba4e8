// The command line of the node stand-in. See README.md for its flags.
import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { runKubelet } from "./kubelet";
import { nodeOptions, readConfiguration } from "./options";
import type { Flags } from "./options";

const collect = (value: string, before: string[]): string[] => [...before, value];

const program = new Command("node")
  .description("a small virtual kubelet: runs pods as processes")
  .requiredOption("--kubeconfig <file>")
  .option("--bootstrap-kubeconfig <file>")
  .option("--config <file>", "KubeletConfiguration")
  .option("--hostname-override <name>")
  .requiredOption("--node-ip <address>", "of 198.18.0.0/15")
  .option("--root-dir <dir>", "", "/var/lib/kubelet")
  .option("--system-uuid <uuid>")
  .option("--provider-id <id>")
  .option(
    "--cloud-provider <name>",
    "external: a cloud controller manager initialises the Node",
    "",
  )
  .option("--capacity <list>", "cpu=2,memory=4Gi,pods=110")
  .option("--node-labels <list>")
  .option("--register-with-taints <list>")
  .option("--register-schedulable <boolean>")
  .option("--pod-cidr <cidr>")
  .option("--kubelet-version <version>", "", "v1.36.3")
  .option("--catalogue <files>", "comma separated")
  .option("--var <name=value>", "repeatable", collect, [])
  .option("--streams <file>", "the program kubelet-streams")
  .option("--shim <file>", "the program container-shim; default: beside kubelet-streams");

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const text =
    flags.config !== undefined && existsSync(flags.config)
      ? readFileSync(flags.config, "utf8")
      : "";
  const options = nodeOptions(flags, readConfiguration(text));
  const abort = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => abort.abort());
  await runKubelet(options, abort.signal);
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`node: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

// The command line of kind, as far as the lab and a person use it. Messages go to standard error, as kind's do.
import { Command } from "commander";
import { addToKubeconfig, clusterKubeconfig, createCluster } from "./create";
import type { CreateFlags } from "./create";
import { deleteCluster } from "./delete";
import { stringify } from "yaml";
import { Places } from "./places";
import { reviveCluster } from "./revive";
import { nodeName } from "./programs";

const say = (line: string) => process.stderr.write(`${line}\n`);
const print = (line: string) => process.stdout.write(`${line}\n`);
const places = () => new Places(process.env, process.argv[1] ?? "");
const clusterName = process.env["KIND_CLUSTER_NAME"] ?? "kind";

interface Named {
  name: string;
  kubeconfig?: string;
}

/** Adds what was tried to an error, as kind words it. */
function failing<A extends unknown[]>(
  action: (...args: A) => Promise<void> | void,
  what?: string,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say(`ERROR: ${what === undefined ? "" : `${what}: `}${message}`);
      process.exitCode = 1;
    }
  };
}

function known(name: string): string {
  if (places().clusters().includes(name)) return name;
  throw new Error(
    `could not locate any control plane nodes for cluster named '${name}'. Use the --name option to select a different cluster`,
  );
}

async function deleteClusters(names: string[], kubeconfig: string | undefined): Promise<void> {
  for (const name of names) {
    say(`Deleting cluster "${name}" ...`);
    const existed = places().clusters().includes(name);
    await deleteCluster(name, kubeconfig, places());
    if (existed) say(`Deleted nodes: ["${nodeName(name)}"]`);
  }
}

const kind = new Command("kind").description("kind creates and manages local Kubernetes clusters");

const create = kind.command("create");
create
  .command("cluster")
  .option("-n, --name <name>")
  .option("--config <file>")
  .option("--image <image>")
  .option("--kubeconfig <file>")
  .option("--wait <duration>", "", "0s")
  .option("--retain")
  .action(
    failing(
      (flags: CreateFlags) => createCluster(flags, places(), say),
      "failed to create cluster",
    ),
  );

const remove = kind.command("delete");
remove
  .command("cluster")
  .option("-n, --name <name>", "", clusterName)
  .option("--kubeconfig <file>")
  .action(
    failing(
      ({ name, kubeconfig }: Named) => deleteClusters([name], kubeconfig),
      "failed to delete cluster",
    ),
  );
remove
  .command("clusters")
  .argument("[names...]")
  .option("-A, --all")
  .option("--kubeconfig <file>")
  .action(
    failing((names: string[], { all, kubeconfig }: { all?: boolean; kubeconfig?: string }) => {
      if (!all && names.length === 0) throw new Error("no cluster names provided");
      return deleteClusters(all ? places().clusters() : names, kubeconfig);
    }),
  );

const get = kind.command("get");
get.command("clusters").action(
  failing(() => {
    const names = places().clusters();
    if (names.length === 0) say("No kind clusters found.");
    for (const name of names) print(name);
  }),
);
get
  .command("nodes")
  .option("-n, --name <name>", "", clusterName)
  .option("-A, --all-clusters")
  .action(
    failing(({ name, allClusters }: { name: string; allClusters?: boolean }) => {
      const names = places()
        .clusters()
        .filter((each) => allClusters === true || each === name);
      if (names.length === 0)
        say(allClusters ? "No kind nodes found." : `No kind nodes found for cluster "${name}".`);
      for (const each of names) print(nodeName(each));
    }),
  );
get
  .command("kubeconfig")
  .option("-n, --name <name>", "", clusterName)
  .option("--internal")
  .action(
    failing(({ name, internal }: { name: string; internal?: boolean }) => {
      if (internal) throw new Error("--internal is not played by this stand-in");
      process.stdout.write(stringify(clusterKubeconfig(known(name), places())));
    }),
  );

kind
  .command("export")
  .command("kubeconfig")
  .option("-n, --name <name>", "", clusterName)
  .option("--kubeconfig <file>")
  .action(
    failing(async ({ name, kubeconfig }: Named) => {
      await addToKubeconfig(known(name), kubeconfig, places());
      say(`Set kubectl context to "kind-${name}"`);
    }),
  );

// What kind leaves to Docker: `docker start` of a node that was stopped.
kind
  .command("revive", { hidden: true })
  .description("start the clusters of this lab whose processes died on their files")
  .argument("<names...>")
  .action(
    failing(async (names: string[]) => {
      for (const name of names) await reviveCluster(known(name), places(), say);
    }, "failed to start cluster"),
  );

kind.command("version").action(() => {
  print(
    `kind v0.32.0 stand-in of the Nutanix serverless lab, node ${process.version} linux/${process.arch}`,
  );
});

void kind.parseAsync();

// The command line of the egress stand-in: through it an API server reaches Services, pods and nodes.
import { Command } from "commander";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import type { Resource } from "../shared/kube-client";
import { KubeStore } from "../shared/kube-store";
import { log } from "../shared/log";
import { serveProxy } from "./proxy";
import { resolve } from "./resolve";
import type { EndpointSlice, Service } from "./resolve";

const services: Resource<Service> = {
  group: "",
  version: "v1",
  plural: "services",
  kind: "Service",
};
const slices: Resource<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  plural: "endpointslices",
  kind: "EndpointSlice",
};

async function main(): Promise<void> {
  const { kubeconfig, socket } = new Command("egress")
    .description("a CONNECT proxy from an API server to the loopback addresses of its cluster")
    .requiredOption("--kubeconfig <file>")
    .requiredOption("--socket <file>", "unix socket to listen on")
    .parse()
    .opts<{ kubeconfig: string; socket: string }>();
  const client = new KubeClient(loadKubeConfig(kubeconfig));
  const known = {
    services: new KubeStore(client, services),
    slices: new KubeStore(client, slices),
  };
  known.services.start();
  known.slices.start();
  const proxy = await serveProxy(socket, (target) =>
    resolve(target, { services: known.services.list(), slices: known.slices.list() }, (of) =>
      Math.floor(Math.random() * of),
    ),
  );
  log("listening", { socket });
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.once(name, () => {
      proxy.close();
      process.exit(0);
    });
}

main().catch((error: unknown) => {
  process.stderr.write(`egress: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

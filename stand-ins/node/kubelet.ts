// The node's life: static pods at once, then registration, then the pods of the API server.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parse } from "yaml";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { KubeStore } from "../shared/kube-store";
import { log } from "../shared/log";
import type { Endpoint } from "../shared/relay";
import { ApiServices } from "./api-services";
import type { ApiSources } from "./api-services";
import { wait } from "./back-off";
import { bootstrap } from "./bootstrap";
import { builtInCatalogue } from "./catalogue";
import { Events } from "./events";
import { mergeCatalogues, readCatalogue } from "./images";
import type { Catalogue } from "./images";
import type { NodeOptions } from "./options";
import { PodAddresses } from "./pod-addresses";
import type { NodeServices } from "./pod-context";
import { PodManager } from "./pod-manager";
import { PodStates } from "./pod-state";
import { Registration } from "./registration";
import { variablesOf } from "./service-links";
import { isStatic, StaticPods } from "./static-pods";
import { keepStreams } from "./streams";
import { pods } from "./types";
import type { Pod } from "./types";

const staticPodsPoll = 1000;

/** Runs the node until the signal is aborted; settles when all of its pods have ended. */
export async function runKubelet(options: NodeOptions, signal: AbortSignal): Promise<void> {
  const stateDir = join(options.rootDir, "state");
  const states = new PodStates(stateDir);
  await serveHealthz(options.healthz, signal);
  const late: Late = {};
  const services = nodeServices(options, late);
  const manager = new PodManager({ services, states, rootDir: options.rootDir });
  const streams = options.streams
    ? keepStreams(
        {
          program: options.streams,
          address: `${options.identity.loopback}:10250`,
          stateDir,
          name: options.identity.name,
          clientCaFile: options.clientCaFile,
        },
        signal,
      )
    : Promise.resolve();
  void watchStaticPods(options, manager, signal);
  await connect({ options, manager, late, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
  await manager.stop(5);
  await streams;
}

/** What there is only once there is an API server. */
interface Late {
  services?: ApiServices;
  events?: Events;
}

interface Connecting {
  options: NodeOptions;
  manager: PodManager;
  late: Late;
  signal: AbortSignal;
}

async function connect({ options, manager, late, signal }: Connecting): Promise<void> {
  await bootstrap(options, signal);
  const client = new KubeClient(loadKubeConfig(options.kubeconfig));
  const services = new ApiServices(client);
  const events = new Events(client, options.identity);
  services.start();
  Object.assign(late, { services, events } satisfies Late);
  const registration = new Registration(client, options, events);
  const node = await registration.register(signal);
  void registration.keepAlive(signal);
  const registered = { client, nodeUid: node.metadata.uid ?? "", events };
  manager.connect(registered, (fresh) => registration.view(fresh));
  const selector = `spec.nodeName=${options.identity.name}`;
  const store = new KubeStore(client, pods, undefined, selector);
  store.onChange((pod, gone) => (gone ? manager.onGone(pod) : manager.onPod(pod)));
  store.start();
  signal.addEventListener("abort", () => {
    store.stop();
    services.stop();
  });
  manager.useAddresses(new PodAddresses(options.podCidr ?? (await registration.podCidr(signal))));
  await store.synced;
  manager.endForgotten();
}

async function watchStaticPods(
  { staticPodPath, identity }: NodeOptions,
  manager: PodManager,
  signal: AbortSignal,
): Promise<void> {
  if (staticPodPath === undefined) return;
  const folder = new StaticPods(staticPodPath, identity.name);
  while (!signal.aborted) {
    manager.setStaticPods(folder.read());
    await wait(staticPodsPoll, signal);
  }
}

// Before there is an API server there are static pods only: those have neither sources nor events.
function nodeServices(options: NodeOptions, late: Late): NodeServices {
  const none = () => Promise.reject(new Error("A static pod has nothing of the API server."));
  const nothing: ApiSources = { configMap: none, secret: none, token: none };
  return {
    node: options.identity,
    allocatable: options.capacity,
    shim: requireShim(options),
    variables: options.variables,
    environment: containerBase(),
    catalogue: () => readCatalogues(options.catalogueFiles),
    sources: (pod, changed) => late.services?.sources(pod, changed) ?? nothing,
    links: (pod) => ({
      ...(isStatic(pod) ? {} : linksOf(pod, late.services)),
      ...apiServerOf(options.kubeconfig),
    }),
    forget(pod) {
      late.services?.forget(pod.metadata.uid ?? "");
      late.events?.forget(pod.metadata.uid ?? "");
    },
    event(pod, event) {
      if (late.events) late.events.pod(pod, event);
      else log(event.message, { pod: pod.metadata.name, reason: event.reason });
    },
  };
}

// The API server's own are those by which it is reached here.
function linksOf(pod: Pod, services: ApiServices | undefined): Record<string, string> {
  const all = Object.entries(services?.links(pod) ?? {});
  return Object.fromEntries(all.filter(([name]) => !/^KUBERNETES_(SERVICE|PORT)/.test(name)));
}

function readCatalogues(files: string[]): Catalogue {
  const read = files.map((file) => readCatalogue(parse(readFileSync(file, "utf8")), file));
  return mergeCatalogues([builtInCatalogue, ...read]);
}

// A container gets the lab's own variables, so that its processes are found by LAB_ID, and nothing else of ours.
function containerBase(): Record<string, string> {
  const passed = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && (name === "PATH" || name.startsWith("LAB_")),
  );
  return Object.fromEntries(passed) as Record<string, string>;
}

/** What in-cluster clients dial: the same as this node. */
function apiServerOf(kubeconfig: string): Record<string, string> {
  try {
    const { hostname, port } = new URL(
      loadKubeConfig(kubeconfig).getCurrentCluster()?.server ?? "",
    );
    const ports = [{ name: "https", port: port === "" ? 443 : Number(port) }];
    return variablesOf({
      metadata: { name: "kubernetes" },
      spec: { clusterIP: hostname, ports },
    });
  } catch {
    return {};
  }
}

function serveHealthz(endpoint: Endpoint | undefined, signal: AbortSignal): Promise<void> {
  if (!endpoint) return Promise.resolve();
  const server = createServer((request, response) => {
    const ok = request.url?.split("?")[0] === "/healthz";
    response.writeHead(ok ? 200 : 404).end(ok ? "ok" : "404 page not found");
  });
  signal.addEventListener("abort", () => server.close());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(endpoint.port, endpoint.host, resolve);
  });
}

function requireShim({ shim }: NodeOptions): string {
  if (shim !== undefined && existsSync(shim)) return shim;
  throw new Error(
    `Looking for container-shim failed: ${shim ?? "neither --shim nor --streams"} is there. Build it: npm run lab -- toolchain.`,
  );
}

// One simulated machine: joins its cluster as kubeadm and a kubelet would (discovery, TLS bootstrap, Node, lease), with
// credentials of its own that stay on its disk. Only its pods are make-believe.
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readPlan } from "../guest/cloud-init";
import { createConsole, type Console } from "../guest/console";
import { readMachine, type Machine } from "../guest/hardware";
import { cloudFlags } from "../guest/kubelet";
import { bootstrap } from "../node/bootstrap";
import { nodeOptions, type NodeOptions } from "../node/options";
import { Registration } from "../node/registration";
import { KubeClient, loadKubeConfig } from "../shared/kube-client";
import { discover } from "./discovery";
import { joinPlanOf, type Discovery, type JoinPlan } from "./join-plan";
import { addressesOf } from "./pod-range";
import { simulatePods } from "./simulated-pods";

/** As long as kubeadm tries. */
const discoveryMilliseconds = 300_000;

/** Boots the machine in a folder; settles when it has joined, has failed, or is switched off. */
export async function boot(root: string, imageRoot: string, signal: AbortSignal): Promise<void> {
  const console = createConsole((line) => appendFileSync(join(root, "console.log"), line));
  try {
    const machine = readMachine({ LAB_MACHINE: root, LAB_IMAGE_ROOT: imageRoot });
    const { extId, name, vcpus } = machine.hardware;
    console.say(
      "init",
      `machine ${name} (${extId}), ${vcpus} CPUs, ${machine.address}; its kubelet is simulated`,
    );
    const plan = readPlan(machine.configDrive);
    if (!plan) throw new Error("there is no user data on the config drive.");
    await run(machine, { root, joining: joinPlanOf(plan, name), console, signal });
  } catch (error) {
    if (!signal.aborted)
      console.say("init", error instanceof Error ? error.message : String(error));
  }
}

interface Boot {
  root: string;
  joining: JoinPlan;
  console: Console;
  signal: AbortSignal;
}

async function run(machine: Machine, { root, joining, console, signal }: Boot): Promise<void> {
  const options = optionsOf(machine, join(root, "var-lib", "kubelet"), joining);
  const { kubeconfig, bootstrapKubeconfig = "", rootDir } = options;
  if (existsSync(kubeconfig)) console.say("kubelet", "this machine has joined before");
  else {
    mkdirSync(rootDir, { recursive: true });
    const text = await discovered(joining.discovery, console, signal);
    writeFileSync(bootstrapKubeconfig, text, { mode: 0o600 });
    console.say("kubeadm", `discovered ${joining.discovery.apiServerEndpoint}, token and CA fit`);
    await bootstrap(options, signal);
    console.say("kubelet", "has a certificate of its own");
  }
  const client = new KubeClient(loadKubeConfig(kubeconfig));
  const registration = new Registration(client, options);
  await registration.register(signal);
  console.say("kubelet", `registered node ${joining.nodeName}`);
  simulatePods(
    client,
    {
      nodeName: options.identity.name,
      nodeIp: options.identity.ip,
      nextIp: addressesOf(client, options.identity.name),
    },
    signal,
  );
  await registration.keepAlive(signal);
}

async function discovered(
  discovery: Discovery,
  console: Console,
  signal: AbortSignal,
): Promise<string> {
  const end = Date.now() + discoveryMilliseconds;
  for (let said = "", delay = 250; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await discover(discovery);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said) console.say("kubeadm", `discovery: ${(said = reason)}`);
      if (Date.now() > end)
        throw new Error(`Joining failed: discovery answered "${reason}" for 300 s.`, {
          cause: error,
        });
      await sleep(delay, undefined, { signal });
    }
  }
}

function optionsOf(machine: Machine, rootDir: string, { nodeName, flags }: JoinPlan): NodeOptions {
  const { extId, vcpus, memoryBytes } = machine.hardware;
  const cloud = cloudFlags(flags, extId);
  return nodeOptions(
    {
      kubeconfig: join(rootDir, "kubelet.conf"),
      bootstrapKubeconfig: join(rootDir, "bootstrap-kubelet.conf"),
      hostnameOverride: flags.get("hostname-override") ?? nodeName,
      nodeIp: machine.address,
      rootDir,
      systemUuid: extId,
      cloudProvider: cloud["cloud-provider"],
      providerId: cloud["provider-id"],
      capacity: `cpu=${vcpus},memory=${Math.floor(memoryBytes / 1024)}Ki`,
      nodeLabels: flags.get("node-labels"),
      registerWithTaints: flags.get("register-with-taints"),
      kubeletVersion: machine.kubernetesVersion ?? "",
      var: [],
    },
    {},
  );
}

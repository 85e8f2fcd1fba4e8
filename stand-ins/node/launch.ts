// What a container's start needs, gathered: image, ports, environment, mounts, words.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines } from "../shared/process";
import type { Mount } from "../shared/sandbox";
import { containerEnvironment, expand } from "./environment";
import { argvOf, findImage, programsOf, substitute } from "./images";
import type { Image } from "./images";
import type { PodContext } from "./pod-context";
import { unplayedRule } from "./restart-policy";
import { planMounts } from "./shim";
import type { Exit, Launch } from "./shim";
import { mountsOf } from "./volumes";
import type { Container } from "./types";

const longestMessage = 4096;
const longestFallback = 2048;
const signalNumbers: Record<string, number> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15, SIGWINCH: 28,
}; // prettier-ignore

export interface Prepared {
  launch: Launch;
  programs: Record<string, string[]>;
  imageId: string;
}

/** Gathers what the n-th start of a container needs. Throws what is missing, unknown or not played. */
export async function prepareLaunch(
  context: PodContext,
  container: Container,
  attempt: number,
): Promise<Prepared> {
  const unplayed = unplayedRule(container);
  if (unplayed !== undefined)
    throw new Error(`The restart rule ${unplayed} is not played by this node.`);
  const image = findImage(context.services.catalogue(), container.image ?? "");
  await context.openHostPorts();
  await context.mapPorts(image);
  const { environment, known } = await environmentOf(context, container, image);
  const variables = context.variables();
  const argv = argvOf(
    image,
    {
      command: container.command?.map((word) => expand(word, known)),
      args: container.args?.map((word) => expand(word, known)),
    },
    variables,
  );
  const folder = join(context.folder, container.name);
  const run = join(folder, `run-${attempt}`);
  const mounts = mountsOf(container, context.volumes, known);
  const { spec, metadata } = context.pod;
  const launch: Launch = {
    argv,
    environment,
    plan: planMounts([...mounts, ...messageMount(container, mounts, folder)]),
    workingDir: container.workingDir,
    hostname: hostnameOf(context),
    hostPid: spec.hostPID === true,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    stopSignal: signalNumbers[container.lifecycle?.stopSignal ?? ""],
    logFile: join(folder, `${attempt}.log`),
    folder: run,
  };
  mkdirSync(folder, { recursive: true });
  const id = metadata.uid ?? "";
  return { launch, programs: programsOf(image, variables), imageId: imageIdOf(argv, id) };
}

function imageIdOf(argv: string[], fallback: string): string {
  return `catalogue://${argv[0] ?? fallback}`;
}

function hostnameOf({ pod, services }: PodContext): string {
  const { hostNetwork, hostname, hostnameOverride } = pod.spec;
  if (hostnameOverride) return hostnameOverride;
  if (hostNetwork) return services.node.name;
  return (hostname ?? pod.metadata.name).slice(0, 63).replace(/[.-]+$/, "");
}

async function environmentOf(
  context: PodContext,
  container: Container,
  image: Image,
): Promise<{ environment: NodeJS.ProcessEnv; known: Record<string, string> }> {
  const { services, pod } = context;
  const home = join(context.folder, container.name, "home");
  mkdirSync(home, { recursive: true });
  const variables = context.variables();
  const own = Object.entries(image.env ?? {}).map(([key, value]) => [
    key,
    substitute(value, variables),
  ]);
  const known = await containerEnvironment(container, {
    sources: context.sources,
    services: services.links(pod),
    volume: (name) => context.volumes.get(name)?.path,
  });
  const environment = {
    ...services.environment,
    ...(container.tty ? { TERM: "xterm" } : {}),
    HOME: home,
    HOSTNAME: hostnameOf(context),
    ...(Object.fromEntries(own) as Record<string, string>),
    ...known,
  };
  return { environment, known };
}

// The file into which a container writes its last words. Where a volume of the machine holds the path, it would be
// made on the machine.
function messageMount(container: Container, mounts: Mount[], folder: string): Mount[] {
  const target = container.terminationMessagePath ?? "/dev/termination-log";
  if (mounts.some((mount) => target === mount.target || target.startsWith(`${mount.target}/`)))
    return [];
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "termination-log");
  writeFileSync(source, "");
  return [{ source, target }];
}

/** A container's last words: its message file, or the end of its log where it asks for that and has failed. */
export function lastWords(
  container: Container,
  exit: Exit,
  place: { folder: string; logFile: string },
): { message?: string } {
  const file = join(place.folder, "termination-log");
  const written = existsSync(file) ? readFileSync(file, "utf8").slice(0, longestMessage) : "";
  if (written !== "") return { message: written };
  const fallback = container.terminationMessagePolicy === "FallbackToLogsOnError";
  if (exit.exitCode === 0 || !fallback) return {};
  const lines = lastLines(place.logFile, 80).split("\n");
  // `TIME STREAM TAG LINE`
  const text = lines.map((line) => line.split(" ").slice(3).join(" ")).join("\n");
  return { message: text.slice(-longestFallback) };
}

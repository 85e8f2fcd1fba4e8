// What the guest runs as `kubeadm`: the real kubeadm of the image, on configuration files fitted to the machine.
import type { Machine } from "./hardware";
import { initCluster } from "./kubeadm-init";
import { joinCluster } from "./kubeadm-join";
import { run } from "./kubeadm-run";

/** Runs kubeadm; answers its exit code. */
export async function kubeadm(machine: Machine, args: string[]): Promise<number> {
  try {
    const { verb, config, rest } = readCommand(args);
    if (config === undefined) return await run(machine, args);
    return await (verb === "init" ? initCluster : joinCluster)(machine, config, rest);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Takes a whole `init` or `join` with its configuration file apart; single phases are kubeadm's own business. */
export function readCommand(args: string[]): {
  verb: string | undefined;
  config: string | undefined;
  rest: string[];
} {
  const rest: string[] = [];
  let config: string | undefined;
  const [verb, ...words] = args;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--config") config = words.shift();
    else if (word.startsWith("--config=")) config = word.slice("--config=".length);
    else rest.push(word);
  }
  const whole = (verb === "init" || verb === "join") && rest[0] !== "phase";
  return { verb, config: whole ? config : undefined, rest };
}

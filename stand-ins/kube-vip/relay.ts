// kube-vip's part on a control plane: holds the control-plane endpoint and relays it to the node's own API server.
// Environment as in kube-vip's manifest: address (or vip_address), port; KUBE_VIP_TARGET=HOST:PORT is the API server.
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { twin } from "../shared/addresses";
import { join, type Endpoint } from "../shared/relay";

/** Where to listen, and whom to relay to. */
export interface Relay {
  address: string;
  port: number;
  target: Endpoint;
}

/** How to hold: what to say, whether the API server may have traffic, and the times between questions. */
export interface Holding {
  say: (line: string) => void;
  isReady: (target: Endpoint) => Promise<boolean>;
  /** Between attempts to take the endpoint. */
  retryMilliseconds: number;
  /** Between questions to a ready API server. */
  checkMilliseconds: number;
  /** How long the API server may not be ready before the endpoint is given up. */
  patienceMilliseconds: number;
}

/** Reads the environment. Throws a sentence that names what is missing or wrong. */
export function readRelay(environment: NodeJS.ProcessEnv): Relay {
  const address = environment["address"] ?? environment["vip_address"] ?? "";
  const target = /^([\d.]+):(\d+)$/.exec(environment["KUBE_VIP_TARGET"] ?? "");
  if (!/^(127|198\.1[89])\./.test(address))
    throw new Error(
      `kube-vip failed to start: address is "${address}". This stand-in listens on loopback only; set an address of 127.0.0.0/8, or of 198.18.0.0/15 for its twin.`,
    );
  if (target?.[1] === undefined)
    throw new Error("kube-vip failed to start: KUBE_VIP_TARGET is not HOST:PORT.");
  return {
    address: twin(address),
    port: Number(environment["port"] ?? 6443),
    target: { host: target[1], port: Number(target[2]) },
  };
}

/**
 * Holds the endpoint whenever it is free and the API server is ready, gives it up when that has not been ready for
 * long, and goes on until the signal is aborted.
 */
export async function hold(relay: Relay, holding: Holding, signal: AbortSignal): Promise<void> {
  const { say } = holding;
  let standby = false;
  while (!signal.aborted) {
    if (await holding.isReady(relay.target)) {
      const held = await listen(relay);
      if (held !== undefined) {
        say(`holding ${relay.address}:${relay.port}`);
        await untilUnready(relay.target, holding, signal);
        held.close();
        say(`gave up ${relay.address}:${relay.port}`);
        standby = false;
      } else if (!standby) {
        say(`${relay.address}:${relay.port} is held by another node, standing by`);
        standby = true;
      }
    }
    await sleep(holding.retryMilliseconds, signal);
  }
}

/** Takes the endpoint; undefined when another node holds it. */
function listen({ address, port, target }: Relay): Promise<{ close: () => void } | undefined> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target);
    join(client, upstream);
    open.add(client);
    client.once("close", () => open.delete(client));
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(port, address, () =>
      resolve({
        close: () => {
          server.close();
          for (const socket of open) socket.destroy();
        },
      }),
    );
  });
}

async function untilUnready(
  target: Endpoint,
  { isReady, checkMilliseconds, patienceMilliseconds }: Holding,
  signal: AbortSignal,
): Promise<void> {
  let lastReady = performance.now();
  let refusals = 0;
  while (!signal.aborted) {
    await sleep(checkMilliseconds, signal);
    refusals = (await isReady(target)) ? 0 : refusals + 1;
    if (refusals === 0) lastReady = performance.now();
    if (refusals > 1 && performance.now() - lastReady > patienceMilliseconds) return;
  }
}

// Ends early when the signal is aborted.
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

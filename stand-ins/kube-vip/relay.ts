// kube-vip's part on a control plane: holds the control-plane endpoint and relays it to the node's own API server.
// Environment as in kube-vip's manifest: address (or vip_address), port; KUBE_VIP_TARGET=HOST:PORT is the API server.
import { connect, createServer, type Server } from "node:net";
import { join } from "../shared/relay";

/** Where to listen, and whom to relay to. */
export interface Relay {
  address: string;
  port: number;
  target: { host: string; port: number };
}

/** Reads the environment. Throws a sentence that names what is missing or wrong. */
export function readRelay(environment: NodeJS.ProcessEnv): Relay {
  const address = environment["address"] ?? environment["vip_address"] ?? "";
  const target = /^([\d.]+):(\d+)$/.exec(environment["KUBE_VIP_TARGET"] ?? "");
  if (!address.startsWith("127."))
    throw new Error(
      `kube-vip failed to start: address is "${address}". This stand-in listens on loopback only; set a control-plane endpoint of 127.0.0.0/8.`,
    );
  if (target?.[1] === undefined)
    throw new Error("kube-vip failed to start: KUBE_VIP_TARGET is not HOST:PORT.");
  return {
    address,
    port: Number(environment["port"] ?? 6443),
    target: { host: target[1], port: Number(target[2]) },
  };
}

/** Listens at the endpoint; while another node holds it, stands by and tries again. */
export function hold(relay: Relay, say: (line: string) => void, retryMilliseconds = 500): Server {
  let standby = false;
  const server = createServer((client) => join(client, connect(relay.target)));
  const listen = () => server.listen(relay.port, relay.address);
  server.on("listening", () => say(`holding ${relay.address}:${relay.port}`));
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    if (!standby) say(`${relay.address}:${relay.port} is held by another node, standing by`);
    standby = true;
    setTimeout(listen, retryMilliseconds);
  });
  listen();
  return server;
}

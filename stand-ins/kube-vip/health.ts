// Whether the node's own API server may be given traffic, as its /readyz says.
import { Agent, request } from "node:https";
import type { Endpoint } from "../shared/relay";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const timeoutMilliseconds = 5000;

/** Asks without proof of who answers: it is this node's own address. A server that knows no guests is ready, too. */
export function isReady(target: Endpoint): Promise<boolean> {
  const options = { ...target, path: "/readyz", agent, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const asked = request({ ...options, timeout: timeoutMilliseconds }, (response) => {
      response.resume();
      resolve([200, 401, 403].includes(response.statusCode ?? 0));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}

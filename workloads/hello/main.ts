// The sample function: answers who it is, so that a request proves which pod on which machine served it.

import { createServer, type RequestListener } from "node:http";

/** Who answers. */
export interface Identity {
  pod: string;
  node: string;
  /** UUID of the virtual machine, where the node tells it. */
  vm?: string;
}

/** What the environment says of this pod. */
export function identity(environment: NodeJS.ProcessEnv): Identity {
  const vm = environment["NODE_SYSTEM_UUID"];
  const pod = environment["POD_NAME"] ?? environment["HOSTNAME"] ?? "unknown";
  return { pod, node: environment["NODE_NAME"] ?? "unknown", ...(vm ? { vm } : {}) };
}

/** `GET /?nonce=X` -> the nonce, the pod, its node, its VM, and the time. `/healthz` -> ok. */
export function hello(self: Identity, now: () => Date = () => new Date()): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://hello");
    if (url.pathname === "/healthz") {
      response.end("ok\n");
      return;
    }
    const body = { nonce: url.searchParams.get("nonce"), ...self, time: now().toISOString() };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  };
}

function main(): void {
  const server = createServer(hello(identity(process.env)));
  const address = process.env["BIND_ADDRESS"] ?? "0.0.0.0";
  const port = Number(process.env["PORT"] ?? "8080");
  server.listen(port, address, () => process.stdout.write(`listening on ${address}:${port}\n`));
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
}

if (require.main === module) main();

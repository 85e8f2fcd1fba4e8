// The sample function: answers who it is, so that a request proves which pod on which machine served it. See README.md.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";

/** Who answers. */
export interface Identity {
  pod: string;
  node: string;
  /** UUID of the virtual machine, where it can be read. */
  vm?: string;
}

/** Where Linux shows the UUID of the machine: on AHV the VM's extId. Only root may read it. */
const PRODUCT_UUID = "/sys/class/dmi/id/product_uuid";

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim().toLowerCase();
  } catch {
    return undefined; // no DMI here, or not root
  }
}

/** What the environment says of this pod, and the machine of itself (NODE_SYSTEM_UUID, else its DMI). */
export function identity(
  environment: NodeJS.ProcessEnv,
  read: (file: string) => string | undefined = readText,
): Identity {
  const vm = environment["NODE_SYSTEM_UUID"] ?? read(PRODUCT_UUID);
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

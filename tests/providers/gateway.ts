// A TLS gateway before Prism Central that misbehaves where a test says so: answers in its place, or cuts the
// connection after some bytes of a body. Everything that came by is noted.
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { PrismCentralUnderTest } from "../support/prism-central";

export interface Misbehaviour {
  /** Method and start of the path, such as `PUT /api/nutanix/v3/images/`; a `$` at its end means the end. */
  when: string;
  /** How many requests it hits. @default 1 */
  times?: number;
  /** Answers this in Prism Central's place. */
  answer?: { status: number; headers?: Record<string, string>; body?: string };
  /** Cuts the connection after so many bytes of the request's body; Prism Central sees the cut as well. */
  cutAfter?: number;
  /** Lets Prism Central act, and drops its answer. */
  loseAnswer?: boolean;
  /** Takes the body and never answers. */
  silent?: boolean;
}

export class Gateway {
  readonly seen: string[] = [];
  misbehaviours: Misbehaviour[] = [];
  private readonly prism: PrismCentralUnderTest;
  private readonly server;

  constructor(prism: PrismCentralUnderTest) {
    this.prism = prism;
    const tls = join(prism.dataDir, "tls");
    this.server = createServer(
      { key: readFileSync(join(tls, "tls.key")), cert: readFileSync(join(tls, "tls.crt")) },
      (request, response) => this.handle(request, response),
    );
  }

  /** Answers its port. */
  async start(host = "127.0.0.1"): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, host, resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const what = `${request.method ?? ""} ${request.url ?? ""}`;
    this.seen.push(what.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID"));
    const bad = this.misbehaviours.find(
      ({ when, times = 1 }) => `${what}$`.startsWith(when) && times > 0,
    );
    if (bad) bad.times = (bad.times ?? 1) - 1;
    if (bad?.silent) {
      request.resume();
      return;
    }
    if (!bad?.answer) {
      this.forward(request, response, bad);
      return;
    }
    const { status, headers, body = "" } = bad.answer;
    request.resume().once("end", () => response.writeHead(status, headers).end(body));
  }

  private forward(request: IncomingMessage, response: ServerResponse, bad?: Misbehaviour): void {
    const { method, url: path, headers } = request;
    const target = { host: "127.0.0.1", port: this.prism.port, method, path, headers };
    const onward = httpsRequest({ ...target, ca: this.prism.trustBundle, agent: false });
    onward.once("error", () => response.destroy());
    onward.once("response", (answer) => {
      if (bad?.loseAnswer) answer.resume().once("end", () => request.socket.destroy());
      else answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bad?.cutAfter !== undefined && bytes >= bad.cutAfter) {
        request.socket.destroy();
        onward.destroy();
      }
    });
    request.pipe(onward);
  }
}

// Where faults meet requests: before they are read (delay, failure, lost session), while they are read and while
// they are answered (slow or cut bodies). The stand-in's own pages are spared.
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Auth } from "./auth";
import { troubled } from "./fault-streams";
import type { Trouble } from "./fault-streams";
import { injected } from "./faults";
import type { Fault, Faults } from "./faults";

type Sessions = Pick<Auth, "endSessions">;

const befallen = new WeakMap<FastifyRequest, Fault>();

/** What befell a request, if a rule hit it. */
export function faultOf(request: FastifyRequest): Fault | undefined {
  return befallen.get(request);
}

/** Lets the rules loose on a server that has no routes yet. */
export function addFaults(app: FastifyInstance, faults: Faults, auth: Sessions): void {
  app.addHook("onRequest", async (request, answer) => {
    const path = request.url.split("?")[0] ?? "";
    if (!path.startsWith("/api/")) return undefined;
    const fault = faults.ofRequest({ method: request.method, path });
    if (!fault) return undefined;
    befallen.set(request, fault);
    return begin(fault, auth, { request, answer });
  });
  app.addHook("preParsing", (request, _answer, payload, done) => {
    const fault = faultOf(request);
    if ((fault?.drop?.request ?? fault?.slow?.request) === undefined) done(null, payload);
    else done(null, troubled(payload as Readable, inward(request, fault ?? {})));
  });
  app.addHook("onSend", (request, answer, payload, done) => {
    done(null, answered(payload, { request, answer }));
  });
}

interface Exchange {
  request: FastifyRequest;
  answer: FastifyReply;
}

async function begin(fault: Fault, auth: Sessions, { request, answer }: Exchange) {
  if (fault.delay) await sleep(fault.delay, undefined, { ref: false });
  if (fault.endSessions) auth.endSessions();
  if (fault.drop?.request !== undefined && (fault.drop.request === 0 || !hasBody(request))) {
    request.raw.socket.destroy();
    return answer.hijack();
  }
  if (fault.fail !== undefined) throw injected(Number(fault.fail), fault.retryAfter);
  return undefined;
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function answered(payload: unknown, { request, answer }: Exchange): unknown {
  const fault = faultOf(request) ?? {};
  if (fault.drop?.response === 0) request.raw.socket.destroy();
  if ((fault.drop?.response ?? fault.slow?.response) === undefined) return payload;
  if (payload instanceof Readable) return troubled(payload, outward(request, fault));
  if (typeof payload !== "string") return payload;
  // The length that was promised is how a client knows that something is missing.
  void answer.header("content-length", Buffer.byteLength(payload));
  return troubled(payload, outward(request, fault));
}

function outward({ raw }: FastifyRequest, { drop, slow }: Fault): Trouble {
  const { socket } = raw;
  return {
    ...(drop?.response === undefined ? {} : { cutAt: drop.response }),
    ...(slow?.response === undefined ? {} : { bytesPerSecond: slow.response }),
    cut: () => void socket.destroy(),
  };
}

function inward({ raw }: FastifyRequest, { drop, slow }: Fault): Trouble {
  const { socket } = raw;
  return {
    ...(drop?.request === undefined ? {} : { cutAt: drop.request }),
    ...(slow?.request === undefined ? {} : { bytesPerSecond: slow.request }),
    cut: () => {
      socket.destroy();
      throw new Error("A fault rule cut the request off.");
    },
  };
}

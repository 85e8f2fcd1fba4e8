// The actions of probes and life-cycle hooks: HTTP, TCP, a command in the container. gRPC is refused by name.
import { spawn } from "node:child_process";
import http from "node:http";
import https from "node:https";
import { connect } from "node:net";
import type { Endpoint } from "../shared/relay";
import type { Container, HttpGet } from "./types";

export interface Action {
  httpGet?: HttpGet;
  tcpSocket?: { host?: string; port: number | string };
  exec?: { command?: string[] };
  sleep?: { seconds: number };
  grpc?: unknown;
}

/** Where the container's ports really are. */
export interface ActionSite {
  container: Container;
  endpoint(host: string | undefined, port: number): Endpoint;
  /** The command that runs words inside of the container, and its environment. */
  inside(words: string[]): { argv: string[]; environment: NodeJS.ProcessEnv };
}

export interface Answer {
  ok: boolean;
  message: string;
}

/** Carries an action out. Never throws: what goes wrong is an answer. */
export async function act(action: Action, site: ActionSite, timeout: number): Promise<Answer> {
  try {
    if (action.httpGet) return await get(action.httpGet, site, timeout);
    if (action.tcpSocket) return await dial(action.tcpSocket, site, timeout);
    if (action.exec) return await run(action.exec.command ?? [], site, timeout);
    if (action.sleep) return await pause(action.sleep.seconds * 1000);
    return { ok: false, message: `${Object.keys(action).join(", ")} is not played by this node.` };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A port by number or by name. */
export function portNumber(port: number | string, container: Container): number {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  const named = (container.ports ?? []).find(({ name }) => name === port);
  if (!named) throw new Error(`couldn't find port: ${port}`);
  return named.containerPort;
}

function get(action: HttpGet, site: ActionSite, timeout: number): Promise<Answer> {
  const port = portNumber(action.port, site.container);
  const { host, port: real } = site.endpoint(action.host, port);
  const secure = action.scheme === "HTTPS";
  const given = (action.httpHeaders ?? []).map(({ name, value }) => [name, value]);
  const options = {
    host,
    port: real,
    path: action.path?.startsWith("/") ? action.path : `/${action.path ?? ""}`,
    headers: {
      "user-agent": "kube-probe/1.36",
      connection: "close",
      ...Object.fromEntries(given),
    } as Record<string, string>,
    timeout,
    signal: AbortSignal.timeout(timeout),
    ...(secure ? { rejectUnauthorized: false } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).get(options, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      const ok = status >= 200 && status < 400;
      resolve({ ok, message: ok ? "" : `HTTP probe failed with statuscode: ${status}` });
    });
    request.once("error", reject);
  });
}

function dial(
  action: { host?: string; port: number | string },
  site: ActionSite,
  timeout: number,
): Promise<Answer> {
  const endpoint = site.endpoint(action.host, portNumber(action.port, site.container));
  return new Promise((resolve) => {
    const socket = connect({ ...endpoint, timeout });
    const end = (ok: boolean, message: string) => {
      socket.destroy();
      resolve({ ok, message });
    };
    socket.once("connect", () => end(true, ""));
    socket.once("timeout", () => end(false, "dial tcp: i/o timeout"));
    socket.once("error", (error) => end(false, error.message));
  });
}

function run(words: string[], site: ActionSite, timeout: number): Promise<Answer> {
  const { argv, environment } = site.inside(words);
  const [command = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-1024)));
    child.once("error", (error) => resolve({ ok: false, message: error.message }));
    child.once("exit", (code, signal) => {
      const late = signal === "SIGKILL" ? `command timed out after ${timeout / 1000}s` : output;
      resolve({ ok: code === 0, message: code === 0 ? "" : late });
    });
  });
}

function pause(milliseconds: number): Promise<Answer> {
  return new Promise((resolve) =>
    setTimeout(() => resolve({ ok: true, message: "" }), milliseconds),
  );
}

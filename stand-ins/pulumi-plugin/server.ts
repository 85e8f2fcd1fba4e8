// Starts a resource plugin as the engine expects it: ResourceProvider on a loopback port, the port on the first
// line of stdout, an end on Cancel and SIGINT, or at once when the engine itself has died.

import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

import { openEngineLog } from "./engine-log";
import { serviceErrorOf, UnsupportedError } from "./errors";
import { stopWithEngine } from "./lifetime";
import { methodsOf } from "./methods";
import type { Plugin } from "./provider";

/** The engine sends whole resources in one message. */
export const messageLimits = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
};

/** Serves a plugin to the engine whose address is the last argument, until the engine ends it. */
export async function servePlugin(plugin: Plugin): Promise<void> {
  const address = process.argv.slice(2).at(-1);
  if (!address) {
    throw new Error(
      `Starting pulumi-resource-${plugin.name} failed: no engine address was given. ` +
        "It is started by the Pulumi engine, not by hand.",
    );
  }
  const server = new Server(messageLimits);
  const stop = new AbortController();
  const service = serviceOf(plugin, address, stop);
  server.addService(ResourceProviderService, service);
  const port = await listen(server);
  stopWithEngine(server, stop);
  process.stdout.write(`${port}\n`);
}

/** Binds a gRPC server to a free loopback port and says which. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function serviceOf(
  plugin: Plugin,
  address: string,
  stop: AbortController,
): UntypedServiceImplementation {
  const write = openEngineLog(address);
  const methods = methodsOf(plugin, (urn) => ({
    signal: stop.signal,
    log: (severity, message, options) => write(urn, severity, message, options),
  }));
  const cancel = () => {
    stop.abort();
    return new Empty();
  };
  return serviceFrom(`pulumi-resource-${plugin.name}`, Object.keys(ResourceProviderService), {
    ...methods,
    cancel,
  });
}

type Answer = ((request: never) => unknown) | undefined;

/** A gRPC implementation of these methods; what is not among them answers UNIMPLEMENTED with its name. */
export function serviceFrom(
  who: string,
  names: readonly string[],
  answers: Readonly<Record<string, Answer>>,
): UntypedServiceImplementation {
  return Object.fromEntries(
    names.map((name) => [name, unary(answers[name] ?? (() => refuse(who, name)))]),
  );
}

function refuse(who: string, name: string): never {
  throw new UnsupportedError(`${who} does not implement ${name}.`);
}

function unary(answer: NonNullable<Answer>): handleUnaryCall<unknown, unknown> {
  return (call, respond) => {
    void (async () => {
      try {
        respond(null, await answer(call.request as never));
      } catch (thrown) {
        respond(serviceErrorOf(thrown));
      }
    })();
  };
}

// Starts a resource plugin as the engine expects it: ResourceProvider on a loopback port, the port on the first
// line of stdout, an end on Cancel and SIGINT, or at once when the engine itself has died.

import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";

import { openEngineLog } from "./engine-log";
import { serviceErrorOf, UnsupportedError } from "./errors";
import { endWithEngine, Lifetime } from "./lifetime";
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
  const lifetime = new Lifetime();
  const service = serviceOf(plugin, address, lifetime);
  server.addService(ResourceProviderService, service);
  const port = await listen(server);
  endWithEngine(lifetime);
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
  lifetime: Lifetime,
): UntypedServiceImplementation {
  const write = openEngineLog(address);
  const methods = methodsOf(plugin, (urn) => ({
    signal: lifetime.stop.signal,
    log: (severity, message, options) => write(urn, severity, message, options),
  }));
  const cancel = () => {
    lifetime.stop.abort();
    return new Empty();
  };
  const answers = { ...methods, cancel };
  const who = `pulumi-resource-${plugin.name}`;
  return serviceFrom({ who, service: ResourceProviderService, answers, lifetime });
}

type Answer = ((request: never, signal: AbortSignal) => unknown) | undefined;

export interface ServiceParts {
  readonly who: string;
  readonly service: object;
  /** By the name that grpc-js gives a method; a signal is the call's own. */
  readonly answers: Readonly<Record<string, Answer>>;
  readonly lifetime: Lifetime;
}

/**
 * A gRPC implementation of a service's unary methods. One that has no answer here is UNIMPLEMENTED with its name;
 * streaming methods are the caller's (grpc-js refuses those that nobody adds).
 */
export function serviceFrom(parts: ServiceParts): UntypedServiceImplementation {
  const { who, service, answers, lifetime } = parts;
  const names = Object.entries(service as ServiceDefinition)
    .filter(([, method]) => !method.responseStream)
    .map(([name]) => name);
  return Object.fromEntries(
    names.map((name) => [name, unary(answers[name] ?? (() => refuse(who, name)), lifetime)]),
  );
}

function refuse(who: string, name: string): never {
  throw new UnsupportedError(`${who} does not implement ${name}.`);
}

function unary(answer: NonNullable<Answer>, lifetime: Lifetime): handleUnaryCall<unknown, unknown> {
  return (call, respond) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort());
    const work = async () => {
      try {
        respond(null, await answer(call.request as never, cancelled.signal));
      } catch (thrown) {
        respond(serviceErrorOf(thrown));
      }
    };
    void lifetime.during(work());
  };
}

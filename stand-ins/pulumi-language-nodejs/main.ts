// pulumi-language-nodejs [flags] ENGINE_ADDRESS: started by the engine for each command; prints its port.

import { Server } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";

import { endWithEngine, Lifetime } from "../pulumi-plugin/lifetime";
import { listen, messageLimits } from "../pulumi-plugin/server";
import { languageRuntime } from "./language-runtime";

async function main(): Promise<void> {
  const engineAddress = process.argv.slice(2).at(-1);
  if (!engineAddress) {
    throw new Error(
      "Starting pulumi-language-nodejs failed: no engine address was given. " +
        "It is started by the Pulumi engine, not by hand.",
    );
  }
  const lifetime = new Lifetime();
  const server = new Server(messageLimits);
  server.addService(LanguageRuntimeService, languageRuntime(engineAddress, lifetime));
  const port = await listen(server);
  endWithEngine(lifetime);
  process.stdout.write(`${port}\n`);
}

void main();

// The LanguageRuntime service: each method the engine calls for a Node program, everything else refused by name.

import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";

import { serviceErrorOf } from "../pulumi-plugin/errors";
import type { Lifetime } from "../pulumi-plugin/lifetime";
import { serviceFrom } from "../pulumi-plugin/server";
import { directDependencies, installedPackages, requiredPlugins } from "./packages";
import { runProgram } from "./run";
import { runPlugin } from "./run-plugin";

const who = "pulumi-language-nodejs";

/** The service for the engine at this address; lifetime ends what it runs. */
export function languageRuntime(
  engineAddress: string,
  lifetime: Lifetime,
): UntypedServiceImplementation {
  const { stop } = lifetime;
  const answers = {
    handshake: () => new rpc.LanguageHandshakeResponse(),
    getPluginInfo: () => new PluginInfo().setVersion("3.256.0"),
    getRequiredPlugins,
    getRequiredPackages,
    getProgramDependencies,
    about: () =>
      new rpc.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    run: (request: rpc.RunRequest, signal: AbortSignal) =>
      runProgram(request, engineAddress, AbortSignal.any([stop.signal, signal])),
    cancel: () => {
      stop.abort();
      return new Empty();
    },
  };
  return {
    ...serviceFrom({ who, service: LanguageRuntimeService, answers, lifetime }),
    runPlugin: (call: Parameters<typeof runPlugin>[0]) =>
      void lifetime.during(runPlugin(call, stop.signal)),
    installDependencies: refuseInstall,
  };
}

function getRequiredPlugins(request: rpc.GetRequiredPluginsRequest) {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const plugins = requiredPlugins(installedPackages(directory));
  return new rpc.GetRequiredPluginsResponse().setPluginsList(
    plugins.map(({ name, version, server }) =>
      new PluginDependency()
        .setName(name)
        .setKind("resource")
        .setVersion(version)
        .setServer(server),
    ),
  );
}

function getRequiredPackages(request: rpc.GetRequiredPackagesRequest) {
  const directory = request.getInfo()?.getProgramDirectory() ?? process.cwd();
  const plugins = requiredPlugins(installedPackages(directory));
  return new rpc.GetRequiredPackagesResponse().setPackagesList(
    plugins.map(({ name, version, server }) =>
      new PackageDependency()
        .setName(name)
        .setKind("resource")
        .setVersion(version)
        .setServer(server),
    ),
  );
}

function getProgramDependencies(request: rpc.GetProgramDependenciesRequest) {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const packages = request.getTransitivedependencies()
    ? installedPackages(directory)
    : directDependencies(directory);
  return new rpc.GetProgramDependenciesResponse().setDependenciesList(
    packages.map(({ name, version }) => new rpc.DependencyInfo().setName(name).setVersion(version)),
  );
}

interface InstallCall {
  readonly request: rpc.InstallDependenciesRequest;
  emit: (event: "error", error: Error) => boolean;
}

/** UNIMPLEMENTED would be silence here: the engine takes it for an older host and says that all is well. */
function refuseInstall(call: InstallCall): void {
  const directory = call.request.getInfo()?.getProgramDirectory() ?? call.request.getDirectory();
  const error = new Error(
    `Installing dependencies failed: ${who} runs no package manager. Run npm ci in ${directory}.`,
  );
  call.emit("error", serviceErrorOf(error));
}

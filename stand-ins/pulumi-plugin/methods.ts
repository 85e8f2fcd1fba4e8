// One gRPC method per function: the protobuf request to plain values, the plain answer to the protobuf response.

import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";

import { diffResponse } from "./diff-response";
import { UnsupportedError } from "./errors";
import { propertyDiff } from "./property-diff";
import type { CheckFailure, CheckResult, Plugin, Provider, RequestContext } from "./provider";
import { mapOf, structOf } from "./struct";

/** Gives the context of a request about the resource with this URN ("" for none). */
export type ContextOf = (urn: string) => RequestContext;

/** Every unary method this base knows, by the name that grpc-js gives it. */
export function methodsOf(plugin: Plugin, contextOf: ContextOf) {
  const { provider } = plugin;
  return {
    handshake: () => handshake(plugin),
    getPluginInfo: () => new PluginInfo().setVersion(plugin.version),
    getSchema: () => refuseSchema(plugin.name),
    construct: (request: rpc.ConstructRequest) => refuseComponent(request.getType()),
    getMapping: () => new rpc.GetMappingResponse(),
    getMappings: () => new rpc.GetMappingsResponse(),
    configure: async (request: rpc.ConfigureRequest) => {
      await provider.configure?.(configureRequest(request, contextOf));
      return configured(plugin);
    },
    checkConfig: async (request: rpc.CheckRequest) => {
      const check = provider.checkConfig ?? (({ news }) => ({ inputs: news }));
      return checkResponse(await check(checkRequest(request, contextOf)));
    },
    diffConfig: async (request: rpc.DiffRequest) => {
      const diff = provider.diffConfig ?? (({ oldInputs, news }) => propertyDiff(oldInputs, news));
      return diffResponse(await diff(diffRequest(request, contextOf)));
    },
    ...resourceMethods(provider, contextOf),
  };
}

/** Asked by `pulumi import` for the code that it writes once the resource is in the state. */
function refuseSchema(name: string): never {
  throw new UnsupportedError(
    `pulumi-resource-${name} stands in for the real plugin and has no schema. ` +
      "With --generate-code=false, import leaves the code to you",
  );
}

/** Components that a plugin would build by itself. */
function refuseComponent(type: string): never {
  throw new UnsupportedError(`${type} is not done by this plugin.`);
}

function handshake(plugin: Plugin): rpc.ProviderHandshakeResponse {
  return new rpc.ProviderHandshakeResponse()
    .setAcceptSecrets(plugin.acceptSecrets ?? true)
    .setAcceptResources(plugin.acceptResources ?? true)
    .setSupportsAutonamingConfiguration(plugin.supportsAutonaming ?? false);
}

function configured(plugin: Plugin): rpc.ConfigureResponse {
  return new rpc.ConfigureResponse()
    .setAcceptsecrets(plugin.acceptSecrets ?? true)
    .setSupportspreview(true)
    .setAcceptresources(plugin.acceptResources ?? true)
    .setSupportsAutonamingConfiguration(plugin.supportsAutonaming ?? false);
}

function resourceMethods(provider: Provider, contextOf: ContextOf) {
  const { check, diff, create, read, update, delete: remove, invoke } = provider;
  return {
    check:
      check &&
      (async (request: rpc.CheckRequest) =>
        checkResponse(await check(checkRequest(request, contextOf)))),
    diff:
      diff &&
      (async (request: rpc.DiffRequest) =>
        diffResponse(await diff(diffRequest(request, contextOf)))),
    create:
      create &&
      (async (request: rpc.CreateRequest) => {
        const made = await create(createRequest(request, contextOf));
        return new rpc.CreateResponse().setId(made.id).setProperties(structOf(made.outputs));
      }),
    read:
      read &&
      (async (request: rpc.ReadRequest) => {
        const found = await read(readRequest(request, contextOf));
        if (!found) return new rpc.ReadResponse();
        return new rpc.ReadResponse()
          .setId(found.id)
          .setProperties(structOf(found.outputs))
          .setInputs(structOf(found.inputs));
      }),
    update:
      update &&
      (async (request: rpc.UpdateRequest) => {
        const outputs = await update(updateRequest(request, contextOf));
        return new rpc.UpdateResponse().setProperties(structOf(outputs));
      }),
    delete:
      remove &&
      (async (request: rpc.DeleteRequest) => {
        await remove(deleteRequest(request, contextOf));
        return new Empty();
      }),
    invoke:
      invoke &&
      (async (request: rpc.InvokeRequest) => {
        const answer = await invoke({
          ...contextOf(""),
          token: request.getTok(),
          args: mapOf(request.getArgs()),
          preview: request.getPreview(),
        });
        return new rpc.InvokeResponse()
          .setReturn(structOf(answer.result))
          .setFailuresList(failuresOf(answer.failures));
      }),
  };
}

interface OfResource {
  getUrn(): string;
  getName(): string;
  getType(): string;
}

/** Name and type come from the URN where the engine leaves them out. */
function resourceOf(request: OfResource, contextOf: ContextOf) {
  const urn = request.getUrn();
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return {
    ...contextOf(urn),
    urn,
    type: request.getType() || (qualifiedType.split("$").at(-1) ?? ""),
    name: request.getName() || name.join("::"),
  };
}

function configureRequest(request: rpc.ConfigureRequest, contextOf: ContextOf) {
  const urn = request.getUrn() ?? "";
  return {
    ...contextOf(urn),
    urn,
    name: request.getName() ?? "",
    args: mapOf(request.getArgs()),
    variables: Object.fromEntries(request.getVariablesMap().getEntryList()),
  };
}

const autonamingModes = ["propose", "enforce", "disable"] as const;

function checkRequest(request: rpc.CheckRequest, contextOf: ContextOf) {
  const naming = request.getAutonaming();
  return {
    ...resourceOf(request, contextOf),
    olds: mapOf(request.getOlds()),
    news: mapOf(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    ...(naming && {
      autonaming: {
        mode: autonamingModes[naming.getMode()],
        proposedName: naming.getProposedName(),
      },
    }),
  };
}

function checkResponse(result: CheckResult): rpc.CheckResponse {
  return new rpc.CheckResponse()
    .setInputs(structOf(result.inputs))
    .setFailuresList(failuresOf(result.failures));
}

function failuresOf(failures: readonly CheckFailure[] = []): rpc.CheckFailure[] {
  return failures.map(({ property, reason }) =>
    new rpc.CheckFailure().setProperty(property).setReason(reason),
  );
}

function diffRequest(request: rpc.DiffRequest, contextOf: ContextOf) {
  return {
    ...resourceOf(request, contextOf),
    id: request.getId(),
    oldInputs: mapOf(request.getOldInputs()),
    oldOutputs: mapOf(request.getOlds()),
    news: mapOf(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

function createRequest(request: rpc.CreateRequest, contextOf: ContextOf) {
  return {
    ...resourceOf(request, contextOf),
    inputs: mapOf(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
  };
}

function readRequest(request: rpc.ReadRequest, contextOf: ContextOf) {
  return {
    ...resourceOf(request, contextOf),
    id: request.getId(),
    inputs: mapOf(request.getInputs()),
    outputs: mapOf(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
  };
}

function updateRequest(request: rpc.UpdateRequest, contextOf: ContextOf) {
  return {
    ...resourceOf(request, contextOf),
    id: request.getId(),
    oldInputs: mapOf(request.getOldInputs()),
    oldOutputs: mapOf(request.getOlds()),
    news: mapOf(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
  };
}

function deleteRequest(request: rpc.DeleteRequest, contextOf: ContextOf) {
  return {
    ...resourceOf(request, contextOf),
    id: request.getId(),
    oldInputs: mapOf(request.getOldInputs()),
    oldOutputs: mapOf(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
  };
}

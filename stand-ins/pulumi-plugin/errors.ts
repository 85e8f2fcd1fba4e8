// Errors as the engine understands them: a gRPC code, and for half-made resources a detail with their state.

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";

import { structOf } from "./struct";
import type { PropertyMap } from "./values";

interface HalfMade {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly reasons: readonly string[];
  readonly inputs?: PropertyMap;
}

/** The resource exists but is not well: the step fails, its state is kept, the next update tries again. */
export class InitFailedError extends Error {
  readonly resource: HalfMade;
  constructor(resource: HalfMade) {
    super(resource.reasons.join("\n"));
    this.name = "InitFailedError";
    this.resource = resource;
  }
}

/** What this plugin does not do, refused by its name. */
export class UnsupportedError extends Error {
  override name = "UnsupportedError";
}

/** The gRPC answer for what a method threw; a plain error has code UNKNOWN, as with the real plugins. */
export function serviceErrorOf(thrown: unknown): ServiceError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = codeOf(error);
  const metadata = new Metadata();
  if (error instanceof InitFailedError) {
    metadata.set("grpc-status-details-bin", statusDetails(error, code));
  }
  return Object.assign(new Error(error.message), { code, details: error.message, metadata });
}

function codeOf(error: Error): status {
  if (error instanceof UnsupportedError) return status.UNIMPLEMENTED;
  return error.name === "AbortError" ? status.CANCELLED : status.UNKNOWN;
}

function statusDetails(error: InitFailedError, code: status): Buffer {
  const { id, outputs, reasons, inputs } = error.resource;
  const failed = new ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(structOf(outputs));
  failed.setReasonsList([...reasons]);
  if (inputs) failed.setInputs(structOf(inputs));
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new Status();
  answer.setCode(code);
  answer.setMessage(error.message);
  answer.addDetails(detail);
  return Buffer.from(answer.serializeBinary());
}

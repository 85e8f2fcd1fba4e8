// The way back to the engine: messages at a resource, in the order they were written.

import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

import type { LogOptions, Severity } from "./provider";

const severities = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

export type WriteLog = (
  urn: string,
  severity: Severity,
  message: string,
  options?: LogOptions,
) => Promise<void>;

/** Opens the log of the engine at this address; a message that cannot be delivered is dropped. */
export function openEngineLog(address: string): WriteLog {
  const client = new EngineClient(address, credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
  });
  let last: Promise<void> = Promise.resolve();
  return (urn, severity, message, options = {}) => {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setSeverity(severities[severity]);
    request.setMessage(message);
    request.setEphemeral(options.ephemeral ?? false);
    last = last.then(
      () =>
        new Promise((resolve) => {
          client.log(request, new Metadata(), { deadline: Date.now() + 5000 }, () => resolve());
        }),
    );
    return last;
  };
}

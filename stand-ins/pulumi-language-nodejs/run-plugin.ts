// RunPlugin: policy packs and plugins whose source is Node, their output as a stream.

import type { ServerWritableStream } from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";

import { serviceErrorOf } from "../pulumi-plugin/errors";
import { startChild } from "./child";
import { pluginLaunch, resolveScript } from "./program";

type Call = ServerWritableStream<RunPluginRequest, RunPluginResponse>;

/** Runs until the process ends or the call is cancelled. */
export async function runPlugin(call: Call, stop: AbortSignal): Promise<void> {
  const cancelled = new AbortController();
  call.on("cancelled", () => cancelled.abort());
  try {
    const launch = pluginLaunch(call.request, resolveScript);
    const signal = AbortSignal.any([stop, cancelled.signal]);
    const child = startChild(launch, ["ignore", "pipe", "pipe"], signal);
    child.process.stdout?.on("data", (text: Buffer) =>
      call.write(new RunPluginResponse().setStdout(text)),
    );
    child.process.stderr?.on("data", (text: Buffer) =>
      call.write(new RunPluginResponse().setStderr(text)),
    );
    const { code } = await child.ended;
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  } catch (thrown) {
    call.emit("error", serviceErrorOf(thrown));
  }
}

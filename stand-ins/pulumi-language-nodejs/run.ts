// Run: one program, from start to its exit code. Its output goes straight to our stdout and stderr, which the
// engine shows line by line.

import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";

import { type Ended, startChild } from "./child";
import { programLaunch, resolveScript } from "./program";

/** The SDK's exit code for "failed, and the user has been told". */
const alreadyReported = 32;

/** Runs the program and says how it ended. */
export async function runProgram(
  request: RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): Promise<RunResponse> {
  if (request.getAttachDebugger()) {
    throw new Error(
      "Running the program failed: --attach-debugger is not done by this language host.",
    );
  }
  const launch = programLaunch(request, engineAddress, resolveScript);
  const child = startChild(launch, ["ignore", "inherit", "inherit"], signal);
  return runResponse(await child.ended);
}

/** The answer to Run for an exit code or a signal. */
export function runResponse({ code, signal }: Ended): RunResponse {
  if (code === 0) return new RunResponse();
  if (code === alreadyReported) return new RunResponse().setBail(true);
  const how =
    code === null
      ? `was ended by ${signal ?? "a signal"}`
      : `exited with non-zero exit code: ${code}`;
  return new RunResponse().setError(`Program ${how}`);
}

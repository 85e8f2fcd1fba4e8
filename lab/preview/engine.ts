// The engine's own preview of a stack, and its events.

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { openKnownStack } from "../engine";
import type { Lab } from "../lab";
import { prepareEnvironment } from "../prepare";
import { plain } from "../follow";

export interface EnginePreview {
  events: EngineEvent[];
  /** Whether the stack has resources in its state. */
  fromState: boolean;
  /** Why there is none: the engine's own words. */
  failure?: string;
}

/** Runs a preview; `shown` prints it to stdout in the engine's words as well. Never throws what the program says. */
export async function enginePreview(
  lab: Lab,
  stackName: string,
  { shown, policyPacks }: { shown: boolean; policyPacks: string[] },
): Promise<EnginePreview> {
  const events: EngineEvent[] = [];
  let fromState = false;
  try {
    prepareEnvironment(lab, stackName, { secrets: false });
    const { stack, resourceCount } = await openKnownStack(lab, stackName);
    fromState = resourceCount > 0;
    await stack.preview({
      color: "never",
      suppressProgress: true,
      policyPacks,
      onEvent: (event) => void events.push(event),
      ...(shown ? { onOutput: (text) => process.stdout.write(text) } : {}),
    });
    return { events, fromState };
  } catch (error) {
    return { events, fromState, failure: failureOf(error) };
  }
}

/** The diagnostics alone: the rest of a failed preview is what came before. */
function failureOf(error: unknown): string {
  const text = plain(error instanceof Error ? error.message : String(error));
  const diagnostics = /Diagnostics:[\s\S]*?(?=\n\n?(Outputs|Resources|Duration|Policies):|$)/.exec(
    text,
  )?.[0];
  return diagnostics ?? text;
}

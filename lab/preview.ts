// `lab preview`: what `up` would change, in the engine's own words.

import type { Console } from "./console";
import { openStack } from "./engine";
import type { Lab } from "./lab";
import { prepareEnvironment, prepareTools } from "./prepare";

/** Prints the engine's preview to stdout and its own progress to the console. */
export async function preview(lab: Lab, stackName: string, console: Console): Promise<void> {
  prepareEnvironment(lab, stackName);
  await prepareTools(lab, console);
  const stack = await openStack(lab, stackName);
  await stack.preview({
    color: "never",
    onOutput: (text) => process.stdout.write(text),
    suppressProgress: true,
  });
}

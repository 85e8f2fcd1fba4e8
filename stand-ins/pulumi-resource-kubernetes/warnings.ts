// Warnings of the API server that tell of a mistake in the inputs; deprecations are left to kubectl.

import type { RequestContext } from "../pulumi-plugin/provider";

/** Shows warnings about fields that the API server does not know. */
export function warnOf(warnings: readonly string[], context: Pick<RequestContext, "log">): void {
  for (const warning of warnings) {
    if (/^(unknown|duplicate) field/.test(warning)) void context.log("warning", warning);
  }
}

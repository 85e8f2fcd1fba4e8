// A field that somebody else owns: server-side apply refuses to change it, and says who and which.

import { KubeApiError } from "./client";

const guide =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/" +
  "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

/** Another manager owns a field that was to be changed. */
export class ApplyConflictError extends Error {
  override name = "ApplyConflictError";
}

/** A conflict with its remedy; every other error as it is. */
export function explainedConflict(error: unknown, manager: string): unknown {
  if (!(error instanceof KubeApiError) || error.reason !== "Conflict") return error;
  return new ApplyConflictError(
    `server-side apply field conflict detected, see ${guide} for troubleshooting help\n` +
      `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}\n` +
      'Leave the field out, ignore its changes, or set the annotation pulumi.com/patchForce: "true" to take it over.',
    { cause: error },
  );
}

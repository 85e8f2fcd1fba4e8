// The Diff answer on the wire.

import * as rpc from "@pulumi/pulumi/proto/provider_pb";

import type { DiffResult } from "./provider";

const changes = {
  unknown: rpc.DiffResponse.DiffChanges.DIFF_UNKNOWN,
  none: rpc.DiffResponse.DiffChanges.DIFF_NONE,
  some: rpc.DiffResponse.DiffChanges.DIFF_SOME,
};

const kinds = {
  add: rpc.PropertyDiff.Kind.ADD,
  "add-replace": rpc.PropertyDiff.Kind.ADD_REPLACE,
  delete: rpc.PropertyDiff.Kind.DELETE,
  "delete-replace": rpc.PropertyDiff.Kind.DELETE_REPLACE,
  update: rpc.PropertyDiff.Kind.UPDATE,
  "update-replace": rpc.PropertyDiff.Kind.UPDATE_REPLACE,
};

/** Writes a Diff answer; a detailed diff that is left out is told to the engine as absent. */
export function diffResponse(result: DiffResult): rpc.DiffResponse {
  const response = new rpc.DiffResponse()
    .setChanges(changes[result.changes])
    .setReplacesList([...(result.replaces ?? [])])
    .setStablesList([...(result.stables ?? [])])
    .setDeletebeforereplace(result.deleteBeforeReplace ?? false)
    .setDiffsList([...(result.diffs ?? [])])
    .setHasdetaileddiff(result.detailedDiff !== undefined);
  for (const [path, { kind, inputDiff }] of Object.entries(result.detailedDiff ?? {})) {
    const diff = new rpc.PropertyDiff().setKind(kinds[kind]).setInputdiff(inputDiff ?? false);
    response.getDetaileddiffMap().set(path, diff);
  }
  return response;
}

// The v4 envelope. The Go SDK decodes by $objectType and copies the ETag header into $reserved; where either is
// missing it returns nothing, without an error. Empty lists leave `data` out: [] breaks two of its lists.
import type { Reply } from "./route";

export const RESERVED = { $fv: "v4.r2" };

/** base64("application/json"), as Prism's own ETags begin. */
const ETAG_PREFIX = "YXBwbGljYXRpb24vanNvbg==";

/** An object of the API that says what it is. */
export function typed(objectType: string, fields: object): object {
  return { $reserved: RESERVED, $objectType: objectType, ...fields };
}

export function etagOf(version: number): string {
  return `${ETAG_PREFIX}:${version}`;
}

/** The version that an If-Match header names, undefined when it is not an ETag of ours. */
export function versionOf(ifMatch: string): number | undefined {
  const match = /^"?YXBwbGljYXRpb24vanNvbg==:(\d+)"?$/.exec(ifMatch);
  return match ? Number(match[1]) : undefined;
}

/** One object, with its ETag when it has a version. */
export function single(data: object, version?: number, status = 200): Reply {
  return {
    status,
    body: { $reserved: RESERVED, data, metadata: metadata({}) },
    ...(version === undefined ? {} : { headers: { etag: etagOf(version) } }),
  };
}

/** One page of a list of `total`. */
export function page(items: object[], total: number): Reply {
  return {
    status: 200,
    body: {
      $reserved: RESERVED,
      ...(items.length === 0 ? {} : { data: items }),
      metadata: metadata({ totalAvailableResults: total }),
    },
  };
}

/** 202 with the task that does the work. */
export function accepted(taskExtId: string): Reply {
  return single(typed("prism.v4.config.TaskReference", { extId: taskExtId }), undefined, 202);
}

function metadata(fields: object): object {
  return typed("common.v1.response.ApiResponseMetadata", { flags: [], ...fields });
}

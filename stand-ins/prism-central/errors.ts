// One class for what the API refuses, and the two shapes it is told in. Codes and texts marked [R] in public
// reports are kept to the letter (VMM-30100 and the like); others begin with LAB-, so nobody takes them for real.
import { RESERVED } from "./envelope";

export interface Refusal {
  status: number;
  code: string;
  group: string;
  message: string;
  headers?: Record<string, string>;
}

/** A request refused: thrown by handlers, told by the server in the shape of the API it came by. */
export class ApiError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export const unauthenticated = (): ApiError =>
  refused(401, "LAB-401", "AUTHENTICATION_REQUIRED", "Authentication required.");

export const notSimulated = (what: string): ApiError =>
  refused(501, "LAB-501", "NOT_SIMULATED", `${what} is not simulated.`);

export const invalid = (message: string): ApiError =>
  refused(400, "LAB-400", "INVALID_REQUEST", message);

export const conflict = (group: string, message: string): ApiError =>
  refused(409, "LAB-409", group, message);

export const unprocessable = (message: string): ApiError =>
  refused(422, "LAB-422", "INVALID_ARGUMENT", message);

/** Kind as people say it: "subnet", "category". */
export const notFound = (kind: string, id: string): ApiError =>
  refused(404, "LAB-404", "ENTITY_NOT_FOUND", `The ${kind} with UUID '${id}' does not exist.`);

export const vmNotFound = (id: string): ApiError =>
  refused(
    404,
    "VMM-30100",
    "VM_NOT_FOUND",
    `Failed to perform the operation on the VM with UUID '${id}', because it is not found.`,
  );

export const missingEtag = (): ApiError =>
  refused(428, "PLAT-10004", "MISSING_ETAG_HEADER", "The If-Match header is missing.");

export const malformedEtag = (): ApiError =>
  refused(412, "PLAT-10005", "INVALID_ETAG_HEADER", "Invalid eTag header");

export const staleEtag = (id: string): ApiError =>
  refused(
    412,
    "VMM-30303",
    "VM_ETAG_MISMATCH",
    `If-Match header value passed does not match the current ETag of the entity with UUID '${id}'.`,
  );

export const missingRequestId = (): ApiError =>
  refused(
    400,
    "VMM-30400",
    "VM_MISSING_REQUEST_ID_HEADER",
    "The NTNX-Request-Id header is missing.",
  );

/** The body of a v4 refusal; the namespace ("vmm", "prism") names its types. */
export function v4Error(namespace: string, refusal: Refusal): object {
  const type = `${namespace}.v4.error`;
  return {
    data: {
      $objectType: `${type}.ErrorResponse`,
      $reserved: RESERVED,
      $errorItemDiscriminator: `List<${type}.AppMessage>`,
      error: [
        {
          $objectType: `${type}.AppMessage`,
          $reserved: RESERVED,
          code: refusal.code,
          errorGroup: refusal.group,
          message: refusal.message,
          severity: "ERROR",
          locale: "en-US",
          argumentsMap: {},
        },
      ],
    },
    $dataItemDiscriminator: `${type}.ErrorResponse`,
    $reserved: RESERVED,
  };
}

/** The body of a v3 refusal. */
export function v3Error(refusal: Refusal): object {
  const details =
    refusal.status === 401 ? { details: 'Basic realm="Intent Gateway Login Required"' } : {};
  return {
    state: "ERROR",
    code: refusal.status,
    message_list: [{ reason: refusal.group, message: refusal.message, ...details }],
    api_version: "3.1",
  };
}

function refused(status: number, code: string, group: string, message: string): ApiError {
  return new ApiError({ status, code, group, message });
}

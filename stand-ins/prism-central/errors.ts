// One class for what the API refuses, and the shapes it is told in. Codes and texts that public reports give are kept
// to the letter (VMM-30100 and the like); others begin with LAB-, so nobody takes them for real.
import { RESERVED } from "./envelope";

export interface Refusal {
  status: number;
  code: string;
  group: string;
  message: string;
  headers?: Record<string, string>;
  /** v3's name of what it is about, "image". */
  kind?: string;
  /** v4 tells a mistake in a request's form in a shape of its own: where it is, and in which attribute. */
  schema?: { location: "@body" | "@query"; attributePath?: string };
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

/** A body that is not as the API wants it. */
export const invalid = (message: string, attributePath?: string): ApiError =>
  new ApiError({
    ...{ status: 400, code: "LAB-400", group: "INVALID_REQUEST", message },
    schema: { location: "@body", ...(attributePath === undefined ? {} : { attributePath }) },
  });

/** A query parameter that is not as the API wants it. */
export const invalidQuery = (attributePath: string, message: string): ApiError =>
  new ApiError({
    ...{ status: 400, code: "LAB-400", group: "INVALID_REQUEST", message },
    schema: { location: "@query", attributePath },
  });

export const conflict = (group: string, message: string, status = 409): ApiError =>
  refused(status, "LAB-409", group, message);

export const unprocessable = (message: string): ApiError =>
  refused(422, "LAB-422", "INVALID_ARGUMENT", message);

/** Kind as people say it: "subnet", "category". */
export const notFound = (kind: string, id: string): ApiError =>
  new ApiError({
    status: 404,
    code: "LAB-404",
    group: "ENTITY_NOT_FOUND",
    message: `The ${kind} with UUID '${id}' does not exist.`,
    kind: kind.replaceAll(" ", "_"),
  });

export const vmNotFound = (id: string): ApiError =>
  refused(
    404,
    "VMM-30100",
    "VM_NOT_FOUND",
    `Failed to perform the operation on the VM with UUID '${id}', because it is not found.`,
  );

export const missingEtag = (status: number): ApiError =>
  refused(status, "PLAT-10004", "MISSING_ETAG_HEADER", "The If-Match header is missing.");

export const malformedEtag = (): ApiError =>
  refused(412, "PLAT-10005", "INVALID_ETAG_HEADER", "Invalid eTag header");

export const staleEtag = (id: string, status = 412): ApiError =>
  refused(
    status,
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

export const invalidRequestId = (given: string): ApiError =>
  refused(
    400,
    "VMM-30401",
    "VM_INVALID_REQUEST_ID_HEADER",
    `The NTNX-Request-Id header "${given}" is no UUID.`,
  );

/** What ends a task: told as the task's error, with a code of the API's. */
export const failed = (code: string, group: string, message: string): ApiError =>
  refused(400, code, group, message);

/** As a Prism Central told it of a migration that no host had room for. */
export const noHostHasRoom = (operation: string, vmExtId: string): ApiError =>
  failed(
    "VMM-30128",
    "INSUFFICIENT_RESOURCES_ERROR",
    `Failed to perform the operation '${operation}' on the VM with UUID '${vmExtId}', as no host has enough resources.`,
  );

export const tooMany = (limit: number, retryAfter: number): ApiError =>
  new ApiError({
    status: 429,
    code: "LAB-429",
    group: "RATE_LIMIT_EXCEEDED",
    message: `More than ${limit} requests a second.`,
    headers: { "retry-after": String(retryAfter) },
  });

/** The body of a v4 refusal; the namespace ("vmm", "prism") names its types. */
export function v4Error(namespace: string, refusal: Refusal, path: string): object {
  const type = `${namespace}.v4.error`;
  const { discriminator, error } = refusal.schema
    ? schemaError(type, refusal, path)
    : appMessages(type, refusal);
  return {
    data: {
      $objectType: `${type}.ErrorResponse`,
      $reserved: RESERVED,
      $errorItemDiscriminator: discriminator,
      error,
    },
    $dataItemDiscriminator: `${type}.ErrorResponse`,
    $reserved: RESERVED,
  };
}

function appMessages(type: string, refusal: Refusal) {
  const error = [
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
  ];
  return { discriminator: `List<${type}.AppMessage>`, error };
}

function schemaError(type: string, { status, message, schema }: Refusal, path: string) {
  const error = {
    $objectType: `${type}.SchemaValidationError`,
    $reserved: RESERVED,
    error: "Bad Request",
    path,
    statusCode: status,
    timestamp: new Date().toISOString(),
    validationErrorMessages: [
      {
        $objectType: `${type}.SchemaValidationErrorMessage`,
        $reserved: RESERVED,
        ...schema,
        message,
      },
    ],
  };
  return { discriminator: `${type}.SchemaValidationError`, error };
}

/** The body of a v3 refusal. */
export function v3Error(refusal: Refusal): object {
  const details =
    refusal.status === 401 ? { details: 'Basic realm="Intent Gateway Login Required"' } : {};
  return {
    state: "ERROR",
    code: refusal.status,
    message_list: [{ reason: refusal.group, message: refusal.message, ...details }],
    ...(refusal.kind === undefined ? {} : { kind: refusal.kind }),
    api_version: "3.1",
  };
}

function refused(status: number, code: string, group: string, message: string): ApiError {
  return new ApiError({ status, code, group, message });
}

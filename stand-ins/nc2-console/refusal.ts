// What the console refuses. No public source gives the shape of a refusal: the one here is that of the framework that
// the reference's type names point to (Phoenix), and a client must not count on it.
import { ApiError } from "../prism-central/errors";

export const unauthorized = (message: string): ApiError => refused(401, message);
export const badRequest = (message: string): ApiError => refused(400, message);
export const notThere = (kind: string, id: string): ApiError =>
  refused(404, `There is no ${kind} ${id}.`);
export const notSimulated = (what: string): ApiError => refused(501, `${what} is not simulated.`);

/** The body of a refusal. */
export function refusalBody(message: string): object {
  return { errors: { detail: message } };
}

function refused(status: number, message: string): ApiError {
  return new ApiError({ status, code: `LAB-${status}`, group: "NC2_CONSOLE", message });
}

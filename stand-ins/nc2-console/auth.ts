// Who is asking: a bearer token, verified by a JWT library that the product's own signing shares nothing with but the
// standard. The secret is the base64 text of HMAC-SHA512(key: API key, message: key id).
import { createHmac } from "node:crypto";
import type { ApiKeySeed } from "./seed";
import { unauthorized } from "./refusal";

const AUDIENCE = "https://apikeys.nutanix.com";
/** Seconds that clocks may differ. */
const TOLERANCE = 5;

export interface AuthOptions {
  keys: ApiKeySeed[];
  now: () => Date;
  /** How old a token may be, whatever it says itself. */
  tokenSeconds: number;
}

/** The key's name; throws 401 with the reason. */
export async function userOf(
  header: string | undefined,
  { keys, now, tokenSeconds }: AuthOptions,
): Promise<string> {
  const token = /^Bearer (\S+)$/i.exec(header ?? "")?.[1];
  if (token === undefined) throw unauthorized("There is no bearer token.");
  const { decodeProtectedHeader, jwtVerify } = await import("jose");
  const keyId = keyIdIn(token, decodeProtectedHeader);
  const key = keys.find(({ id }) => id === keyId);
  if (!key) throw unauthorized("The token's kid is no API key that is known.");
  await jwtVerify(token, secretOf(key), {
    algorithms: ["HS512"],
    audience: AUDIENCE,
    requiredClaims: ["iss", "exp", "iat"],
    maxTokenAge: tokenSeconds,
    clockTolerance: TOLERANCE,
    currentDate: now(),
  }).catch((error: unknown) => {
    throw unauthorized(`The token is not valid: ${(error as Error).message}.`);
  });
  return key.name;
}

function keyIdIn(token: string, decode: (token: string) => { kid?: string }): string | undefined {
  try {
    return decode(token).kid;
  } catch {
    return undefined;
  }
}

function secretOf({ id, key }: ApiKeySeed): Uint8Array {
  const digest = createHmac("sha512", key).update(id).digest("base64");
  return new TextEncoder().encode(digest);
}

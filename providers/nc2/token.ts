// The bearer token that the console wants: a JWT that the caller signs, good for five minutes. The secret it is signed
// with is the base64 text of HMAC-SHA512(key: API key, message: key id).
import { createHmac, randomUUID } from "node:crypto";
import { TOKEN } from "./api";
import type { Credentials } from "./credentials";

const REASON = "nutanix-serverless-lab";

/** Signs a token; `now` is when it begins. */
export async function tokenFor(credentials: Credentials, now: Date): Promise<string> {
  const { SignJWT } = await import("jose");
  const { keyId, apiKey, issuer = randomUUID() } = credentials;
  const begin = Math.floor(now.getTime() / 1000);
  return new SignJWT({ metadata: { reason: REASON }, context: {} })
    .setProtectedHeader({ alg: TOKEN.algorithm, kid: keyId, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(TOKEN.audience)
    .setIssuedAt(begin)
    .setExpirationTime(begin + TOKEN.seconds)
    .sign(secretOf(keyId, apiKey));
}

function secretOf(keyId: string, apiKey: string): Uint8Array {
  // Latin-1, as the reference's own example has it.
  const digest = createHmac("sha512", Buffer.from(apiKey, "latin1"))
    .update(Buffer.from(keyId, "latin1"))
    .digest("base64");
  return new TextEncoder().encode(digest);
}

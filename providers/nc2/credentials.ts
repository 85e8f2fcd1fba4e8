// Who asks the NC2 console: an API key of My Nutanix and its id, told by the environment or else by the stack's secret
// configuration. Read when an operation runs and kept nowhere.
import { Nc2Error } from "./errors";

export interface Credentials {
  keyId: string;
  apiKey: string;
  /** A UUID of the caller's choice. @default another one for each token */
  issuer?: string;
}

const MISSING =
  "There are no credentials for the NC2 console. Set NC2_KEY_ID and NC2_API_KEY in the environment of pulumi, or give " +
  "them to the stack: pulumi config set --path console.keyId ID, pulumi config set --secret --path console.apiKey";

/** The environment's credentials, completed by those of the stack (JSON text of its `console`). */
export function credentialsFrom(environment: NodeJS.ProcessEnv, stackText?: string): Credentials {
  const { NC2_KEY_ID, NC2_API_KEY, NC2_ISSUER } = environment;
  const stack = stackAccess(stackText);
  const keyId = NC2_KEY_ID || stack.keyId;
  const apiKey = NC2_API_KEY || stack.apiKey;
  if (!keyId || !apiKey) throw new Nc2Error(MISSING);
  const issuer = NC2_ISSUER || stack.issuer;
  return { keyId, apiKey, ...(issuer && { issuer }) };
}

function stackAccess(text: string | undefined): Partial<Credentials> {
  if (text === undefined) return {};
  try {
    return (JSON.parse(text) ?? {}) as Partial<Credentials>;
  } catch {
    // The cause would quote what may be a secret.
    throw new Nc2Error(
      "Reading the stack's credentials failed: console is no group of keys. Correct it in the stack's file.",
    );
  }
}

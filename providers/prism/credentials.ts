// Who asks Prism Central: told by the environment, or else by the stack's secret configuration. Read when an
// operation runs and kept nowhere.
import { PrismError } from "./errors";

export type Credentials = { username: string; password: string } | { apiKey: string };

/** The stack's `prismCentral`, as much of it as is about credentials. */
interface StackAccess {
  username?: string;
  password?: string;
  apiKey?: string;
}

const MISSING =
  "There are no credentials for Prism Central. Set NUTANIX_USERNAME and NUTANIX_PASSWORD, or NUTANIX_API_KEY, " +
  "in the environment of pulumi, or give the stack a password: " +
  "pulumi config set --secret --path prismCentral.password";

/** The environment's credentials, completed by those of the stack (JSON text of its `prismCentral`). */
export function credentialsFrom(environment: NodeJS.ProcessEnv, stackText?: string): Credentials {
  const { NUTANIX_API_KEY, NUTANIX_USERNAME, NUTANIX_PASSWORD } = environment;
  if (NUTANIX_API_KEY) return { apiKey: NUTANIX_API_KEY };
  const stack = stackAccess(stackText);
  const username = NUTANIX_USERNAME ?? stack.username;
  const password = NUTANIX_PASSWORD ?? stack.password;
  if (username && password) return { username, password };
  if (stack.apiKey) return { apiKey: stack.apiKey };
  throw new PrismError(MISSING);
}

function stackAccess(text: string | undefined): StackAccess {
  if (text === undefined) return {};
  try {
    return (JSON.parse(text) ?? {}) as StackAccess;
  } catch {
    // The cause would quote what may be a secret.
    throw new PrismError(
      "Reading the stack's credentials failed: prismCentral is no group of keys. Correct it in the stack's file.",
    );
  }
}

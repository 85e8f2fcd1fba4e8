// The `credentials` key of the Secret that a NutanixCluster refers to: a JSON array whose first element counts.

/** How to authenticate against Prism Central. */
export type Credentials =
  { type: "basic_auth"; username: string; password: string } | { type: "api_key"; apiKey: string };

interface CredentialEntry {
  type?: string;
  data?: { prismCentral?: { username?: string; password?: string; apiKey?: string } };
}

/** Reads the Secret's JSON. The error never shows what is in it. */
export function parseCredentials(json: string): Credentials {
  const [first] = entriesOf(json);
  const { username, password, apiKey } = first?.data?.prismCentral ?? {};
  const type = first?.type;
  if (type === "basic_auth" && username && password) return { type, username, password };
  if (type === "api_key" && apiKey) return { type, apiKey };
  throw new Error(
    'Reading the credentials failed: the first element is neither basic_auth with username and password nor api_key with apiKey. Write [{"type":"basic_auth","data":{"prismCentral":{"username":"…","password":"…"}}}].',
  );
}

/** The header that carries the credentials. */
export function authenticationHeader(credentials: Credentials): Record<string, string> {
  if (credentials.type === "api_key") return { "X-ntnx-api-key": credentials.apiKey };
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  return { Authorization: `Basic ${pair}` };
}

function entriesOf(json: string): CredentialEntry[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? (parsed as CredentialEntry[]) : [];
  } catch {
    throw new Error(
      "Reading the credentials failed: the Secret's key `credentials` is not JSON. Write a JSON array.",
    );
  }
}

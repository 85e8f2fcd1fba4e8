// What the command says when it listens: a line for programs, or lines for a shell.
import type { Seed } from "./seed";
import type { PrismCentral } from "./server";

/** `eval` of the lines for a shell gives clients all that they need. */
export function announcement(
  form: "json" | "env",
  { url, port, caFile }: Pick<PrismCentral, "url" | "port" | "caFile">,
  seed: Pick<Seed, "users" | "apiKeys">,
): string {
  if (form === "json") return `${JSON.stringify({ ready: true, url, ca: caFile })}\n`;
  const user = seed.users.at(-1);
  const key = seed.apiKeys[0];
  const variables: [string, string][] = [
    ["NUTANIX_ENDPOINT", new URL(url).hostname],
    ["NUTANIX_PORT", String(port)],
    ...(user
      ? ([
          ["NUTANIX_USERNAME", user.name],
          ["NUTANIX_PASSWORD", user.password],
        ] as [string, string][])
      : []),
    ...(key ? ([["NUTANIX_API_KEY", key.key]] as [string, string][]) : []),
    ["PRISM_CENTRAL_URL", url],
    ["PRISM_CENTRAL_CA", caFile],
    ["PRISM_CENTRAL_PID", String(process.pid)],
  ];
  return variables.map(([name, value]) => `export ${name}=${quoted(value)}\n`).join("");
}

function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

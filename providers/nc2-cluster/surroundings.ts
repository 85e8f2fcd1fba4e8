// What the operations need of the world around them.
import { endWithEngine } from "../engine-gone";
import { type Clock, type ConsoleEndpoint, Nc2Client } from "../nc2/client";
import { credentialsFrom } from "../nc2/credentials";
import { clientFor as prismClientFor } from "../prism/client";
import type { Endpoint, PrismClient } from "../prism/client";

export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  /** The stack's `console` and `prismCentral` as JSON texts, secrets in clear. */
  stackConsole?: string | undefined;
  stackPrism?: string | undefined;
  log: (line: string) => void;
  /** @default the machine's */
  clock?: Clock;
}

/** The provider's process: what it writes to stderr, the engine shows line by line. */
export const HERE: Surroundings = {
  environment: process.env,
  log: (line) => process.stderr.write(`${line}\n`),
};

/** Takes what the engine told of the stack's configuration. */
export function configure(stackConsole: string | undefined, stackPrism: string | undefined): void {
  endWithEngine();
  HERE.stackConsole = stackConsole;
  HERE.stackPrism = stackPrism;
}

/** A client of the console with the credentials of the environment or the stack. */
export function clientFor(endpoint: ConsoleEndpoint, surroundings: Surroundings): Nc2Client {
  const { environment, stackConsole, clock } = surroundings;
  return new Nc2Client(endpoint, credentialsFrom(environment, stackConsole), clock);
}

/** A client of Prism Central, likewise. */
export function prismFor(endpoint: Endpoint, surroundings: Surroundings): PrismClient {
  const { environment, stackPrism, clock, log } = surroundings;
  return prismClientFor(endpoint, {
    environment,
    stackAccess: stackPrism,
    log,
    ...(clock && { client: { clock } }),
  });
}

// What the operations of a dynamic provider need of the world around them.
import { endWithEngine } from "../engine-gone";
import type { ClientOptions } from "./client";

export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  /** The stack's `prismCentral` as JSON text, secrets in clear. */
  stackAccess?: string | undefined;
  log: (line: string) => void;
  client?: ClientOptions;
}

/** The provider's process: what it writes to stderr, the engine shows line by line. */
export const HERE: Surroundings = {
  environment: process.env,
  log: (line) => process.stderr.write(`${line}\n`),
};

/** Takes what the engine told of the stack's configuration. */
export function configure(stackAccess: string | undefined): void {
  endWithEngine();
  HERE.stackAccess = stackAccess;
}

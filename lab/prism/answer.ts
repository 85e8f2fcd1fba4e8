// What a question to the world came to: an answer, or why there is none. A check judges both.

import { PrismError } from "../../providers/prism/errors";

export interface Problem {
  /** What was tried and what answered. */
  said: string;
  /** What to do, where the one who failed knows it. */
  remedy?: string;
  /** HTTP status, where there was an answer. */
  status?: number;
}

export type Answer<T> = { found: T } | { problem: Problem };

/** Asks, and keeps what went wrong. */
export async function asked<T>(question: Promise<T>): Promise<Answer<T>> {
  try {
    return { found: await question };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof PrismError))
    return { said: error instanceof Error ? error.message : String(error) };
  const { said, remedy, status } = error;
  return {
    said,
    ...(remedy === undefined ? {} : { remedy }),
    ...(status === undefined ? {} : { status }),
  };
}

/** What was found, or nothing. */
export function foundIn<T>(answer: Answer<T> | undefined): T | undefined {
  return answer && "found" in answer ? answer.found : undefined;
}

// Asks kind whether a cluster is still there. Only the machine that made it can tell: elsewhere, and where kind does
// not answer, nothing is known and nothing changes.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { answers } from "./answers";

export interface LifeInputs {
  cluster: string;
  kubeconfigFile: string;
}

export interface LifeOutputs extends LifeInputs {
  /** The machine that the cluster was made on. */
  host: string;
}

const ANSWER_MILLISECONDS = 30_000;

export function create(inputs: LifeInputs): { id: string; outs: LifeOutputs } {
  return { id: randomUUID(), outs: { ...inputs, host: hostname() } };
}

export function update(olds: LifeOutputs, news: LifeInputs): { outs: LifeOutputs } {
  return { outs: { ...news, host: olds.host } };
}

/** A cluster that is gone is a replacement. One that only does not run is there: kind lists it. */
export async function diff(
  olds: LifeOutputs,
  news: LifeInputs,
): Promise<{ changes: boolean; replaces?: string[] }> {
  const made = olds.host === hostname() || existsSync(olds.kubeconfigFile);
  if (made && !(await answers(olds.kubeconfigFile, olds.cluster)) && (await isGone(olds.cluster)))
    return { changes: true, replaces: ["cluster"] };
  return { changes: olds.cluster !== news.cluster || olds.kubeconfigFile !== news.kubeconfigFile };
}

/** Whether kind answers and does not have it. */
export async function isGone(cluster: string): Promise<boolean> {
  try {
    const options = { timeout: ANSWER_MILLISECONDS, env: process.env };
    const { stdout } = await promisify(execFile)("kind", ["get", "clusters"], options);
    return !stdout.split("\n").includes(cluster);
  } catch {
    return false;
  }
}

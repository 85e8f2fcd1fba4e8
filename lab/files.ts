// The lab's small files: credentials, passphrase, record of the last run.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Credentials } from "./environment";
import type { Lab } from "./lab";
import type { Layer } from "./layers";

const secret = () => randomBytes(18).toString("base64url");

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}

/** The credentials of this lab's own Prism Central stand-in; made once, readable by their owner only. */
export function ownCredentials(lab: Lab): Credentials {
  const file = path.join(lab.directory, "credentials.json");
  if (!existsSync(file))
    write(file, JSON.stringify({ username: "admin", password: secret() }), 0o600);
  return JSON.parse(readFileSync(file, "utf8")) as Credentials;
}

/** Makes the passphrase of the lab's own state, once. */
export function makePassphrase(lab: Lab): void {
  const file = path.join(lab.directory, "passphrase");
  if (!existsSync(file)) write(file, secret(), 0o600);
}

/** What the last `up` of this lab came to. */
export interface RunRecord {
  stack: string;
  startedAt: string;
  finishedAt: string;
  result: "succeeded" | "failed";
  /** Resources that were created, updated, replaced or deleted. */
  changes: number;
  layers: Layer[];
}

const recordFile = (lab: Lab) => path.join(lab.directory, "run.json");

/** Layers in which a run changed nothing keep the time that they took when they were built. Pure. */
export function keepTimes(layers: Layer[], before: Layer[] | undefined): Layer[] {
  return layers.map((layer) => {
    const seconds = before?.find(({ name }) => name === layer.name)?.seconds ?? 0;
    return layer.seconds === 0 ? { ...layer, seconds } : layer;
  });
}

export function writeRunRecord(lab: Lab, record: RunRecord): void {
  const before = readRunRecord(lab);
  const layers = keepTimes(record.layers, before?.stack === record.stack ? before.layers : []);
  write(recordFile(lab), `${JSON.stringify({ ...record, layers }, undefined, 2)}\n`);
}

export function readRunRecord(lab: Lab): RunRecord | undefined {
  const file = recordFile(lab);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as RunRecord) : undefined;
}

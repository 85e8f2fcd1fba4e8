// What a #cloud-config asks for, as a plan. Only the modules that Cluster API's bootstrap data leans on are
// understood; what else stands there is named, so that the console can say what was left out.
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";

/** A file to be written, decoded. */
export interface PlannedFile {
  path: string;
  content: Buffer;
  mode: number;
  owner?: string;
  append: boolean;
}

/** A guest's first boot. */
export interface BootPlan {
  hostname?: string;
  files: PlannedFile[];
  /** Early commands (bootcmd), then those of runcmd: each a line of shell. */
  bootCommands: string[];
  commands: string[];
  ignored: string[];
}

export type MetaData = Record<string, unknown>;

const understood = new Set(["write_files", "runcmd", "bootcmd", "hostname", "fqdn"]);
const decoders: Record<string, (content: string) => Buffer> = {
  plain: (content) => Buffer.from(content),
  base64: (content) => Buffer.from(content, "base64"),
  gzip: (content) => gunzipSync(Buffer.from(content, "binary")),
  "gzip+base64": (content) => gunzipSync(Buffer.from(content, "base64")),
};
const encodings: Record<string, string> = {
  "": "plain",
  "text/plain": "plain",
  b64: "base64",
  base64: "base64",
  gz: "gzip",
  gzip: "gzip",
  "gz+b64": "gzip+base64",
  "gz+base64": "gzip+base64",
  "gzip+b64": "gzip+base64",
  "gzip+base64": "gzip+base64",
};

/** Fills `{{ ds.meta_data.X }}` and `{{ v1.local_hostname }}` where the first line says `## template: jinja`. */
export function fillTemplate(userData: string, metaData: MetaData): string {
  if (!/^## template: *jinja/.test(userData)) return userData;
  const names: MetaData = { ...metaData, local_hostname: metaData["hostname"] };
  return userData
    .replace(/^.*\n/, "")
    .replace(
      /\{\{-? *(?:ds\.meta_data\.|v1\.)(\w+) *-?\}\}/g,
      (whole: string, name: string) => textOf(names[name]) ?? whole,
    );
}

/** Reads user data and meta data. Throws a sentence when it is no cloud-config or has a file it cannot decode. */
export function planBoot(userData: string, metaData: MetaData): BootPlan {
  const filled = fillTemplate(userData, metaData);
  if (!filled.startsWith("#cloud-config"))
    throw new Error(
      `Reading the config drive's user data failed: its first line is "${firstLine(filled)}", not "#cloud-config". Give the VM a cloud-config.`,
    );
  const document: unknown = parse(filled, { version: "1.1" });
  const config = isRecord(document) ? document : {};
  return {
    hostname: textOf(metaData["hostname"]) ?? textOf(metaData["local-hostname"]),
    files: listOf(config["write_files"]).map(planFile),
    bootCommands: listOf(config["bootcmd"]).map(shellLine),
    commands: listOf(config["runcmd"]).map(shellLine),
    ignored: Object.keys(config).filter((key) => !understood.has(key)),
  };
}

/** One script for all commands, as cloud-init makes it: a failing one is reported and the next one runs. */
export function scriptOf(commands: string[], failureMark: string): string {
  const report = `lab_report() { [ "$1" -eq 0 ] || echo "${failureMark} $2 $1"; }`;
  const lines = commands.flatMap((command, index) => [command, `lab_report $? ${index}`]);
  return ["#!/bin/sh", "exec 2>&1", report, ...lines, ""].join("\n");
}

function planFile(entry: unknown): PlannedFile {
  const file = isRecord(entry) ? entry : {};
  const path = textOf(file["path"]);
  if (path === undefined) throw new Error("Reading write_files failed: an entry has no path.");
  const encoding = encodings[(textOf(file["encoding"]) ?? "").toLowerCase()];
  const decode = encoding === undefined ? undefined : decoders[encoding];
  if (decode === undefined)
    throw new Error(
      `Reading write_files failed: ${path} has the unknown encoding "${textOf(file["encoding"]) ?? ""}".`,
    );
  return {
    path,
    content: decode(textOf(file["content"]) ?? ""),
    mode: modeOf(file["permissions"]),
    owner: textOf(file["owner"]),
    append: file["append"] === true,
  };
}

function modeOf(permissions: unknown): number {
  if (typeof permissions === "number") return permissions;
  const text = textOf(permissions);
  return text === undefined ? 0o644 : Number.parseInt(text.replace(/^0o/, ""), 8);
}

function shellLine(command: unknown): string {
  if (!Array.isArray(command)) return textOf(command) ?? "";
  return command.map((word) => `'${(textOf(word) ?? "").replaceAll("'", `'\\''`)}'`).join(" ");
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 60) ?? "";
}

// The PUT of an image next to `curl -T` of the same file to the same Prism Central in the same run, one after the
// other and turn about: other machines and busy hours then change both. Also how far memory grows.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { PrismCentralProcess } from "./prism-central-process";
import { startPrismCentral } from "./prism-central-process";
import { median, round, type Row } from "./rows";
import type { UploadFigures, UploadOrder } from "./upload-client";
import { runTypeScript } from "../toolchain/typescript";

export interface UploadBench {
  mebibytes: number;
  rounds: number;
  /** A file of holes: size without disk, on this side at least. */
  sparse?: boolean;
}

const LONGEST = 600_000;

/** Uploads a file in turns, by the product and by curl. */
export async function uploadRows({ mebibytes, rounds, sparse }: UploadBench): Promise<Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-upload-"));
  const password = randomBytes(12).toString("hex");
  const prism = await startPrismCentral(path.join(folder, "data"), password);
  try {
    const file = path.join(folder, "disk.img");
    write(file, mebibytes, sparse ?? false);
    const order: UploadOrder = { file, port: prism.port, caFile: prism.caFile, password };
    const ours: UploadFigures[] = [];
    const curls: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(upload(order));
      curls.push(curl(order));
    }
    return [row(`upload of ${mebibytes} MiB`, mebibytes, { ours, curls, prism })];
  } finally {
    await prism.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(
  name: string,
  mebibytes: number,
  measured: { ours: UploadFigures[]; curls: number[]; prism: PrismCentralProcess },
): Row {
  const put = median(measured.ours.map(({ putSeconds }) => putSeconds));
  const curlPut = median(measured.curls);
  return {
    name,
    putSeconds: round(put),
    putMiBPerSecond: round(mebibytes / put),
    curlSeconds: round(curlPut),
    ratioToCurl: round(curlPut / put),
    hashSeconds: round(median(measured.ours.map(({ hashSeconds }) => hashSeconds))),
    memoryGrowthMiB: round(Math.max(...measured.ours.map((one) => one.memoryGrowthMiB))),
    prismCentralPeakMiB: round(measured.prism.peakMiB()),
  };
}

/** Random bytes, or holes. */
function write(file: string, mebibytes: number, sparse: boolean): void {
  const opened = openSync(file, "w");
  try {
    const piece = randomBytes(1024 * 1024);
    for (let written = 0; !sparse && written < mebibytes; written += 1) writeSync(opened, piece);
  } finally {
    closeSync(opened);
  }
  truncateSync(file, mebibytes * 1024 * 1024);
}

function upload(order: UploadOrder): UploadFigures {
  const script = path.join(__dirname, "upload-client.ts");
  const answer = execFileSync(process.execPath, [...runTypeScript, script], {
    cwd: path.join(__dirname, ".."),
    input: JSON.stringify(order),
    stdio: ["pipe", "pipe", "inherit"],
    timeout: LONGEST,
    encoding: "utf8",
  });
  return JSON.parse(answer) as UploadFigures;
}

/** Seconds of curl's PUT into an image of its own. */
function curl(order: UploadOrder): number {
  const images = `https://127.0.0.1:${order.port}/api/nutanix/v3/images`;
  const run = (...args: string[]) =>
    execFileSync("curl", ["--silent", "--show-error", "--fail", "--config", "-", ...args], {
      // Not among the arguments: everybody may read those.
      input: `user = "admin:${order.password}"\ncacert = "${order.caFile}"\n`,
      timeout: LONGEST,
      encoding: "utf8",
    });
  const json = ["--header", "content-type: application/json"];
  const spec = { name: "curl", resources: { image_type: "DISK_IMAGE" } };
  const body = JSON.stringify({ spec, metadata: { kind: "image" } });
  const made = JSON.parse(run(...json, "--data", body, images)) as { metadata: { uuid: string } };
  const image = `${images}/${made.metadata.uuid}`;
  const type = ["--header", "content-type: application/octet-stream"];
  const timed = ["--output", "/dev/null", "--write-out", "%{time_total}"];
  const seconds = Number(run(...type, ...timed, "--upload-file", order.file, `${image}/file`));
  run("--request", "DELETE", image);
  return seconds;
}

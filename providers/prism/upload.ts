// A file sent to Prism Central as it is, with no limit on the whole but one on standstill. Two buffers in turn, each
// read into again only when its bytes have left: memory stays the same however large the file is.
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { PrismClient } from "./client";
import { PrismError, refusal, unreachable } from "./errors";

export interface Upload {
  file: string;
  sizeBytes: number;
  sha256: string;
  /** Told each time some bytes left. */
  onProgress?: (sentBytes: number) => void;
}

const PIECE = 1024 * 1024;

/** One attempt. Throws PrismError. */
export async function upload(client: PrismClient, path: string, what: Upload): Promise<void> {
  const named = client.named("PUT", path);
  const file = await open(what.file);
  const request = client.put(path, headersOf(what));
  let sent = 0;
  const timer = setTimeout(() => {
    const text = `nothing moved for ${client.idleMilliseconds / 1000} s after ${sent} bytes`;
    request.destroy(Object.assign(new Error(text), { code: "ETIMEDOUT" }));
  }, client.idleMilliseconds);
  const onProgress = (sentBytes: number) => {
    sent = sentBytes;
    timer.refresh();
    what.onProgress?.(sentBytes);
  };
  try {
    const answer = answerTo(request);
    // Prism Central may answer before it has all: no need to send the rest then.
    await Promise.race([answer, send(file, request, onProgress)]);
    const { status, headers, data } = await answer;
    if (status >= 300) throw refusal(named, { status, headers, data });
  } catch (error) {
    throw error instanceof PrismError ? error : unreachable(named, error);
  } finally {
    clearTimeout(timer);
    request.destroy();
    await file.close();
  }
}

async function send(
  file: FileHandle,
  request: ClientRequest,
  onProgress: (sentBytes: number) => void,
): Promise<void> {
  const buffers = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)] as const;
  let sentBytes = 0;
  let leaving: Promise<void> = Promise.resolve();
  for (let turn = 0; ; turn = 1 - turn) {
    const buffer = buffers[turn === 0 ? 0 : 1];
    const { bytesRead } = await file.read(buffer, 0, PIECE);
    await leaving;
    if (bytesRead === 0 || request.destroyed) break;
    leaving = write(request, buffer.subarray(0, bytesRead)).then(() => {
      onProgress((sentBytes += bytesRead));
    });
  }
  request.end();
}

/** Resolves when the bytes have left the buffer; what fails is told by the request itself. */
function write(request: ClientRequest, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    request.write(piece, () => resolve());
  });
}

interface Answer {
  status: number;
  headers: object;
  data: unknown;
}

function answerTo(request: ClientRequest): Promise<Answer> {
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on("error", reject);
    request.once("response", (response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, data: json(text) }),
      );
    });
  });
  answer.catch(() => undefined);
  return answer;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersOf({ sizeBytes, sha256 }: Upload): Record<string, string> {
  return {
    "content-type": "application/octet-stream",
    "content-length": String(sizeBytes),
    "x-nutanix-checksum-type": "SHA_256",
    "x-nutanix-checksum-bytes": sha256,
  };
}

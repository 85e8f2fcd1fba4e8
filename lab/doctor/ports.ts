// Dials ports from this machine. The edge.

import { connect } from "node:net";

/** What a dialled port did: only "silent" and "unreachable" leave open whether somebody has the address. */
export type Sound = "answers" | "refuses" | "silent" | "unreachable";

export interface Dialled {
  host: string;
  port: number;
  sound: Sound;
  /** Code of the failure, such as ENOTFOUND. */
  code?: string;
}

const PATIENCE = 3_000;

export function dial(host: string, port: number): Promise<Dialled> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE });
    const end = (sound: Sound, code?: string) => {
      socket.destroy();
      resolve({ host, port, sound, ...(code === undefined ? {} : { code }) });
    };
    socket.once("connect", () => {
      end("answers");
    });
    socket.once("timeout", () => {
      end("silent");
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      end(code === "ECONNREFUSED" ? "refuses" : "unreachable", code);
    });
  });
}

// RandomId: some bytes in five notations; the prefix stands before four of them, not before the id.

import { randomBytes } from "node:crypto";

import type { RandomType } from "./random-provider";

/** The type random:index/randomId:RandomId. */
export const randomId: RandomType = {
  defaults: {},
  drawn: ["id", "b64Std", "b64Url", "dec", "hex"],
  problem: ({ byteLength }) =>
    typeof byteLength === "number" && byteLength >= 1
      ? undefined
      : { property: "byteLength", reason: "expected byteLength to be at least (1)" },
  create: (inputs) => {
    const bytes = randomBytes(Number(inputs["byteLength"]));
    const { id, outputs } = notations(bytes, textOf(inputs["prefix"]));
    return { id, outputs: { ...inputs, ...outputs } };
  },
  adopt: (imported) => {
    const [id = "", prefix = ""] = imported.split(",").reverse();
    const bytes = Buffer.from(id, "base64url");
    const inputs = { byteLength: bytes.length, ...(prefix !== "" && { prefix }) };
    return { id, inputs, outputs: { ...inputs, ...notations(bytes, prefix).outputs } };
  },
};

function notations(bytes: Buffer, prefix: string) {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  const outputs = {
    id,
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + id,
    dec: prefix + BigInt(`0x${hex}`).toString(),
    hex: prefix + hex,
  };
  return { id, outputs };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

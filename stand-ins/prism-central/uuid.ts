// Ids that follow from names, so that a world made from the same seed has the same ids.
import { createHash } from "node:crypto";

/** A UUID that is the same for the same words. */
export function uuidFor(...words: string[]): string {
  const hex = createHash("sha256").update(words.join("\n")).digest("hex");
  const variant = "89ab"[parseInt(hex.slice(16, 17), 16) % 4] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

// Kubernetes quantities as Prism wants them: bytes.

const factors: Record<string, number> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a quantity such as 2Gi; rounds up. */
export function bytesOf(quantity: string | number): number {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T|)$/.exec(String(quantity));
  const factor = factors[match?.[2] ?? "?"];
  if (!match || factor === undefined)
    throw new Error(`Reading a size failed: ${quantity} is no quantity. Write it like 2Gi.`);
  return Math.ceil(Number(match[1]) * factor);
}

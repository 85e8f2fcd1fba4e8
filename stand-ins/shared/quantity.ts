// Kubernetes quantities, such as 100m, 2Gi or 1e3, as numbers.

/** What each suffix multiplies by. */
export const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a quantity stands for. */
export function quantityOf(quantity: string | number): number {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([KMGTPE]i|[numkMGTPE]|)$/.exec(
    String(quantity),
  );
  const factor = factors[match?.[2] ?? "?"];
  if (!match || factor === undefined)
    throw new Error(`Reading a quantity failed: ${quantity} is none. Write it like 2Gi or 100m.`);
  return Number(match[1]) * factor;
}

/** Whole bytes of a quantity; rounds up. */
export function bytesOf(quantity: string | number): number {
  return Math.ceil(quantityOf(quantity));
}

// IPv4 addresses as numbers, and ranges of them.

export interface AddressRange {
  first: number;
  last: number;
}

/** The range of a text such as 10.0.0.0/24, 10.0.0.50-10.0.0.120, or of one address. */
export function rangeOf(text: string): AddressRange {
  const [from = "", to] = text.split("-").map((part) => part.trim());
  if (to !== undefined) return { first: numberOf(from), last: numberOf(to) };
  const [address = "", prefix = "32"] = from.split("/");
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(numberOf(address) / size) * size;
  return { first, last: first + size - 1 };
}

/** Whether two ranges have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a.first <= b.last && b.first <= a.last;
}

/** Whether one range lies in another. */
export function within(inner: string, outer: string): boolean {
  const [a, b] = [rangeOf(inner), rangeOf(outer)];
  return a.first >= b.first && a.last <= b.last;
}

/** Whether a range such as 10.0.0.0/24 is written with its first address. */
export function isNetwork(cidr: string): boolean {
  return numberOf(cidr.split("/")[0] ?? "") === rangeOf(cidr).first;
}

/** Length of a range's prefix. */
export function prefixOf(cidr: string): number {
  return Number(cidr.split("/")[1] ?? 32);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

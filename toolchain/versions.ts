/** A range of versions: from (inclusive) to below (exclusive), both as dotted numbers. */
export interface VersionRange {
  from: string;
  below?: string;
}

/** The first dotted version in what a program printed ("v1.36.3-rc.1" -> "1.36.3-rc.1"). */
export function versionIn(text: string): string | undefined {
  return /(?:^|[^0-9.])v?(\d+\.\d+(?:\.\d+)?(?:[-+~][0-9A-Za-z.+~-]+)?)/.exec(text)?.[1];
}

/** Whether a version lies in a range; suffixes such as "-gke.100" are not weighed. */
export function inRange(version: string, range: VersionRange): boolean {
  const { below } = range;
  return compare(version, range.from) >= 0 && (below === undefined || compare(version, below) < 0);
}

/** A range as people write it. */
export function describeRange(range: VersionRange): string {
  return range.below === undefined ? `>= ${range.from}` : `>= ${range.from} < ${range.below}`;
}

function compare(left: string, right: string): number {
  const [a, b] = [numbers(left), numbers(right)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return (version.split(/[-+~]/)[0] ?? "").split(".").map(Number);
}

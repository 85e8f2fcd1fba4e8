// Which versions go together: the one table, and the pairs that cannot work. Sources: Cluster API's version support
// page and release notes, CAPX's releases, the autoscaler's rule that its minor version follows Kubernetes'.

/** Versions that are known to work together. */
export interface Combination {
  /** Minor version. */
  kubernetes: string;
  clusterApi: string;
  capx: string;
  autoscaler: string;
  autoscalerChart: string;
  cloudController: string;
  kubeVip: string;
}

const together = {
  clusterApi: "v1.13.6",
  capx: "v1.10.3",
  autoscalerChart: "9.59.0",
  cloudController: "v0.7.0",
  kubeVip: "v0.9.2",
};

/** The newest first: its versions are the defaults. */
export const KNOWN_GOOD: readonly [Combination, ...Combination[]] = [
  { kubernetes: "v1.36", autoscaler: "v1.36.1", ...together },
  { kubernetes: "v1.35", autoscaler: "v1.35.2", ...together },
];

interface ClusterApiSupport {
  /** Kubernetes minor versions: first and last. */
  management: readonly [string, string];
  workload: readonly [string, string];
  /** First patch for a Kubernetes minor version that came after the release. */
  since: Readonly<Record<string, string>>;
}

/** Cluster API minor version -> Kubernetes. These serve both v1beta1 (CAPX's contract) and v1beta2 (ours). */
export const CLUSTER_API: Readonly<Record<string, ClusterApiSupport>> = {
  "v1.11": {
    management: ["v1.30", "v1.34"],
    workload: ["v1.28", "v1.34"],
    since: { "v1.34": "v1.11.1" },
  },
  "v1.12": {
    management: ["v1.31", "v1.36"],
    workload: ["v1.29", "v1.36"],
    since: { "v1.35": "v1.12.1", "v1.36": "v1.12.8" },
  },
  "v1.13": {
    management: ["v1.32", "v1.37"],
    workload: ["v1.30", "v1.37"],
    since: { "v1.36": "v1.13.1", "v1.37": "v1.13.6" },
  },
  "v1.14": { management: ["v1.33", "v1.37"], workload: ["v1.31", "v1.37"], since: {} },
};

/** CAPX minor version -> the least Prism Central, and the least AOS of a Prism Element. */
export const CAPX: Readonly<Record<string, { prismCentral: string; aos: string }>> = {
  "v1.7": { prismCentral: "2024.3", aos: "6.5" },
  "v1.8": { prismCentral: "7.3", aos: "7.3" },
  "v1.9": { prismCentral: "7.5", aos: "7.5" },
  "v1.10": { prismCentral: "7.5", aos: "7.5" },
};

/** The chart can give the autoscaler access to machine templates since then; without it, scaling stands still. */
export const LEAST_AUTOSCALER_CHART = "9.54.1";

/** What a stack has chosen. Absent is unknown, and goes with everything. */
export interface Chosen {
  kubernetes: string;
  clusterApi: string;
  capx: string;
  /** Of the management cluster. */
  managementKubernetes?: string;
  prismCentral?: string;
  autoscaler?: string;
  autoscalerChart?: string;
}

export interface ImpossiblePair {
  of: keyof Chosen;
  allowed: string;
}

/** `v1.36` of `v1.36.3`. */
export function minorOf(version: string): string {
  return /^v?\d+\.\d+/.exec(version)?.[0] ?? version;
}

/** The autoscaler that goes with a Kubernetes version. */
export function autoscalerFor(kubernetes: string): string {
  const minor = minorOf(kubernetes);
  const known = KNOWN_GOOD.find((combination) => combination.kubernetes === minor);
  return known?.autoscaler ?? `${minor}.0`;
}

/** Below, at, or above zero, as numbers by their parts: v1.9 is older than v1.10, pc.2024.3 older than 7.3. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parts(left), parts(right)];
  for (let place = 0; place < Math.max(a.length, b.length); place += 1) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Prism Central was numbered by years before 7.3. */
function parts(version: string): number[] {
  const numbers = (version.match(/\d+/g) ?? []).map(Number);
  return (numbers[0] ?? 0) >= 2000 ? [0, ...numbers] : numbers;
}

/** Every choice that cannot work with the others. */
export function impossiblePairs(chosen: Chosen): ImpossiblePair[] {
  const rules = [workload, management, capx, prismCentral, autoscaler, chart];
  return [...clusterApi(chosen), ...rules.flatMap((rule) => rule(chosen) ?? [])];
}

function clusterApi({ clusterApi: version }: Chosen): ImpossiblePair[] {
  if (minorOf(version) in CLUSTER_API) return [];
  const minors = Object.keys(CLUSTER_API);
  const allowed = `${minors[0] ?? ""} to ${minors.at(-1) ?? ""}, which serve v1beta1 and v1beta2`;
  return [{ of: "clusterApi", allowed }];
}

function workload({ kubernetes, clusterApi: version }: Chosen): ImpossiblePair | undefined {
  const support = CLUSTER_API[minorOf(version)];
  if (!support) return undefined;
  const allowed = within(kubernetes, support.workload);
  if (allowed) return { of: "kubernetes", allowed: `${allowed} with Cluster API ${version}` };
  const since = support.since[minorOf(kubernetes)];
  if (since === undefined || compareVersions(version, since) >= 0) return undefined;
  return { of: "clusterApi", allowed: `${since} or newer with Kubernetes ${kubernetes}` };
}

function management(chosen: Chosen): ImpossiblePair | undefined {
  const { managementKubernetes: kubernetes, clusterApi: version } = chosen;
  const support = CLUSTER_API[minorOf(version)];
  if (!support || kubernetes === undefined) return undefined;
  const allowed = within(kubernetes, support.management);
  if (!allowed) return undefined;
  return { of: "managementKubernetes", allowed: `${allowed} with Cluster API ${version}` };
}

/** What would be allowed, when the version's minor is out of the range. */
function within(version: string, [first, last]: readonly [string, string]): string | undefined {
  const minor = minorOf(version);
  const good = compareVersions(minor, first) >= 0 && compareVersions(minor, last) <= 0;
  return good ? undefined : `Kubernetes ${first} to ${last}`;
}

function capx({ capx: version }: Chosen): ImpossiblePair | undefined {
  if (minorOf(version) in CAPX) return undefined;
  const minors = Object.keys(CAPX);
  return { of: "capx", allowed: `${minors[0] ?? ""} to ${minors.at(-1) ?? ""}` };
}

function prismCentral({ capx: version, prismCentral: found }: Chosen): ImpossiblePair | undefined {
  const least = CAPX[minorOf(version)]?.prismCentral;
  if (least === undefined || found === undefined) return undefined;
  if (compareVersions(found, least) >= 0) return undefined;
  return { of: "prismCentral", allowed: `${least} or newer with CAPX ${version}` };
}

function autoscaler({ autoscaler: found, kubernetes }: Chosen): ImpossiblePair | undefined {
  if (found === undefined || minorOf(found) === minorOf(kubernetes)) return undefined;
  return {
    of: "autoscaler",
    allowed: `${minorOf(kubernetes)}.x: its minor version follows Kubernetes ${kubernetes}`,
  };
}

function chart({ autoscalerChart: found }: Chosen): ImpossiblePair | undefined {
  if (found === undefined || compareVersions(found, LEAST_AUTOSCALER_CHART) >= 0) return undefined;
  return {
    of: "autoscalerChart",
    allowed: `${LEAST_AUTOSCALER_CHART} or newer: older ones cannot let the autoscaler read machine templates`,
  };
}

// Every call of the NC2 console's API that is made here, in one table, with how sure it is. A wrong path or body is
// mended in this file alone; another base path is `console.url` of the stack.
//
// documented: in Nutanix's API reference v2 (https://www.nutanix.dev/api_reference/apis/nc2.html and its OpenAPI file).
// inferred: from what is documented; no source says it of this use. unknown: no source says anything.
// What was found where, and what is still open: docs/decisions/0015-nc2-api.md.

export const DEFAULT_URL = "https://cloud.nutanix.com/api/v2";

type Sureness = "documented" | "inferred" | "unknown";

export interface Call {
  method: "GET" | "POST" | "PATCH";
  /** Below the base path; `{id}` stands for a cluster's or a task's id. */
  path: string;
  /** Path and method. */
  sure: Sureness;
  /** What is sent, and what is read of the answer. */
  body: Sureness;
  note: string;
}

/** All answers are `{ "data": ... }`; what takes its time answers with a task. */
export const CALLS = {
  listClusters: {
    method: "GET",
    path: "/clusters",
    sure: "documented",
    body: "documented",
    note: "query: name, organization_id, page (from 1), limit (at most 100)",
  },
  getCluster: {
    method: "GET",
    path: "/clusters/{id}",
    sure: "documented",
    body: "documented",
    note: "status is one of STATUSES; whether a terminated cluster is 404 or stays is unknown: both are understood",
  },
  describe: {
    method: "PATCH",
    path: "/clusters/{id}",
    sure: "documented",
    body: "inferred",
    note: "description; that it is taken while a cluster is being created is inferred: a refusal is told and no failure",
  },
  createAws: {
    method: "POST",
    path: "/clusters/aws",
    sure: "documented",
    body: "documented",
    note: "the reference's schema is bare, its example within `data`: sent within `data`, as by all other calls",
  },
  createAzure: {
    method: "POST",
    path: "/clusters/azure",
    sure: "documented",
    body: "inferred",
    note: "the schema asks for a customer_id that its example for AWS lacks: give it in `creation.more`",
  },
  createGcp: {
    method: "POST",
    path: "/clusters/gcp",
    sure: "documented",
    body: "inferred",
    note: "capacity is { instance_type, nodes_count }",
  },
  updateCapacity: {
    method: "POST",
    path: "/clusters/{id}/update-capacity",
    sure: "documented",
    body: "documented",
    note: "the whole wanted capacity, AWS and Azure",
  },
  hibernate: {
    method: "POST",
    path: "/clusters/{id}/hibernate",
    sure: "documented",
    body: "documented",
    note: "{}; of a running cluster, to Amazon S3; of a failed hibernation again: inferred",
  },
  resume: {
    method: "POST",
    path: "/clusters/{id}/resume",
    sure: "documented",
    body: "documented",
    note: "{}; of a hibernated cluster; of a failed resumption again: inferred",
  },
  terminate: {
    method: "POST",
    path: "/clusters/{id}/terminate",
    sure: "documented",
    body: "documented",
    note: "{}; of a cluster that is not running: inferred",
  },
  getTask: {
    method: "GET",
    path: "/tasks/{id}",
    sure: "documented",
    body: "documented",
    note: "cluster_id may be null at first; the reason of a failure is status_details.description",
  },
  listTasks: {
    method: "GET",
    path: "/tasks",
    sure: "documented",
    body: "documented",
    note: "query: cluster_id, status",
  },
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof CALLS;

/** As the reference lists them. */
export const STATUSES = [
  "creating",
  "creation_failed",
  "hibernated",
  "hibernating",
  "hibernation_failed",
  "hibernation_stalled",
  "resuming",
  "resuming_failed",
  "resuming_stalled",
  "running",
  "terminated",
  "terminating",
] as const;

export type Status = (typeof STATUSES)[number];

/** As the reference lists them; the last three are ends. */
export type TaskStatus =
  | "not_started"
  | "running"
  | "succeeding"
  | "cancelling"
  | "failing"
  | "done"
  | "failed"
  | "cancelled";

/** The token's facts, all documented; its lifetime is the longest that Nutanix recommends. */
export const TOKEN = {
  algorithm: "HS512",
  audience: "https://apikeys.nutanix.com",
  seconds: 300,
} as const;

export interface Nc2ClusterView {
  id: string;
  name: string;
  description?: string | null;
  /** A text of its own; one that is not among STATUSES is refused by name. */
  status?: string;
  organization_id?: string;
  cloud_account_id?: string;
  region?: string;
  aos_version?: string;
  capacity?: HostGroup[];
  hosts?: { data?: { name: string; type: string; state: string }[] };
}

export interface Nc2Task {
  id: string;
  cluster_id?: string | null;
  status: TaskStatus;
  kind?: string;
  display_name?: string;
  created_at?: string;
  status_details?: { description?: string } | null;
}

/** Capacity as AWS and Azure have it, and as Google Cloud has it. */
export interface HostGroup {
  host_type?: string;
  number_of_hosts?: number;
  instance_type?: string;
  nodes_count?: number;
}

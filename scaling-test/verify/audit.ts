// The audit log of a Kubernetes API server (audit.k8s.io/v1), as far as the report rests on it. Pure.

import { eventTime } from "../api-server";

interface Meta {
  name?: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
}

interface Condition {
  type: string;
  status: string;
  lastTransitionTime?: string;
}

export interface AuditEvent {
  stage: string;
  verb: string;
  requestURI: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code?: number };
  requestObject?: {
    metadata?: Meta;
    spec?: { replicas?: number };
    status?: { conditions?: Condition[] };
    eventTime?: string | null;
    firstTimestamp?: string | null;
  };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

/** The events of a log that may have other lines in between, as a container's log has. Answered requests only. */
export function parseAudit(text: string): AuditEvent[] {
  return text.split("\n").flatMap((line) => {
    const start = line.indexOf('{"kind":"Event","apiVersion":"audit.k8s.io/');
    if (start < 0) return [];
    try {
      const event = JSON.parse(line.slice(start)) as AuditEvent;
      const code = event.responseStatus?.code ?? 0;
      return event.stage === "ResponseComplete" && code < 400 ? [event] : [];
    } catch {
      return []; // the log was cut in the middle of a line
    }
  });
}

const WRITES = new Set(["create", "update", "patch"]);

/** Requests about objects of a resource ("pods/status" has a subresource) and, if given, one name. */
export function about(events: AuditEvent[], resource: string, fullName?: string): AuditEvent[] {
  const [kind, subresource] = resource.split("/");
  return events.filter(({ objectRef }) => {
    if (objectRef?.resource !== kind || objectRef?.subresource !== subresource) return false;
    return fullName === undefined || nameOf(objectRef ?? {}) === fullName;
  });
}

const nameOf = ({ namespace, name = "" }: { namespace?: string; name?: string }) =>
  namespace ? `${namespace}/${name}` : name;

const wholeSecond = (time: string) => `${time.slice(0, 19)}Z`;

/**
 * Times at which a condition was written as so: what the writer gave as the transition, else the second of the
 * request. Oldest first.
 */
export function conditionTimes(
  events: AuditEvent[],
  resource: "pods" | "nodes",
  fullName: string,
  wanted: Pick<Condition, "type" | "status">,
): string[] {
  const written = [
    ...about(events, `${resource}/status`, fullName),
    ...created(events, resource, fullName),
  ];
  return written
    .filter(({ verb }) => WRITES.has(verb))
    .flatMap(({ requestObject, stageTimestamp }) =>
      (requestObject?.status?.conditions ?? [])
        .filter(({ type, status }) => type === wanted.type && status === wanted.status)
        .map(({ lastTransitionTime }) => lastTransitionTime ?? wholeSecond(stageTimestamp)),
    )
    .sort((a, b) => Date.parse(a) - Date.parse(b));
}

const created = (events: AuditEvent[], resource: string, fullName: string) =>
  about(events, resource).filter(
    ({ verb, requestObject }) =>
      verb === "create" && nameOf(requestObject?.metadata ?? {}) === fullName,
  );

/** The time that an event of Kubernetes was written with. */
export function eventTimes(events: AuditEvent[], fullName: string): string[] {
  return created(events, "events", fullName).flatMap(({ requestObject }) => {
    const { metadata, ...times } = requestObject ?? {};
    const time = eventTime({ metadata: { name: metadata?.name ?? "" }, ...times });
    return time ? [time] : [];
  });
}

/** When an object was deleted, by name. */
export function deletionTimes(events: AuditEvent[], resource: string, fullName: string): string[] {
  return about(events, resource, fullName)
    .filter(({ verb }) => verb === "delete")
    .map(({ requestReceivedTimestamp }) => requestReceivedTimestamp);
}

/** Names of Nodes that were made, without those of control planes. */
export function workerNodes(events: AuditEvent[]): string[] {
  const made = about(events, "nodes").filter(({ verb }) => verb === "create");
  return made.flatMap(({ requestObject }) => {
    const { name, labels = {} } = requestObject?.metadata ?? {};
    return name && !("node-role.kubernetes.io/control-plane" in labels) ? [name] : [];
  });
}

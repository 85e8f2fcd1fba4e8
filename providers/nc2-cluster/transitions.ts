// What to do next with a cluster in a status, for what is wished of it. Pure; one table, so that an interrupted
// operation is the same as one that begins: look, do the next step, look again.
import { STATUSES, type Status } from "../nc2/api";

export type Wish = "running" | "hibernated" | "gone";
export type Action = "hibernate" | "resume" | "terminate";

export type Step =
  | { kind: "reached" }
  | { kind: "wait" }
  | { kind: "act"; action: Action }
  /** A sentence of why not, and one of what to do. */
  | { kind: "refuse"; why: string; remedy: string };

const reached: Step = { kind: "reached" };
const wait: Step = { kind: "wait" };
const act = (action: Action): Step => ({ kind: "act", action });
const refuse = (why: string, remedy: string): Step => ({ kind: "refuse", why, remedy });

const stalled = (what: string): Step =>
  refuse(
    `${what} is stalled`,
    "Look at the cluster's notifications in the console; where they do not help, Nutanix's support must go on with it.",
  );
const halfAsleep = refuse(
  "its hibernation failed, and whether it still runs is not known",
  "Look at the cluster in the console. To try the hibernation again: desiredState hibernated.",
);
const halfAwake = refuse(
  "its resumption failed",
  "Look at the cluster in the console. To try the resumption again: desiredState running.",
);
const neverMade = refuse(
  "its creation failed",
  "Read the reason in the console, correct the program; pulumi up terminates what is there and makes it anew.",
);
const going = refuse(
  "it is being terminated",
  "Wait until it is gone, run pulumi refresh, then pulumi up makes another one.",
);

const STEPS: Record<Status, Record<Wish, Step>> = {
  creating: { running: wait, hibernated: wait, gone: act("terminate") },
  creation_failed: { running: neverMade, hibernated: neverMade, gone: act("terminate") },
  running: { running: reached, hibernated: act("hibernate"), gone: act("terminate") },
  hibernating: { running: wait, hibernated: wait, gone: wait },
  hibernated: { running: act("resume"), hibernated: reached, gone: act("terminate") },
  hibernation_failed: {
    running: halfAsleep,
    hibernated: act("hibernate"),
    gone: act("terminate"),
  },
  hibernation_stalled: {
    running: stalled("its hibernation"),
    hibernated: stalled("its hibernation"),
    gone: act("terminate"),
  },
  resuming: { running: wait, hibernated: wait, gone: wait },
  resuming_failed: { running: act("resume"), hibernated: halfAwake, gone: act("terminate") },
  resuming_stalled: {
    running: stalled("its resumption"),
    hibernated: stalled("its resumption"),
    gone: act("terminate"),
  },
  terminating: { running: going, hibernated: going, gone: wait },
  terminated: { running: going, hibernated: going, gone: reached },
};

/** A cluster that is not there has status `terminated`. */
export function nextStep(status: string, wish: Wish): Step {
  if (isStatus(status)) return STEPS[status][wish];
  return refuse(
    `the console says that it is ${JSON.stringify(status)}, which is not known here`,
    "Look at the cluster in the console; correct providers/nc2/api.ts when the console has statuses that it lacks.",
  );
}

/** What it comes to when everything that is under way succeeds. */
export function headedFor(status: string): "running" | "hibernated" {
  return status.startsWith("hibernat") ? "hibernated" : "running";
}

export function isStatus(status: string): status is Status {
  return (STATUSES as readonly string[]).includes(status);
}

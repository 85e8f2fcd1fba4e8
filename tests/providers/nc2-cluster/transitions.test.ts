// The table of what is next in each status, for each wish; and the table of calls.
import { CALLS, STATUSES } from "../../../providers/nc2/api";
import { nextStep, type Wish } from "../../../providers/nc2-cluster/transitions";

const told = (status: string, wish: Wish): string => {
  const step = nextStep(status, wish);
  return step.kind === "act" ? step.action : step.kind;
};

test("each status has its next step for each wish", () => {
  const table = STATUSES.map((status) => [
    status,
    told(status, "running"),
    told(status, "hibernated"),
    told(status, "gone"),
  ]);
  expect(table).toEqual([
    ["creating", "wait", "wait", "terminate"],
    ["creation_failed", "refuse", "refuse", "terminate"],
    ["hibernated", "resume", "reached", "terminate"],
    ["hibernating", "wait", "wait", "wait"],
    ["hibernation_failed", "refuse", "hibernate", "terminate"],
    ["hibernation_stalled", "refuse", "refuse", "terminate"],
    ["resuming", "wait", "wait", "wait"],
    ["resuming_failed", "resume", "refuse", "terminate"],
    ["resuming_stalled", "refuse", "refuse", "terminate"],
    ["running", "reached", "hibernate", "terminate"],
    ["terminated", "refuse", "refuse", "reached"],
    ["terminating", "refuse", "refuse", "wait"],
  ]);
});

test("a status that is not known is refused by name", () => {
  expect(nextStep("melting", "running")).toEqual({
    kind: "refuse",
    why: 'the console says that it is "melting", which is not known here',
    remedy:
      "Look at the cluster in the console; correct providers/nc2/api.ts when the console has statuses that it lacks.",
  });
});

test("every call says how sure it is, and all that changes a cluster is documented", () => {
  const calls = Object.entries(CALLS);
  expect(
    calls.map(([name, { method, path, sure, body }]) => [name, method, path, sure, body]),
  ).toEqual([
    ["listClusters", "GET", "/clusters", "documented", "documented"],
    ["getCluster", "GET", "/clusters/{id}", "documented", "documented"],
    ["describe", "PATCH", "/clusters/{id}", "documented", "inferred"],
    ["createAws", "POST", "/clusters/aws", "documented", "documented"],
    ["createAzure", "POST", "/clusters/azure", "documented", "inferred"],
    ["createGcp", "POST", "/clusters/gcp", "documented", "inferred"],
    ["updateCapacity", "POST", "/clusters/{id}/update-capacity", "documented", "documented"],
    ["hibernate", "POST", "/clusters/{id}/hibernate", "documented", "documented"],
    ["resume", "POST", "/clusters/{id}/resume", "documented", "documented"],
    ["terminate", "POST", "/clusters/{id}/terminate", "documented", "documented"],
    ["getTask", "GET", "/tasks/{id}", "documented", "documented"],
    ["listTasks", "GET", "/tasks", "documented", "documented"],
  ]);
});

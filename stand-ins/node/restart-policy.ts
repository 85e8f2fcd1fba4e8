// Whether a container that has ended is started again: its own rules, its own policy, then the pod's. Pure.
import type { Container, Pod } from "./types";

/** The kubelet's ContainerShouldRestart. Init containers of a pod with policy Always are restarted on failure only. */
export function shouldRestart(
  pod: Pod,
  container: Container,
  exitCode: number,
  isInit = false,
): boolean {
  const { restartPolicy, restartPolicyRules } = container;
  const rule = restartPolicyRules?.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) === true;
    return exitCodes?.operator === "NotIn" ? !listed : listed;
  });
  if (rule) return true;
  const inherited = pod.spec.restartPolicy ?? "Always";
  const own = restartPolicy ?? (isInit && inherited === "Always" ? "OnFailure" : inherited);
  return own === "Always" || (own === "OnFailure" && exitCode !== 0);
}

/** Whether an init container goes on running beside the others. */
export function isSidecar(container: Container | undefined): boolean {
  return container?.restartPolicy === "Always";
}

/** What of a container's rules this node does not play, or undefined. */
export function unplayedRule(container: Container): string | undefined {
  return container.restartPolicyRules?.find(({ action }) => action !== "Restart")?.action;
}

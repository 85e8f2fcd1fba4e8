// Waiting for the end of a rollout: until each machine is made from the present template, and its owner says so too.
// Neither condition does alone: RollingOut is false for a moment after a change, and a template's name tells nothing
// of machines that are still being drained away.

import { shell } from "../shell";
import { withKubeconfig } from "./kubeconfig";
import { controlPlaneLabel, poolLabel } from "./names";

export interface Rollout {
  /** The KubeadmControlPlane or MachineDeployment whose machines change. */
  kind: "kubeadmcontrolplane" | "machinedeployment";
  name: string;
  namespace: string;
  /** The machine template that is to be left. */
  template: string;
  timeoutSeconds: number;
}

const ORIGIN =
  '{range .items[*]}{.metadata.annotations.cluster\\.x-k8s\\.io/cloned-from-name}{"\\n"}{end}';

/** A script that ends when the rollout has. It reads $MANAGEMENT_KUBECONFIG: the contents of a kubeconfig. */
export function awaitRollout(rollout: Rollout): string {
  const { kind, name, namespace, template, timeoutSeconds } = rollout;
  const label = kind === "machinedeployment" ? poolLabel : controlPlaneLabel;
  const selector = `${label}=${name}`;
  const object = `${kind}/${name}`;
  return [
    ...withKubeconfig,
    shell`kube() { kubectl --kubeconfig "$file" --namespace ${namespace} "$@"; }`,
    shell`end=$(($(date +%s) + ${timeoutSeconds}))`,
    shell`others() { kube get nutanixmachines --selector ${selector} --output ${`jsonpath=${ORIGIN}`} | grep -vxF ${template} || true; }`,
    shell`rolling() { ! kube wait ${object} --for=condition=RollingOut=False --timeout=5s >/dev/null 2>&1; }`,
    'while [ -n "$(others)" ] || rolling; do',
    '  if [ "$(date +%s)" -ge "$end" ]; then',
    shell`    echo ${`Rolling out ${object} failed: after ${timeoutSeconds} s not all machines are made from ${template}. See the machines below; the old template is kept until an update succeeds.`} >&2`,
    shell`    kube get machines --selector ${selector} --output wide >&2`,
    "    exit 1",
    "  fi",
    "  sleep 1",
    "done",
  ].join("\n");
}

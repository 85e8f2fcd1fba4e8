// The egress service of a control plane: through it the API server reaches Services, pods and nodes. It talks to
// the machine's own API server, whoever holds the control-plane endpoint.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { programOf, standInOf, type Machine } from "./hardware";
import { localKubeconfig } from "./kubeadm-config";
import type { Service } from "./service";

const admin = "/etc/kubernetes/admin.conf";
const superAdmin = "/etc/kubernetes/super-admin.conf";
const ownKubeconfig = "/run/lab/egress.conf";
const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/** Where the API server finds it; the image's /etc/lab/egress-selector.yaml names the same file. */
export const egressSocket = "/run/lab/egress.sock";

/** The egress service of a machine. */
export function egressService(machine: Machine, environment: NodeJS.ProcessEnv): Service {
  return {
    name: "egress",
    ready: () => existsSync(manifest) && (existsSync(superAdmin) || existsSync(admin)),
    program() {
      const source = existsSync(superAdmin) ? superAdmin : admin;
      mkdirSync("/run/lab", { recursive: true });
      writeFileSync(ownKubeconfig, localKubeconfig(readFileSync(source, "utf8"), machine.twin), {
        mode: 0o600,
      });
      return {
        command: programOf(machine, "node"),
        args: [
          standInOf(machine, "egress"),
          "--kubeconfig",
          ownKubeconfig,
          "--socket",
          egressSocket,
        ],
        environment,
      };
    },
  };
}

// kube-vip as a static pod: holds the control-plane address by ARP and moves it when a machine goes.

import { stringify } from "yaml";

export interface KubeVipArgs {
  /** Address to hold. */
  address: string;
  port: number;
  image: string;
}

const MANIFEST = "/etc/kubernetes/manifests/kube-vip.yaml";
const ADMIN = "/etc/kubernetes/admin.conf";
const SUPER_ADMIN = "/etc/kubernetes/super-admin.conf";

function swap(from: string, to: string): string {
  const edit = `sed -i 's#path: ${from}#path: ${to}#' ${MANIFEST}`;
  return `if [ -f /run/kubeadm/kubeadm.yaml ]; then ${edit}; fi`;
}

/**
 * Until `kubeadm init` has ended, admin.conf has no rights (Kubernetes 1.29 and later): the first machine, which
 * alone has kubeadm.yaml, uses super-admin.conf meanwhile.
 */
export const beforeKubeadm = swap(ADMIN, SUPER_ADMIN);
export const afterKubeadm = swap(SUPER_ADMIN, ADMIN);

/** The file of a KubeadmConfig that holds the pod. */
export function kubeVipFile(args: KubeVipArgs) {
  return {
    path: MANIFEST,
    owner: "root:root",
    permissions: "0644",
    content: stringify(kubeVipPod(args)),
  };
}

function kubeVipPod({ address, port, image }: KubeVipArgs) {
  const env = {
    vip_arp: "true",
    address,
    port: String(port),
    vip_subnet: "32",
    cp_enable: "true",
    cp_namespace: "kube-system",
    vip_ddns: "false",
    vip_leaderelection: "true",
    vip_leaseduration: "15",
    vip_renewdeadline: "10",
    vip_retryperiod: "2",
    svc_enable: "false",
    svc_leasename: "plndr-svcs-lock",
    svc_election: "false",
    lb_enable: "false",
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kube-vip", namespace: "kube-system" },
    spec: {
      containers: [
        {
          name: "kube-vip",
          image,
          imagePullPolicy: "IfNotPresent",
          args: ["manager"],
          env: Object.entries(env).map(([name, value]) => ({ name, value })),
          securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] } },
          volumeMounts: [{ mountPath: ADMIN, name: "kubeconfig" }],
        },
      ],
      hostAliases: [{ hostnames: ["kubernetes"], ip: "127.0.0.1" }],
      hostNetwork: true,
      volumes: [{ name: "kubeconfig", hostPath: { path: ADMIN, type: "FileOrCreate" } }],
    },
  };
}

// The audit log of the workload cluster's API servers: what scaling is made of, as the servers themselves saw it. It
// goes to their standard output, so that `kubectl logs` has it and no disk of a machine fills up. Bodies of Secrets and
// ConfigMaps are never in it.

import { stringify } from "yaml";

const POLICY_FILE = "/etc/kubernetes/audit/policy.yaml";

const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    {
      level: "Request",
      verbs: ["create", "update", "patch", "delete"],
      resources: [
        { group: "", resources: ["events", "nodes", "nodes/status", "pods/status"] },
        { group: "apps", resources: ["deployments/scale"] },
      ],
    },
    {
      level: "Metadata",
      verbs: ["delete"],
      resources: [{ group: "", resources: ["pods"] }],
    },
    { level: "Metadata", resources: [{ group: "", resources: ["services/proxy"] }] },
    { level: "None" },
  ],
};

/** The policy as a file of the control plane's machines. */
export const auditFile = {
  path: POLICY_FILE,
  owner: "root:root",
  permissions: "0600",
  content: stringify(policy),
};

/** What kubeadm tells the API server about it (ClusterConfiguration.apiServer). */
export const auditApiServer = {
  extraArgs: [
    { name: "audit-policy-file", value: POLICY_FILE },
    { name: "audit-log-path", value: "-" },
  ],
  extraVolumes: [
    {
      name: "audit-policy",
      hostPath: POLICY_FILE,
      mountPath: POLICY_FILE,
      readOnly: true,
      pathType: "File",
    },
  ],
};

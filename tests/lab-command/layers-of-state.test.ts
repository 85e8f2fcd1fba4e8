import { layersOfState } from "../../lab/layers-of-state";

const urn = (type: string, name: string) =>
  `urn:pulumi:onprem::nutanix-serverless-lab::${type}::${name}`;

test("layers that another machine made are told from the stack's state", () => {
  const image = urn("lab:index:VmImage", "node-image");
  const manager = urn("lab:index:ClusterApi$kubernetes:apps/v1:Deployment", "manager");
  const cluster = urn("lab:index:WorkloadCluster$kubernetes:x/v1:Cluster", "workload");
  const state = {
    resources: [{ urn: image }, { urn: manager, initErrors: ["not available"] }],
    pending_operations: [{ resource: { urn: cluster } }],
  };
  expect(layersOfState(state).map(({ name, state: is, seconds }) => [name, is, seconds])).toEqual([
    ["image", "ready", 0],
    ["management-cluster", "absent", 0],
    ["cluster-api", "failed", 0],
    ["workload-cluster", "creating", 0],
    ["cluster-autoscaler", "absent", 0],
    ["sample-workload", "absent", 0],
    ["scaling-test", "absent", 0],
  ]);
  expect(layersOfState({}).every(({ state: is }) => is === "absent")).toBe(true);
});

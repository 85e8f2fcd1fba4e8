// A policy pack as anybody writes one, on Pulumi's own policy SDK: what holds for every lab, and one piece of advice.

import * as policy from "@pulumi/policy";

interface Spec {
  replicas?: number;
}

new policy.PolicyPack("lab", {
  policies: [
    {
      name: "sample-starts-at-zero",
      description: "Nobody asks for a worker before the scaling test does.",
      enforcementLevel: "mandatory",
      validateResource: ({ name, props }, report) => {
        const { replicas } = (props["spec"] ?? {}) as Spec;
        if (name === "sample-deployment" && replicas !== 0) report("it has replicas");
      },
    },
    {
      name: "one-workload-cluster",
      description: "A lab has one workload cluster.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        const found = resources.filter(({ type }) => type === "lab:index:WorkloadCluster");
        if (found.length !== 1) report(`it has ${found.length}`);
      },
    },
    {
      name: "control-plane-survives",
      description: "Three machines survive the loss of one.",
      enforcementLevel: "advisory",
      validateResource: ({ type, props }, report) => {
        const { replicas = 1 } = (props["spec"] ?? {}) as Spec;
        if (type.endsWith(":KubeadmControlPlane") && replicas < 3) report(`${replicas} of 3`);
      },
    },
  ],
});

// Which pods the node refuses, and the kubelet's words for it. Pure.
import { refusalOf } from "../../../stand-ins/node/admission";
import { amountsOf, requestsOf } from "../../../stand-ins/node/resources";
import { shouldRestart } from "../../../stand-ins/node/restart-policy";
import type { Pod } from "../../../stand-ins/node/types";

const node = {
  name: "n",
  allocatable: { cpu: "2", memory: "1Gi", pods: "3" },
  labels: { zone: "a" },
};

function pod(requests: Record<string, string>, spec: Partial<Pod["spec"]> = {}): Pod {
  const containers = [{ name: "c", resources: { requests } }];
  return { metadata: { name: "p" }, spec: { containers, ...spec } };
}

test.each([
  ["cpu", pod({ cpu: "1100m" }), "OutOfcpu", "cpu, requested: 1100, used: 1000, capacity: 2000"],
  [
    "memory",
    pod({ memory: "600Mi" }),
    "OutOfmemory",
    "memory, requested: 629145600, used: 536870912, capacity: 1073741824",
  ],
  [
    "a resource that the node does not have",
    pod({ "hugepages-2Mi": "2Mi" }),
    "OutOfhugepages-2Mi",
    "hugepages-2Mi, requested: 2097152, used: 0, capacity: 0",
  ],
])("a pod that asks for too much %s", (_, asking, reason, rest) => {
  const others = [pod({ cpu: "1", memory: "512Mi" })];
  const message = `Node didn't have enough resource: ${rest}`;
  expect(refusalOf(asking, others, node)).toEqual({ reason, message });
});

test("a pod that fits, an extended resource that the node does not know, and one pod too many", () => {
  const one = pod({ cpu: "500m" });
  expect(refusalOf(one, [one], node)).toBeUndefined();
  expect(refusalOf(pod({ "example.org/gpu": "1" }), [], node)).toBeUndefined();
  expect(refusalOf(pod({}), [one, one, one], node)).toEqual({
    reason: "OutOfpods",
    message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
  });
});

test("labels, ports of the node and another system", () => {
  const port = (hostPort: number, hostIP?: string) =>
    pod({}, { containers: [{ name: "c", ports: [{ containerPort: 80, hostPort, hostIP }] }] });
  expect([
    refusalOf(pod({}, { nodeSelector: { zone: "b" } }), [], node)?.reason,
    refusalOf(port(80), [port(80)], node)?.reason,
    refusalOf(port(80, "127.0.0.1"), [port(80)], node)?.reason,
    refusalOf(port(80, "127.0.0.1"), [port(80, "127.0.0.2")], node),
    refusalOf(port(81), [port(80)], node),
    refusalOf(pod({}, { os: { name: "windows" } }), [], node)?.reason,
  ]).toEqual(["NodeAffinity", "NodePorts", "NodePorts", undefined, undefined, "PodOSNotSupported"]);
});

test("a pod takes its containers and sidecars, or its largest init container beside the sidecars before it", () => {
  const container = (name: string, cpu: string, restartPolicy?: string) => ({
    name,
    restartPolicy,
    resources: { requests: { cpu } },
  });
  const spec = {
    containers: [container("a", "100m"), container("b", "200m")],
    initContainers: [
      container("early", "350m"),
      container("side", "50m", "Always"),
      container("late", "320m"),
    ],
    overhead: { cpu: "10m" },
  };
  expect(requestsOf({ metadata: { name: "p" }, spec })).toEqual({ cpu: 380 });
});

test("amounts are whole: cpu in thousandths, the rest in units", () => {
  expect(amountsOf({ cpu: "0.1", memory: "1.5Ki", pods: "3" })).toEqual({
    cpu: 100,
    memory: 1536,
    pods: 3,
  });
});

test.each([
  ["Always", {}, 0, true],
  ["OnFailure", {}, 0, false],
  ["OnFailure", {}, 1, true],
  ["Never", {}, 1, false],
  ["Never", { restartPolicy: "Always" }, 0, true],
  ["Never", { restartPolicyRules: [rule("In", 42)] }, 42, true],
  ["Never", { restartPolicyRules: [rule("In", 42)] }, 1, false],
  ["Never", { restartPolicyRules: [rule("NotIn", 42)] }, 1, true],
])(
  "policy %s, a container with %j that ended with %i: restarted %s",
  (policy, own, code, expected) => {
    const container = { name: "c", ...own } as Pod["spec"]["containers"][number];
    expect(shouldRestart(pod({}, { restartPolicy: policy }), container, code)).toBe(expected);
  },
);

function rule(operator: string, ...values: number[]) {
  return { action: "Restart", exitCodes: { operator, values } };
}

// What depends on other nodes: pods that want each other, that keep each other away, that spread; and groups that rest.

import { BackOff } from "../../../stand-ins/cluster-autoscaler/backoff";
import type { SimulatedNode } from "../../../stand-ins/cluster-autoscaler/fits";
import { parseFlags } from "../../../stand-ins/cluster-autoscaler/flags";
import type { Pod, PodSpec } from "../../../stand-ins/cluster-autoscaler/objects";
import { pack, planScaleUp } from "../../../stand-ins/cluster-autoscaler/scale-up";

const labelSelector = { matchLabels: { app: "a" } };
const term = (topologyKey: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }],
});
const hostname = "kubernetes.io/hostname";

function pod(name: string, more: Partial<PodSpec> = {}, app = "a"): Pod {
  return {
    metadata: { name, namespace: "default", labels: { app } },
    spec: { containers: [{ resources: { requests: { cpu: "1" } } }], ...more },
  };
}

function node(name: string, zone: string, pods: Pod[] = []): SimulatedNode {
  const labels = { zone, [hostname]: name };
  return { name, labels, taints: [], free: { cpu: 8, pods: 110 }, pods };
}

const group = (zone: string, room = 9) => ({ id: zone, template: node(`new-${zone}`, zone), room });
const three = (more: Partial<PodSpec>) => ["p", "q", "r"].map((name) => pod(name, more));

const away = { affinity: { podAntiAffinity: term(hostname) } };
const together = { affinity: { podAffinity: term("zone") } };
const even = (topologyKey: string) => ({
  topologySpreadConstraints: [
    { topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector },
  ],
});

test.each<[string, Partial<PodSpec>, number]>([
  ["without wishes", {}, 1],
  ["that keep each other away", away, 3],
  ["that want each other", together, 1],
  ["that spread over the nodes there are", even(hostname), 1],
])("three small pods %s", (_, more, nodes) => {
  expect(pack(three(more), group("z1")).count).toBe(nodes);
});

test.each<[string, Pod, SimulatedNode[], (string | number)[]]>([
  ["goes where its like is", pod("p", together), [node("n", "z2", [pod("there")])], ["z2", 1]],
  [
    "goes nowhere when its like is out of reach",
    pod("p", together),
    [node("n", "z3", [pod("there")])],
    ["node(s) didn't match pod affinity rules", "node(s) didn't match pod affinity rules"],
  ],
  [
    "is kept away by one that is there",
    pod("p"),
    [
      node("m", "z1", [pod("guard", { affinity: { podAntiAffinity: term("zone") } }, "b")]),
      node("n", "z2", []),
    ],
    ["z2", 1],
  ],
  [
    "makes zones even",
    pod("p", even("zone")),
    [node("m", "z1", [pod("x"), pod("y")]), node("n", "z2", [pod("z")])],
    ["z2", 1],
  ],
])("a pod %s", (_, each, present, expected) => {
  const candidates = [group("z1"), group("z2")];
  const { growth, refused } = planScaleUp([each], candidates, ["least-waste"], present);
  const grown = growth.flatMap(({ id, count }) => [id, count]);
  expect([...grown, ...refused.flatMap(({ reasons }) => reasons)]).toEqual(expected);
});

test("expanders in a row: fewest nodes, then least waste", () => {
  const sized = (id: string, cpu: number) => ({
    id,
    room: 9,
    template: { ...node(id, "z"), free: { cpu, pods: 110 } },
  });
  const candidates = [sized("small", 1), sized("large", 16), sized("medium", 4)];
  const grown = (...names: ("least-nodes" | "least-waste")[]) =>
    planScaleUp(three({}), candidates, names).growth.map(({ id, count }) => [id, count]);
  expect(grown("least-waste")).toEqual([["small", 3]]);
  expect(grown("least-nodes", "least-waste")).toEqual([["medium", 1]]);
});

test("a group rests longer with each failure, and begins anew after a long while", () => {
  const minute = 60_000;
  const backOff = new BackOff(parseFlags(["--max-node-group-backoff-duration=15m"]));
  const rests = (at: number) => backOff.rests("a", at * minute);
  const fail = (at: number) => backOff.fail("a", "timeout", at * minute);
  fail(0);
  fail(1);
  expect([rests(4.9), rests(5)]).toEqual([true, false]);
  fail(6);
  expect([rests(15.9), rests(16)]).toEqual([true, false]);
  fail(20);
  expect([rests(34.9), rests(35), backOff.reason("a", 30 * minute)]).toEqual([
    true,
    false,
    "timeout",
  ]);
  fail(20 + 180);
  expect([rests(204.9), rests(205)]).toEqual([true, false]);
});

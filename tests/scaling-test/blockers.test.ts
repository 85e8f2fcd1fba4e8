import type { ApiEvent, ApiObject } from "../../scaling-test/api-server";
import { whatKeepsFromComing } from "../../scaling-test/blockers/coming";
import { whatKeepsFromGoing } from "../../scaling-test/blockers/going";
import { distinct } from "../../scaling-test/blockers/kinds";
import type { View } from "../../scaling-test/blockers/view";

const TIME = "2026-01-01T10:00:00Z";
const NOW = Date.parse(TIME) + 5000;

const object = (name: string, rest: object = {}, metadata: object = {}): ApiObject => ({
  metadata: { name, namespace: "demo", uid: `uid-${name}`, creationTimestamp: TIME, ...metadata },
  ...rest,
});

const refusedPod = object("hello-1", {
  status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }] },
});

const event = (reason: string, about: ApiObject, message: string): ApiEvent => ({
  ...object(`event-${reason}`),
  reason,
  message,
  involvedObject: { kind: "Pod", name: about.metadata.name, uid: about.metadata.uid },
  lastTimestamp: TIME,
});

const bounds = (min: string, max: string) => ({
  annotations: {
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": min,
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": max,
  },
});

/** Upstream's own spelling of the time. */
const statusMap = (
  text = "autoscalerStatus: Running\n",
  updated = "2026-01-01 10:00:00.1 +0000 UTC",
) => ({
  ...object(
    "cluster-autoscaler-status",
    {},
    {
      annotations: { "cluster-autoscaler.kubernetes.io/last-updated": updated },
    },
  ),
  data: { status: text },
});

const nothing: View = {
  nodes: [],
  pods: [],
  budgets: [],
  events: [],
  status: statusMap(),
  pool: object("pool", { spec: {} }, bounds("0", "3")),
  machines: [],
  infrastructure: [],
  flags: [],
  vms: [],
};

const coming = (view: Partial<View>, pods = [refusedPod]) =>
  whatKeepsFromComing({ ...nothing, ...view }, pods, "pool", { since: 0, now: NOW }).map(
    ({ kind, subject, message }) => [kind, subject, message],
  );

const refusal = (text: string) => ({
  events: [event("NotTriggerScaleUp", refusedPod, `pod didn't trigger scale-up: ${text}`)],
});

describe("what keeps a machine from coming", () => {
  test("nothing, when everything is as it should be", () => {
    expect(coming({})).toEqual([]);
  });

  test("a pool at its maximum, by the autoscaler's event", () => {
    expect(coming(refusal("1 max node group size reached"))).toEqual([
      [
        "pool-at-max",
        "demo/pool",
        "Pool demo/pool has its maximum of 3 machines, pod demo/hello-1 needs one more.",
      ],
    ]);
  });

  test("a pool that cannot fit the pod, each reason by itself", () => {
    const text = "1 Insufficient memory, 2 node(s) didn't match Pod's node affinity/selector";
    expect(coming(refusal(text)).map(([kind, , message]) => [kind, message])).toEqual([
      [
        "pod-does-not-fit",
        "Pod demo/hello-1 fits on no machine of pool demo/pool: Insufficient memory.",
      ],
      [
        "pod-does-not-fit",
        "Pod demo/hello-1 fits on no machine of pool demo/pool: node(s) didn't match Pod's node affinity/selector.",
      ],
    ]);
  });

  test("an event of another pod, or of a pod that was scheduled since, is none", () => {
    const other = object("other");
    const message = "pod didn't trigger scale-up: 1 max node group size reached";
    expect(coming({ events: [event("NotTriggerScaleUp", other, message)] })).toEqual([]);
    expect(coming(refusal("1 max node group size reached"), [object("hello-1")])).toEqual([]);
  });

  test("a pool in back-off, by the status ConfigMap with upstream's reason", () => {
    const group = {
      name: "MachineDeployment/demo/pool",
      scaleUp: { status: "Backoff", backoffInfo: { errorCode: "timeout", errorMessage: "15m" } },
    };
    const status = statusMap(JSON.stringify({ nodeGroups: [group] }));
    expect(coming({ status })).toEqual([
      [
        "pool-backs-off",
        "MachineDeployment/demo/pool",
        "The autoscaler leaves pool MachineDeployment/demo/pool alone for a while: timeout: 15m.",
      ],
    ]);
  });

  test("a full Prism Element, by CAPX's condition", () => {
    const machine = object("m-1", { spec: {}, status: {} });
    const message = "VM create task failed: host lab-pe-host-1 has no memory left";
    const nutanix = object(
      "m-1",
      { status: { conditions: [{ type: "VMProvisioned", status: "False", message }] } },
      { ownerReferences: [{ kind: "Machine", name: "m-1" }] },
    );
    expect(coming({ machines: [machine], infrastructure: [nutanix] })).toEqual([
      ["prism-refuses", "m-1", `Prism Central does not make the VM of machine m-1: ${message}`],
    ]);
  });

  test("a VM that Prism Central has not finished, by CAPX's condition of severity Info", () => {
    const message = "Task ZXJnb24=:1 has not ended yet.";
    const condition = { type: "VMProvisioned", status: "False", severity: "Info", message };
    const nutanix = object(
      "m-1",
      { status: { conditions: [condition] } },
      { ownerReferences: [{ kind: "Machine", name: "m-1" }] },
    );
    const machine = object("m-1", { spec: {}, status: {} });
    expect(coming({ machines: [machine], infrastructure: [nutanix] })).toEqual([
      ["vm-pending", "m-1", `Machine m-1 has no VM yet: ${message}`],
    ]);
  });

  test("a VM that never boots: it is on in Prism Central, and no Node comes of it", () => {
    const why = "Waiting for a Node with spec.providerID nutanix://vm-1 to exist";
    const machine = object("m-1", {
      spec: { providerID: "nutanix://vm-1" },
      status: { conditions: [{ type: "NodeReady", status: "Unknown", message: why }] },
    });
    const vms = [{ extId: "vm-1", name: "m-1", powerState: "ON" }];
    expect(coming({ machines: [machine], vms })).toEqual([
      [
        "vm-does-not-boot",
        "vm-1",
        `VM vm-1 of machine m-1 is ON, and no Node comes of it (${why}). Look at the VM's console.`,
      ],
    ]);
    const node = object("m-1", { spec: { providerID: "nutanix://vm-1" } });
    expect(coming({ machines: [machine], vms, nodes: [node] })).toEqual([]);
  });

  test("a container that waits, a silent autoscaler, a paused pool", () => {
    const waiting = { reason: "ErrImagePull", message: "no such image" };
    const pod = object("hello-1", {
      status: { containerStatuses: [{ name: "hello", state: { waiting } }] },
    });
    expect(coming({}, [pod])).toEqual([
      [
        "pod-does-not-start",
        "demo/hello-1",
        "Container hello of pod demo/hello-1 waits: ErrImagePull: no such image.",
      ],
    ]);
    const old = statusMap("", "2026-01-01 09:58:00 +0000 UTC");
    expect(coming({ status: old }).map(([kind]) => kind)).toEqual(["autoscaler-silent"]);
    const pool = object("pool", { spec: { paused: true } });
    expect(coming({ pool }).map(([kind]) => kind)).toEqual(["pool-paused"]);
  });
});

const worker = object("worker", { spec: { providerID: "nutanix://vm-1" } });
const controlPlane = object(
  "cp",
  { spec: { providerID: "nutanix://vm-0" } },
  {
    labels: { "node-role.kubernetes.io/control-plane": "" },
  },
);
const controlled = { ownerReferences: [{ kind: "ReplicaSet", name: "rs", controller: true }] };
const podOn = (name: string, spec: object = {}, metadata: object = controlled, node = "worker") =>
  object(name, { spec: { nodeName: node, ...spec } }, { labels: { app: name }, ...metadata });

const going = (view: Partial<View>) =>
  whatKeepsFromGoing({ ...nothing, nodes: [worker, controlPlane], ...view }, 0).map(
    ({ kind, subject, message }) => [kind, subject, message],
  );

describe("what keeps a machine from going", () => {
  const emptyDir = { volumes: [{ emptyDir: {} }] };
  const budget = object("all", {
    spec: { selector: { matchLabels: { app: "web" } } },
    status: { disruptionsAllowed: 0 },
  });

  test("nothing on an empty worker; pods of a DaemonSet, of the control plane, or on their way out do not count", () => {
    const pods = [
      podOn(
        "daemon",
        {},
        { ownerReferences: [{ kind: "DaemonSet", name: "d", controller: true }] },
      ),
      podOn("mirror", {}, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      podOn("elsewhere", {}, {}, "cp"),
      podOn("leaving", {}, { deletionTimestamp: TIME }),
    ];
    expect(going({ pods })).toEqual([]);
  });

  test.each([
    [
      "pdb",
      { pods: [podOn("web")], budgets: [budget] },
      "PodDisruptionBudget demo/all allows no disruption.",
    ],
    ["no-controller", { pods: [podOn("web", {}, {})] }, "it has no controller."],
    [
      "local-storage",
      { pods: [podOn("web", emptyDir)] },
      "it has an emptyDir or hostPath volume (--skip-nodes-with-local-storage).",
    ],
    [
      "no-place",
      { pods: [podOn("web", emptyDir)], flags: ["--skip-nodes-with-local-storage=false"] },
      "it still runs, and fits on no other node.",
    ],
    [
      "not-safe-to-evict",
      {
        pods: [
          podOn(
            "web",
            {},
            {
              ...controlled,
              annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
            },
          ),
        ],
      },
      "it is annotated cluster-autoscaler.kubernetes.io/safe-to-evict=false.",
    ],
  ] as [string, Partial<View>, string][])("%s", (kind, view, why) => {
    expect(going(view)).toEqual([[kind, "demo/web", `Pod demo/web keeps node worker: ${why}`]]);
  });

  test("a pod of another namespace is not the budget's", () => {
    const pods = [podOn("web", {}, { ...controlled, namespace: "other" })];
    expect(going({ pods, budgets: [budget] }).map(([kind]) => kind)).toEqual(["no-place"]);
  });

  test("a minimum, a Machine that does not go, a VM that nobody knows", () => {
    const pool = object("pool", { spec: {} }, bounds("1", "3"));
    const machine = object(
      "m-1",
      {
        spec: { providerID: "nutanix://vm-1" },
        status: {
          conditions: [{ type: "Deleting", status: "True", message: "Drain not completed" }],
        },
      },
      { deletionTimestamp: TIME },
    );
    const vms = ["vm-0", "vm-1", "vm-9"].map((extId) => ({ extId, name: `n-${extId}` }));
    expect(going({ pool, machines: [machine], vms })).toEqual([
      ["pool-min-size", "demo/pool", "Pool demo/pool must keep 1 machines: its minimum is not 0."],
      [
        "machine-deletion",
        "m-1",
        `Machine m-1 is being deleted since ${TIME}: Drain not completed`,
      ],
      [
        "vm-left",
        "vm-9",
        "VM n-vm-9 (vm-9) carries the cluster's category, and no Machine of the pool knows it.",
      ],
    ]);
  });
});

test("one thing that two sources say is told once", () => {
  const found = (source: string) => ({ kind: "pdb", subject: "a", message: "m", source });
  expect(distinct([found("x"), found("y")])).toEqual([found("x")]);
});

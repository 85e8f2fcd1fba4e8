// Why machines did not come, told with an update that failed.
import { explainFailure } from "../../lab/up";
import { troubles, type MachineObject } from "../../lab/trouble";

const machine = (name: string, status: MachineObject["status"] = {}): MachineObject => ({
  metadata: { name, uid: name, creationTimestamp: "2026-01-01T00:00:00Z" },
  status,
});

const condition = (severity: string, message: string) => ({
  conditions: [
    { type: "VMAddressesAssigned", status: "True" },
    { type: "VMProvisioned", status: "False", severity, message },
  ],
});

test("each machine that does not come is named with what is known of it", () => {
  const machines = ["fine", "refused", "given-up", "waits", "mute"].map((name) =>
    machine(name, name === "fine" ? { nodeRef: {} } : {}),
  );
  const nutanixMachines = [
    machine("fine"),
    machine("refused", condition("Error", "there is no subnet lab-vms")),
    machine("given-up", { failureMessage: "image capx was not found" }),
    machine("waits", { ...condition("Info", "there is no bootstrap data yet"), vmUUID: "uuid-1" }),
  ];
  const lastWords = new Map([
    ["uuid-1", "Booting from /disk failed: it has no /lab/image.json."],
    ["uuid-2", "up"],
  ]);
  expect(troubles({ machines, nutanixMachines, lastWords })).toEqual([
    "Machine refused: VMProvisioned is false: there is no subnet lab-vms",
    "Machine given-up: image capx was not found",
    "Machine waits: no Node has come of it. Its console ends with: Booting from /disk failed: it has no /lab/image.json.",
    "Machine mute: no Node has come of it.",
  ]);
});

test("an update that failed tells them behind the engine's errors", () => {
  const text = [
    "Diagnostics:",
    "  pulumi:pulumi:Stack (lab-dev):",
    "    error: update failed",
    "  kubernetes:cluster.x-k8s.io/v1beta2:Cluster (workload-cluster):",
    "    error: 2 errors occurred:",
    "    \t* 'lab' timed out waiting to be Ready",
    "    \t* [NotAvailable]",
    "",
    "Resources:",
  ].join("\n");
  const lines = explainFailure(text, "dev", ["Machine waits: no Node has come of it."]).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "Bringing stack dev up failed: 'lab' timed out waiting to be Ready",
    "Machine waits: no Node has come of it.",
    "",
  ]);
});

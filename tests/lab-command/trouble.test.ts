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
    machine("waits", condition("Info", "there is no bootstrap data yet")),
  ];
  const lastWords = new Map([
    ["waits", "Booting from /disk failed: it has no /lab/image.json."],
    ["fine", "up"],
  ]);
  expect(troubles({ machines, nutanixMachines, lastWords })).toEqual([
    "Machine refused: VMProvisioned is false: there is no subnet lab-vms",
    "Machine given-up: image capx was not found",
    "Machine waits: no Node has come of it. Its console ends with: Booting from /disk failed: it has no /lab/image.json.",
    "Machine mute: no Node has come of it.",
  ]);
});

test("an update that failed tells them behind the engine's errors", () => {
  const text = "Diagnostics:\n  lab:\n    error: timed out\n\nResources:\n";
  const lines = explainFailure(text, "dev", ["Machine waits: no Node has come of it."]).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "Bringing stack dev up failed: timed out",
    "Machine waits: no Node has come of it.",
    "",
  ]);
});

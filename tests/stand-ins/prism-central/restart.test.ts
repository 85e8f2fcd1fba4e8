import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const VMS = "/api/vmm/v4.2/ahv/config/vms";
const TASKS = "/api/prism/v4.2/config/tasks";

test("a restart keeps everything and takes up unfinished tasks", async () => {
  const seed = { latency: { kVmPowerOn: 60_000 } };
  const prism = new PrismCentralUnderTest(seed);
  try {
    await prism.start();
    const clusters = await prism.call("GET", "/api/clustermgmt/v4.2/config/clusters");
    const cluster = { extId: clusters.data.data[0].extId };
    const body = { name: "m1", memorySizeBytes: 2 ** 30, cluster };
    const task = await prism.task(await prism.call("POST", VMS, { body }));
    const { extId } = task["entitiesAffected"][0];
    const { headers, data } = await prism.call("GET", `${VMS}/${extId}`);
    const powerOn = await prism.call("POST", `${VMS}/${extId}/$actions/power-on`, {
      headers: { "if-match": String(headers["etag"]) },
    });
    await prism.stop();
    appendFileSync(join(prism.dataDir, "journal.ndjson"), '["vms","half');

    seed.latency = { kVmPowerOn: 0 };
    await prism.start();
    const resumed = await prism.task(powerOn);
    const after = await prism.call("GET", `${VMS}/${extId}`);
    const filter = `$filter=entitiesAffected/any(a:a/extId eq '${extId}') and status eq 'SUCCEEDED'`;
    const tasks = await prism.call("GET", `${TASKS}?${filter}`);
    expect([resumed["status"], after.data.data.name, after.data.data.powerState]).toEqual([
      "SUCCEEDED",
      data.data.name,
      "ON",
    ]);
    expect((tasks.data.data as Json[]).map((item): Json => item.operation)).toEqual([
      "kVmCreate",
      "kVmPowerOn",
    ]);

    await prism.stop();
    await prism.start();
    const third = await prism.call("GET", `${VMS}/${extId}`);
    expect([third.data.data.powerState, prism.hypervisor.calls]).toEqual(["ON", ["powerOn"]]);

    // Everything was killed, the guests too: the VM boots again from what it had.
    await prism.stop();
    prism.hypervisor.states.set(String(extId), "crashed");
    await prism.start();
    const fourth = await prism.call("GET", `${VMS}/${extId}`);
    const { calls, specs } = prism.hypervisor;
    expect([fourth.data.data.powerState, calls]).toEqual(["ON", ["powerOn", "powerOn"]]);
    expect(specs[1]).toEqual(specs[0]);
  } finally {
    await prism.remove();
  }
});

test("fault rules answer in the place of a route", async () => {
  const prism = new PrismCentralUnderTest({
    faults: [{ when: "GET /api/vmm/", fail: 503, skip: 1, times: 1 }],
  });
  try {
    await prism.start();
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await prism.call("GET", VMS)).status);
    expect(statuses).toEqual([200, 503, 200]);
  } finally {
    await prism.remove();
  }
});

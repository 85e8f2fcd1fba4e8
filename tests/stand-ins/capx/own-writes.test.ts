// What a controller has just written is newer than the copies that its watch still has.
import { KubeConfig } from "@kubernetes/client-node";
import { nutanixMachines } from "../../../stand-ins/capx/objects";
import { OwnWrites } from "../../../stand-ins/capx/own-writes";

/** An API server that answers with one version after the other. */
class Answering extends OwnWrites {
  private readonly versions: string[];

  constructor(...versions: string[]) {
    super(new KubeConfig());
    this.versions = versions;
  }

  override call(): Promise<unknown> {
    return Promise.resolve(copy("one", this.versions.shift()!));
  }
}

const copy = (uid: string, resourceVersion: string) => ({
  metadata: { name: uid, uid, resourceVersion },
});

test("a copy from before the last patch is of the past, until the object is gone", async () => {
  const writes = new Answering("9", "12");
  expect(writes.isPast(copy("one", "8"))).toBe(false);
  await writes.patch(nutanixMachines, { name: "one" }, {});
  expect([writes.isPast(copy("one", "8")), writes.isPast(copy("one", "9"))]).toEqual([true, false]);
  await writes.patch(nutanixMachines, { name: "one" }, {});
  expect([writes.isPast(copy("one", "9")), writes.isPast(copy("one", "100"))]).toEqual([
    true,
    false,
  ]);
  expect(writes.isPast(copy("another", "1"))).toBe(false);
  writes.forget(copy("one", "12"));
  expect(writes.isPast(copy("one", "9"))).toBe(false);
});

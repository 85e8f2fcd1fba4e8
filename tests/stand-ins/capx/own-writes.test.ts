// What a controller has just written is newer than the copies that its watch still has.
import { KubeConfig } from "@kubernetes/client-node";
import { nutanixMachines } from "../../../stand-ins/capx/objects";
import { OwnWrites } from "../../../stand-ins/capx/own-writes";
import type { KubeObject } from "../../../stand-ins/shared/kube-client";

/** An API server that answers with one object after the other. */
class Answering extends OwnWrites {
  private readonly answers: KubeObject[];

  constructor(...answers: KubeObject[]) {
    super(new KubeConfig());
    this.answers = answers;
  }

  override call(): Promise<unknown> {
    return Promise.resolve(this.answers.shift()!);
  }
}

const copy = (uid: string, resourceVersion: string, rest = {}): KubeObject => ({
  metadata: { name: uid, uid, resourceVersion, ...rest },
});

const versions = (writes: OwnWrites, ...copies: KubeObject[]) =>
  copies.map((each) => writes.newest(each).metadata.resourceVersion);

test("a copy from before the last patch gives way to what the patch left, until a newer one is seen", async () => {
  const writes = new Answering(copy("one", "9"), copy("one", "12"));
  expect(versions(writes, copy("one", "8"))).toEqual(["8"]);
  await writes.patch(nutanixMachines, { name: "one" }, {});
  await writes.patch(nutanixMachines, { name: "one" }, {});
  expect(versions(writes, copy("one", "9"), copy("other", "1"))).toEqual(["12", "1"]);
  expect(versions(writes, copy("one", "100"), copy("one", "101"))).toEqual(["100", "101"]);
});

test("nothing is remembered of an object that is gone", async () => {
  const gone = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [] };
  const writes = new Answering(copy("one", "9"), copy("two", "9", gone), copy("two", "9", gone));
  await writes.patch(nutanixMachines, { name: "one" }, {});
  writes.forget(copy("one", "9"));
  await writes.patch(nutanixMachines, { name: "two" }, {});
  expect(versions(writes, copy("one", "8"), copy("two", "8"))).toEqual(["8", "8"]);
});

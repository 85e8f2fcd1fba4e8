import type { EngineEvent } from "@pulumi/pulumi/automation";
import { layerOf, LayerTracker } from "../../lab/layers";

const urn = (types: string) => `urn:pulumi:dev::nutanix-serverless-lab::${types}::name`;
const CHILD = urn("lab:index:VmImage$command:local:Command");

const event = (key: string, op: string, of = CHILD) =>
  ({ [key]: { metadata: { op, urn: of } } }) as unknown as EngineEvent;

test("a resource belongs to the layer in its URN's chain of types", () => {
  expect(layerOf(CHILD)).toBe("image");
  expect(layerOf(urn("lab:index:ClusterApi$kubernetes:core/v1:Secret"))).toBe("cluster-api");
  expect(layerOf(urn("random:index/randomId:RandomId"))).toBeUndefined();
});

test("a layer lasts from the first step of its resources to the last, not while its component waits", () => {
  let now = 0;
  const tracker = new LayerTracker(() => now);
  tracker.take(event("resourcePreEvent", "create", urn("lab:index:VmImage")));
  now = 1000;
  tracker.take(event("resourcePreEvent", "create"));
  expect(tracker.underWay("image")).toEqual(["name"]);
  now = 3500;
  tracker.take(event("resOutputsEvent", "create"));
  now = 9000;
  tracker.take(event("resOutputsEvent", "create", urn("lab:index:VmImage")));
  expect(tracker.layers(true)[0]).toEqual({ name: "image", state: "ready", seconds: 2.5 });
  expect(tracker.changes("image")).toBe(1);
});

test("a layer in which nothing changed is ready after no time", () => {
  const tracker = new LayerTracker(() => 0);
  tracker.take(event("resourcePreEvent", "same"));
  expect(tracker.layers(true)[0]).toEqual({ name: "image", state: "ready", seconds: 0 });
  expect(tracker.changes("image")).toBe(0);
});

test("a failed step fails its layer, and layers that were not reached are absent", () => {
  const tracker = new LayerTracker(() => 0);
  tracker.take(event("resourcePreEvent", "create"));
  tracker.take(event("resOpFailedEvent", "create"));
  expect(tracker.layers(false).map((layer) => layer.state)).toEqual([
    "failed",
    ...Array.from({ length: 6 }, () => "absent"),
  ]);
});

import { propertyDiff } from "../../stand-ins/pulumi-plugin/property-diff";
import { mapOf, structOf } from "../../stand-ins/pulumi-plugin/struct";
import {
  Archive,
  Asset,
  mapFromWire,
  mapToWire,
  ResourceReference,
  Secret,
  UNKNOWN,
} from "../../stand-ins/pulumi-plugin/values";

const signature = "4dabf18193072939515e22adb298388d";

test("every kind of value survives the wire", () => {
  const map = {
    nothing: null,
    text: "text",
    list: [1, true, { deep: UNKNOWN }],
    secret: new Secret({ inner: [UNKNOWN] }),
    asset: new Asset({ text: "contents", hash: "ab" }),
    archive: new Archive({ assets: { file: new Asset({ path: "/file" }) }, hash: "cd" }),
    resource: new ResourceReference("urn:x", { urn: "urn:x", id: "1" }),
    bytes: new Uint8Array([1, 2, 3]),
  };
  expect(mapOf(structOf(map))).toEqual(map);
});

test("secrets and unknowns are written with Pulumi's signatures, undefined is left out", () => {
  expect(mapToWire({ secret: new Secret(UNKNOWN), gone: undefined })).toEqual({
    secret: {
      [signature]: "1b47061264138c4ac30d75fd1eb44270",
      value: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    },
  });
});

test("an output value becomes plain, secret or unknown", () => {
  const output = (fields: object) => ({
    [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
    ...fields,
  });
  expect(
    mapFromWire({
      plain: output({ value: "a", dependencies: ["urn:x"] }),
      secret: output({ value: "b", secret: true }),
      unknown: output({}),
    }),
  ).toEqual({ plain: "a", secret: new Secret("b"), unknown: UNKNOWN });
});

test("a signature nobody knows is refused", () => {
  expect(() => mapFromWire({ odd: { [signature]: "odd" } })).toThrow(
    'Reading a value failed: its signature "odd" is unknown.',
  );
});

test("a diff names paths, top-level keys and what replaces", () => {
  const olds = { same: new Secret(1), list: ["a", "b"], map: { "x.y": 1, z: 1 }, trigger: ["1"] };
  const news = { same: 1, list: ["a", "c", "d"], map: { z: UNKNOWN }, trigger: ["2"], added: true };
  expect(propertyDiff(olds, news, { replaceOn: (_, key) => key === "trigger" })).toEqual({
    changes: "some",
    diffs: ["added", "list", "map", "trigger"],
    replaces: ["trigger"],
    detailedDiff: {
      added: { kind: "add", inputDiff: true },
      "list[1]": { kind: "update", inputDiff: true },
      "list[2]": { kind: "add", inputDiff: true },
      'map["x.y"]': { kind: "delete", inputDiff: true },
      "map.z": { kind: "update", inputDiff: true },
      "trigger[0]": { kind: "update-replace", inputDiff: true },
    },
  });
  expect(propertyDiff(olds, olds)).toEqual({
    changes: "none",
    diffs: [],
    replaces: [],
    detailedDiff: {},
  });
});

test("assets are compared by their hash", () => {
  const olds = { file: new Asset({ hash: "ab" }) };
  const changes = (hash: string) =>
    propertyDiff(olds, { file: new Asset({ path: "/file", hash }) }).changes;
  expect([changes("ab"), changes("cd")]).toEqual(["none", "some"]);
});

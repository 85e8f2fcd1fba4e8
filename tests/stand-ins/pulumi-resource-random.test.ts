import type { DiffRequest } from "../../stand-ins/pulumi-plugin/provider";
import type { Secret } from "../../stand-ins/pulumi-plugin/values";
import { randomId } from "../../stand-ins/pulumi-resource-random/random-id";
import { randomPassword } from "../../stand-ins/pulumi-resource-random/random-password";
import { randomPet } from "../../stand-ins/pulumi-resource-random/random-pet";
import { randomProvider } from "../../stand-ins/pulumi-resource-random/random-provider";

test("an id is written in five notations, four of them with the prefix", () => {
  expect(randomId.adopt?.("p-,_wECAw")).toEqual({
    id: "_wECAw",
    inputs: { byteLength: 4, prefix: "p-" },
    outputs: {
      byteLength: 4,
      prefix: "p-",
      id: "_wECAw",
      b64Std: "p-/wECAw==",
      b64Url: "p-_wECAw",
      dec: "p-4278256131",
      hex: "p-ff010203",
    },
  });
});

test("a password has its length, its minimums and only allowed characters", () => {
  const inputs = { ...randomPassword.defaults, length: 12, lower: false, overrideSpecial: "_" };
  const made = randomPassword.create({ ...inputs, minSpecial: 4, minNumeric: 4 });
  const result = (made.outputs["result"] as Secret).value as string;
  expect(result).toMatch(/^[A-Z0-9_]{12}$/);
  expect(result.replace(/[^_]/g, "").length).toBeGreaterThanOrEqual(4);
  expect(result.replace(/\D/g, "").length).toBeGreaterThanOrEqual(4);
  expect(made.id).toBe("none");
});

test("number is the old name of numeric: both are the same, a difference is a problem", () => {
  expect(randomPassword.filled?.({ length: 4, numeric: false })).toMatchObject({
    number: false,
    numeric: false,
  });
  expect(randomPassword.filled?.({ length: 4, number: false })).toMatchObject({ numeric: false });
  expect(randomPassword.problem?.({ length: 4, number: false, numeric: true })).toEqual({
    property: "numeric",
    reason: "number is its old name: expected the same value in both",
  });
});

test("the least of a kind is drawn though the kind is off", () => {
  const inputs = { ...randomPassword.defaults, length: 8, numeric: false, minNumeric: 8 };
  const made = randomPassword.create(inputs);
  expect((made.outputs["result"] as Secret).value).toMatch(/^\d{8}$/);
});

test("a password shorter than its minimums is a problem", () => {
  expect(randomPassword.problem?.({ length: 3, minUpper: 4 })).toEqual({
    property: "length",
    reason: "expected length to be at least 4, got: 3",
  });
});

test("a pet has as many words as asked for, after its prefix", () => {
  const { id } = randomPet.create({ length: 3, separator: "_", prefix: "my" });
  expect(id).toMatch(/^my_[a-z]+_[a-z]+_[a-z]+$/);
});

test("a default that is written out changes nothing, anything else replaces", async () => {
  const diff = (news: DiffRequest["news"]) =>
    randomProvider().diff?.({
      type: "random:index/randomPassword:RandomPassword",
      oldInputs: { length: 8 },
      news,
    } as unknown as DiffRequest);
  expect(await diff({ length: 8, upper: true })).toEqual({
    changes: "none",
    diffs: [],
    replaces: [],
  });
  expect(await diff({ length: 8, overrideSpecial: "" })).toMatchObject({ changes: "none" });
  expect(await diff({ length: 9 })).toEqual({
    changes: "some",
    diffs: ["length"],
    replaces: ["length"],
  });
});

test("other types are refused by name", () => {
  const check = randomProvider().check as (request: object) => unknown;
  expect(() => check({ type: "random:index/randomUuid:RandomUuid", news: {} })).toThrow(
    "Making a random:index/randomUuid:RandomUuid failed: this stand-in of the random plugin only knows ",
  );
});

import { inRange, versionIn } from "../../toolchain/versions";

describe("versionIn", () => {
  test.each([
    ["v3.256.0\n", "3.256.0"],
    ["Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", "1.32.4-dispatcher"],
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"],
    ["mke2fs 1.47.0 (5-Feb-2023)", "1.47.0"],
    ["Kubernetes v1.36.3", "1.36.3"],
    ["go1.27 linux", "1.27"],
    ["skipping line: 1 2", undefined],
  ])("%j has %j", (text, version) => {
    expect(versionIn(text)).toEqual(version);
  });
});

describe("inRange", () => {
  test.each([
    ["1.35.0", true],
    ["1.34.9", false],
    ["1.37.12-gke.100", true],
    ["1.38.0", false],
  ])("%s from 1.35 below 1.38: %s", (version, expected) => {
    expect(inRange(version, { from: "1.35", below: "1.38" })).toEqual(expected);
  });

  test("compares numbers, not text", () => {
    expect(inRange("3.10.0", { from: "3.9" })).toEqual(true);
  });
});

// What the Packer at hand can judge. Packer 1.6.6 knows neither required_plugins, cd_content nor the Nutanix plugin.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { KNOWN_GOOD } from "../../config/versions";
import { packerForTests } from "../support/packer";

const recipe = path.join(__dirname, "..", "..", "packer", "ubuntu-2404");
const scripts = readdirSync(path.join(recipe, "scripts"));
const file = (name: string) => readFileSync(path.join(recipe, name), "utf8");

/** A Packer without a plugin folder, home or cloud of its own to look into. */
function packer(args: string[]): string {
  const env = { PATH: process.env["PATH"], HOME: folder, CHECKPOINT_DISABLE: "1" };
  const { stdout, stderr } = spawnSync(packerForTests(), args, { env, encoding: "utf8" });
  return `${stdout}${stderr}`.trim();
}

const isOld = () => /v1\.[0-6]\./.test(packer(["version"]));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ubuntu-2404-"));
  cpSync(recipe, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const without = (name: string) => rmSync(path.join(folder, name));
const changed = (name: string, from: RegExp | string, to: string) => {
  const text = file(name);
  expect(text.replace(from, to)).not.toBe(text);
  writeFileSync(path.join(folder, name), text.replace(from, to));
};

test("all files are formatted as Packer does", () => {
  expect(packer(["fmt", "-check", folder])).toBe("");
});

test("the syntax is right", () => {
  without("plugins.pkr.hcl");
  expect(packer(["validate", "-syntax-only", folder])).toBe(
    "Syntax-only check passed. Everything looks okay.",
  );
});

test("variables, provisioners, post-processors and the QEMU source are valid", () => {
  without("plugins.pkr.hcl");
  without("nutanix.pkr.hcl");
  changed("node-image.pkr.hcl", '    "source.nutanix.node",\n', "");
  changed("qemu.pkr.hcl", /cd_content = \{[^}]*\}[^}]*\}/, "cd_files = []");
  const variables = [
    "kubernetes_version=v1.36.3",
    `output=${folder}/capx-ubuntu-2404-v1.36.3-0123abcd.qcow2`,
    `base_image_checksum=sha256:${"5e".repeat(32)}`,
  ];
  const answer = packer(["validate", ...variables.flatMap((value) => ["-var", value]), folder]);
  // Packer 1.7 and later have the QEMU plugin only where `packer init` has been.
  expect(answer).toMatch(isOld() ? /^$/ : /configuration is valid|plugin/i);
});

test("secrets are sensitive and come from the environment", () => {
  const secrets = file("variables.pkr.hcl")
    .split(/^variable /m)
    .filter((text) => /password|secret|token/.test(text.split("\n")[0] ?? ""));
  expect(secrets).toEqual([
    '"nutanix_password" {\n  type      = string\n  default   = env("NUTANIX_PASSWORD")\n  sensitive = true\n}\n\n',
  ]);
});

test("the build runs every script once, clean-up last", () => {
  const run = [...file("node-image.pkr.hcl").matchAll(/scripts\/([\w-]+\.sh)/g)].map(
    ([, name]) => name,
  );
  expect([...run].sort()).toEqual(scripts);
  expect(run.at(-1)).toBe("clean-up.sh");
});

test.each(scripts)("%s is a shell script that stops at its first error", (name) => {
  execFileSync("sh", ["-n", path.join(recipe, "scripts", name)]);
  const [shebang, ...rest] = file(path.join("scripts", name)).split("\n");
  expect([shebang, rest.find((line) => !line.startsWith("#"))]).toEqual(["#!/bin/sh", "set -eu"]);
});

test("scripts use no variable that the build does not give", () => {
  const given = [...file("node-image.pkr.hcl").matchAll(/^ +"([A-Z_]+)=/gm)].map(
    ([, name]) => name,
  );
  const used = scripts.flatMap((name) =>
    [...file(path.join("scripts", name)).matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, used]) => used),
  );
  expect([...new Set(used)].sort()).toEqual(
    given.filter((name) => name !== "DEBIAN_FRONTEND").sort(),
  );
});

test("kube-vip is of the table of versions", () => {
  expect(/kube-vip:(v[\d.]+)/.exec(file("variables.pkr.hcl"))?.[1]).toBe(KNOWN_GOOD[0].kubeVip);
});

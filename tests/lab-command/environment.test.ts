import { readFileSync } from "node:fs";
import * as path from "node:path";
import { labEnvironment, shellExports } from "../../lab/environment";
import { keepTimes } from "../../lab/files";
import { currentLab } from "../../lab/lab";
import { withoutSecrets, withValues } from "../../lab/stack-settings";
import { judgedConfig } from "../../lab/stack-values";
import { currentLayers } from "../../lab/status";

const lab = currentLab({ LAB_SLOT: "2", LAB_DIR: "/labs/two", LAB_CACHE: "/cache" });

test("a lab's folder, ports and name follow from its slot and folder", () => {
  expect([lab.slot, lab.directory, lab.cache]).toEqual([2, "/labs/two", "/cache"]);
  expect(lab.addresses.prismCentralPort).toBe(9442);
  expect(lab.id).toMatch(/^lab-2-[0-9a-f]{8}$/);
  expect(() => currentLab({ LAB_SLOT: "16" })).toThrow("LAB_SLOT must be a whole number");
});

test("the environment keeps what the caller has chosen and puts the lab's programs first", () => {
  const own = { PATH: "/labs/two/bin:/usr/bin", PULUMI_BACKEND_URL: "s3://states" };
  const found = labEnvironment(lab, "dev", { username: "admin", password: "p" }, own);
  expect(found).toEqual({
    LAB_SLOT: "2",
    LAB_DIR: "/labs/two",
    LAB_ID: lab.id,
    LAB_CACHE: "/cache",
    PATH: "/labs/two/bin:/usr/bin",
    PULUMI_STACK: "dev",
    PULUMI_HOME: "/cache/pulumi-home",
    PULUMI_OPTION_CONFIG_FILE: "/labs/two/Pulumi.dev.yaml",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_BACKEND_URL: "s3://states",
    KUBECONFIG: "/labs/two/kubeconfig",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/labs/two/passphrase",
    NUTANIX_USERNAME: "admin",
    NUTANIX_PASSWORD: "p",
  });
});

test("no credentials are invented where there are none", () => {
  const found = labEnvironment(lab, "onprem", undefined, { PULUMI_CONFIG_PASSPHRASE: "" });
  expect(Object.keys(found)).not.toContain("NUTANIX_PASSWORD");
  expect(Object.keys(found)).not.toContain("PULUMI_CONFIG_PASSPHRASE_FILE");
});

test("exports survive a quote, and do not mark a person's shell as the lab's", () => {
  expect(shellExports({ A: "it's", LAB_ID: "lab-0-1" })).toBe("export A='it'\\''s'\n");
});

test("slot values are set only where the stack has them, comments stay", () => {
  const original = [
    "# a comment",
    "config:",
    "  nutanix-serverless-lab:prismCentral:",
    "    address: 127.0.0.1",
    "    port: 9440 # the default",
    "",
  ].join("\n");
  const changed = withValues(original, { "prismCentral.port": 9441, "image.programs": "x" });
  expect(changed).toBe(original.replace("9440", "9441"));
  for (const other of ["pc.lab.test", "127.9.0.1"]) {
    const elsewhere = original.replace("127.0.0.1", other);
    expect(withValues(elsewhere, { "prismCentral.port": 9441 })).toBe(elsewhere);
  }
});

test("a layer whose servers are silent has failed, one that was never there is absent", () => {
  const ready = { name: "management-cluster", state: "ready", seconds: 3 } as const;
  const [image, management] = currentLayers([ready], { managementCluster: false });
  expect(image).toEqual({ name: "image", state: "absent", seconds: 0 });
  expect(management).toEqual({ ...ready, state: "failed" });
});

test("a layer in which nothing changed keeps the time that it took when it was built", () => {
  const layer = (seconds: number) => ({ name: "image", state: "ready", seconds }) as const;
  expect(keepTimes([layer(0)], [layer(7)])).toEqual([layer(7)]);
  expect(keepTimes([layer(3)], [layer(7)])).toEqual([layer(3)]);
  expect(keepTimes([layer(0)], undefined)).toEqual([layer(0)]);
});

test("an encrypted address of an image is an address to whoever cannot open it", () => {
  const text = readFileSync(path.join(lab.repository, "Pulumi.nc2-aws.yaml"), "utf8");
  const image = `{ url: { secure: "v1:abc:def" }, sha256: ${"a".repeat(64)} }`;
  const encrypted = text.replace(/(nutanix-serverless-lab:image:)\n/, `$1 ${image}\n`);
  const bare = encrypted.replace(/^ {4}uuid: 0+-.*$/m, "");
  for (const read of [bare, withoutSecrets(bare)])
    expect(judgedConfig("nc2-aws", read).config?.image).toMatchObject({ from: "url" });
});

// The build's command line with the real Packer, as the command plugin runs it.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { imageName, outputFile, type RecipeSource } from "../../components/image-source";
import { VmImage } from "../../components/vm-image";
import { diff } from "../../providers/prism-image/inputs";
import { commandInputs } from "../../stand-ins/pulumi-resource-command/command-inputs";
import { runCommand } from "../../stand-ins/pulumi-resource-command/run-command";
import { packerForTests } from "../support/packer";
import { recordResources } from "../support/pulumi";

const folder = mkdtempSync(path.join(tmpdir(), "vm-image-build-"));
const prismCentral = { address: "pc.lab.test", port: 9440, insecure: false };
const kubernetesVersion = "v1.36.3";
const source: RecipeSource = {
  from: "recipe",
  recipe: path.join(folder, "recipe"),
  packer: packerForTests(),
  variables: {},
  sources: [],
  format: "img",
  output: path.join(folder, "images"),
};

const fileOf = (recipe: RecipeSource) => outputFile(recipe, imageName(recipe, kubernetesVersion));

beforeAll(() => mkdirSync(source.recipe));
afterAll(() => rmSync(folder, { recursive: true }));

/** A recipe that runs these shell lines on this machine; answers what its build registers. */
async function recipe(lines: string[]): Promise<Record<"create" | "delete", string>> {
  writeFileSync(
    path.join(source.recipe, "node.pkr.hcl"),
    `variable "kubernetes_version" { type = string }
variable "output" { type = string }
source "null" "node" { communicator = "none" }
build {
  sources = ["source.null.node"]
  provisioner "shell-local" {
    inline_shebang = "/bin/sh -e"
    inline = ${JSON.stringify(lines)}
  }
}
`,
  );
  const { resources } = await recordResources(
    () => new VmImage("image", { source, kubernetesVersion, prismCentral }),
  );
  const upload = resources.find(({ type }) => type.endsWith("prism:Image"));
  expect(upload?.dependsOn).toEqual(["image-build"]);
  const build = resources.find(({ name }) => name === "image-build");
  return build!.inputs as Record<"create" | "delete", string>;
}

const run = (command: string) =>
  runCommand({
    command,
    inputs: commandInputs({ environment: { HOME: folder, CHECKPOINT_DISABLE: "1" } }),
    signal: new AbortController().signal,
    onLine: () => undefined,
  });

test("a failed build ends with Packer's last lines, so that nothing is uploaded", async () => {
  const { create } = await recipe(["echo starting", "echo the disk is full >&2", "exit 3"]);
  const failure = run(create).then(
    () => "it went well",
    (error: unknown) => (error as Error).message,
  );
  const lines = (await failure).trimEnd().split("\n");
  expect(lines[0]).toBe(`exit status 1: running ${JSON.stringify(create)}:`);
  expect(lines).toContain("==> null.node: the disk is full");
  expect(lines.slice(-3).join("\n")).toMatch(/Script exited with non-zero exit status: 3/);
  expect(existsSync(fileOf(source))).toBe(false);
});

test("a changed recipe makes another file; the old one goes with the old build", async () => {
  const line = (text: string) => [`mkdir -p ${source.output}`, `echo ${text} >\${var.output}`];
  const first = await recipe(line("first"));
  const old = fileOf(source);
  await run(first.create);
  const second = await recipe(line("second"));
  const now = fileOf(source);
  await run(second.create);
  expect([old, now].map((file) => readFileSync(file, "utf8"))).toEqual(["first\n", "second\n"]);
  await run(first.delete);
  expect([old, now].map((file) => existsSync(file))).toEqual([false, true]);
});

test("another name is a new image, made before the old one is deleted", () => {
  const endpoint = prismCentral;
  const inputs = (name: string) => ({ name, imageType: "DISK_IMAGE", sourcePath: name, endpoint });
  const olds = { ...inputs("capx-1"), uuid: "u", sizeBytes: 1, contentSha256: "5e" };
  expect(diff(olds, inputs("capx-2"))).toEqual({
    changes: true,
    replaces: ["name"],
    deleteBeforeReplace: false,
  });
});

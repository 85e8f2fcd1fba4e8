import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type ImageSource, imageName, type RecipeSource } from "../../components/image-source";
import { VmImage } from "../../components/vm-image";
import { recordResources } from "../support/pulumi";

process.chdir(path.join(__dirname, "..", ".."));

const folder = mkdtempSync(path.join(tmpdir(), "vm-image-"));
afterAll(() => rmSync(folder, { recursive: true }));

const prismCentral = { address: "pc.lab.example", port: 9440, insecure: false };
const kubernetesVersion = "v1.36.3";
const sha256 = "5e".repeat(32);
const uuid = "3f1c7a52-0000-4000-8000-000000000001";
const component = { type: "lab:index:VmImage", name: "image", inputs: {} };

const recipe: RecipeSource = {
  from: "recipe",
  recipe: "tests/support/recipe",
  packer: "packer",
  variables: {},
  sources: [],
  format: "img",
  output: ".lab/images",
};

const record = (source: ImageSource) =>
  recordResources(() => new VmImage("image", { source, kubernetesVersion, prismCentral }));

/** An image of our own, as Prism Central is asked for it. */
const prismImage = (name: string, more: object, dependsOn?: string[]) => ({
  type: "pulumi-nodejs:dynamic/prism:Image",
  name: "image",
  parent: "image",
  ...(dependsOn && { dependsOn }),
  inputs: {
    name,
    description: "Node image for Kubernetes v1.36.3",
    imageType: "DISK_IMAGE",
    endpoint: prismCentral,
    ...more,
  },
});

test("a recipe is built, then uploaded", async () => {
  const source = { ...recipe, programs: ".lab/bin", standIns: ".lab/dist" };
  const { result, resources } = await record(source);
  const name = result.imageName;
  expect(name).toMatch(/^capx-recipe-v1\.36\.3-[0-9a-f]{8}$/);
  expect(resources).toEqual([
    component,
    prismImage(name, { sourcePath: `.lab/images/${name}.img` }, ["image-build"]),
    {
      type: "command:local:Command",
      name: "image-build",
      parent: "image",
      inputs: {
        create:
          "packer build -color=false -var programs_dir=.lab/bin -var stand_ins_dir=.lab/dist " +
          `-var kubernetes_version=v1.36.3 -var output=.lab/images/${name}.img tests/support/recipe`,
        delete: `rm -f .lab/images/${name}.img .lab/images/${name}.img.manifest.json`,
        triggers: [name],
      },
    },
  ]);
});

test("one source of a recipe, with variables of its own", async () => {
  const variables = { mirror: "https://mirror.example/a b" };
  const { result, resources } = await record({
    ...recipe,
    only: "qemu.node",
    variables,
    format: "qcow2",
  });
  const file = `.lab/images/${result.imageName}.qcow2`;
  expect(resources.map(({ inputs }) => inputs["create"] ?? inputs["sourcePath"])).toEqual([
    undefined,
    file,
    `packer build -color=false -only=qemu.node -var kubernetes_version=v1.36.3 -var output=${file} ` +
      "-var 'mirror=https://mirror.example/a b' tests/support/recipe",
  ]);
});

test("a file is uploaded as it is", async () => {
  const { resources } = await record({ from: "file", file: "images/node.qcow2", sha256 });
  const inputs = { sourcePath: "images/node.qcow2", sha256 };
  expect(resources).toEqual([component, prismImage("capx-file-v1.36.3-5e5e5e5e", inputs)]);
});

test("an image is placed where the program says", async () => {
  const source = { from: "file" as const, file: "disk.img", sha256 };
  const args = { source, kubernetesVersion, prismCentral, prismElement: "lab-pe" };
  const { result, resources } = await recordResources(() => new VmImage("image", args));
  const more = { sourcePath: "disk.img", sha256, prismElement: "lab-pe" };
  expect(resources).toEqual([component, prismImage(result.imageName, more)]);
});

test("an address is fetched by Prism Central", async () => {
  const url = "https://files.example/node.qcow2";
  const { resources } = await record({ from: "url", url, sha256 });
  const inputs = { sourceUri: url, sha256 };
  expect(resources).toEqual([component, prismImage("capx-url-v1.36.3-5e5e5e5e", inputs)]);
});

test("an address that holds its own permission is a secret, and may be signed anew", async () => {
  const url = "https://bucket.example/node.qcow2?X-Amz-Signature=0123";
  const { resources } = await record({ from: "url", url, sha256 });
  const inputs = { sourceUri: { secret: url }, sha256 };
  expect(resources).toEqual([component, prismImage("capx-url-v1.36.3-5e5e5e5e", inputs)]);
});

test.each<[string, ImageSource & { from: "prism" }]>([
  ["UUID", { from: "prism", uuid }],
  ["name", { from: "prism", name: "ubuntu-2404-kube-v1.36.3" }],
])("an image that is in Prism Central is looked up by %s", async (_, { from, ...wanted }) => {
  const { result, resources } = await record({ from, ...wanted });
  expect(resources).toEqual([
    component,
    {
      type: "pulumi-nodejs:dynamic/prism:ImageReference",
      name: "image",
      parent: "image",
      inputs: { ...wanted, endpoint: prismCentral },
    },
  ]);
  expect(result.imageName).toBe(Object.values(wanted)[0]);
});

describe("the name", () => {
  const nameOf = (changes: Partial<RecipeSource>) =>
    imageName({ ...recipe, ...changes }, kubernetesVersion);

  test("stays while only places change", () => {
    const copy = path.join(folder, "recipe");
    cpSync(recipe.recipe, copy, { recursive: true });
    const places = { packer: "/opt/packer", programs: "/p", standIns: "/s", output: "/o" };
    expect(nameOf({ recipe: copy, ...places })).toBe(nameOf({}));
  });

  test.each<[string, Partial<RecipeSource>]>([
    ["a variable", { variables: { mirror: "https://mirror.example" } }],
    ["the template's source", { only: "qemu.node" }],
    ["what its programs are made from", { sources: ["package.json"] }],
  ])("changes with %s", (_, changes) => {
    expect(nameOf(changes)).not.toBe(nameOf({}));
  });

  test("of a file without a checksum comes from its content, read in pieces", () => {
    const file = path.join(folder, "disk.img");
    writeFileSync(file, Buffer.alloc(3 * 1024 * 1024 + 1, "disk"));
    const digest = createHash("sha256")
      .update(Buffer.alloc(3 * 1024 * 1024 + 1, "disk"))
      .digest();
    const expected = createHash("sha256").update("v1.36.3\0\0").update(digest).digest("hex");
    expect(imageName({ from: "file", file }, kubernetesVersion)).toBe(
      `capx-file-v1.36.3-${expected.slice(0, 8)}`,
    );
  });
});

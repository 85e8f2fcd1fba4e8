import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const recipe = join(__dirname, "..", "..", "packer", "embedded");
const programs = [
  "container-shim",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubeadm",
  "kubectl",
  "kubelet-streams",
  "node",
];

describe("the node image", () => {
  const folder = mkdtempSync(join(tmpdir(), "node-image-"));
  const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  const build = (output: string, more: Record<string, string> = {}) =>
    execFileSync("sh", [join(recipe, "build.sh")], {
      encoding: "utf8",
      stdio: "pipe",
      env: {
        PATH,
        PROGRAMS_DIR: join(folder, "programs"),
        STAND_INS_DIR: join(folder, "dist"),
        KUBERNETES_VERSION: "v1.36.3",
        OUTPUT: join(folder, output),
        RECIPE_DIR: recipe,
        ...more,
      },
    });

  beforeAll(() => {
    for (const name of ["programs", "dist"]) mkdirSync(join(folder, name));
    for (const name of programs) {
      writeFileSync(join(folder, "programs", name), `#!/bin/sh\necho ${name}\n`);
      chmodSync(join(folder, "programs", name), 0o755);
    }
    writeFileSync(join(folder, "dist", "guest.cjs"), "// guest\n");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("holds the node's programs, its stand-ins and a manifest", () => {
    build("node.img");
    const root = join(folder, "root");
    mkdirSync(root);
    execFileSync("debugfs", ["-R", `rdump / ${root}`, join(folder, "node.img")], {
      env: { PATH },
      stdio: "ignore",
    });
    const files = execFileSync("find", [".", "-type", "f"], { cwd: root, encoding: "utf8" });
    expect(files.trim().split("\n").sort()).toEqual(
      [
        "./etc/lab-image.yaml",
        "./etc/lab/catalogue.yaml",
        "./etc/lab/egress-selector.yaml",
        ...programs.map((name) => `./usr/bin/${name}`),
        "./usr/lib/lab/guest.cjs",
        ...["ip", "kubeadm", "kubelet", "systemctl"].map((name) => `./usr/local/bin/${name}`),
      ].sort(),
    );
    expect(execFileSync(join(root, "usr/bin/etcd"), { encoding: "utf8" })).toBe("etcd\n");
    expect(readFileSync(join(root, "etc/lab-image.yaml"), "utf8").replace(/^arch.*\n/m, "")).toBe(
      "format: 1\nkubernetes: v1.36.3\nguest: process\ninit: [usr/bin/node, usr/lib/lab/guest.cjs]\n",
    );
  });

  test("of simulated workers holds what plays them, and no more", () => {
    writeFileSync(join(folder, "dist", "kwok-guest.cjs"), "// kwok-guest\n");
    build("kwok.img", { GUEST: "kwok" });
    const list = (path: string) =>
      execFileSync("debugfs", ["-R", `ls -p ${path}`, join(folder, "kwok.img")], {
        env: { PATH },
        encoding: "utf8",
      })
        .split("\n")
        .flatMap((line) => line.split("/")[5] ?? [])
        .filter((name) => !name.startsWith("."));
    expect([list("/usr/bin"), list("/usr/lib/lab"), list("/usr/local/bin")]).toEqual([
      ["node"],
      ["kwok-guest.cjs"],
      [],
    ]);
    const manifest = execFileSync(
      "debugfs",
      ["-R", "cat /etc/lab-image.yaml", join(folder, "kwok.img")],
      { env: { PATH }, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(manifest.replace(/^arch.*\n/m, "")).toBe(
      "format: 1\nkubernetes: v1.36.3\nguest: kwok\ninit: [usr/bin/node, usr/lib/lab/kwok-guest.cjs]\n",
    );
    expect(() => build("none.img", { GUEST: "docker" })).toThrow('there is no guest "docker"');
  });

  test("is the same to the byte when it is built again", () => {
    build("again.img");
    const [first, again] = ["node.img", "again.img"].map((name) =>
      readFileSync(join(folder, name)),
    );
    expect(again!.equals(first!)).toBe(true);
    const lastWrite = 1024 + 0x30;
    expect(first!.readUInt32LE(lastWrite)).toBe(1);
  });

  test("is not made without a program", () => {
    expect(() => build("none.img", { PROGRAMS_DIR: folder })).toThrow(
      `Making the node image failed: ${folder}/kubeadm does not exist.`,
    );
  });
});

test.each([
  [["link", "set", "dev", "none9", "mtu", "1442"], 'Cannot find device "none9"\n'],
  [
    ["address", "add", "10.0.0.1/24", "dev", "lo"],
    "ip address add 10.0.0.1/24 dev lo: this guest only does `ip link set dev NIC mtu BYTES`.\n",
  ],
])("the guest's ip refuses %j", (words, said) => {
  const { status, stderr } = spawnSync("sh", [join(recipe, "ip.sh"), ...words], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([1, said]);
});

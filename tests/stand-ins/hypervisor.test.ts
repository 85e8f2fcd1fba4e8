import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHypervisor } from "../../stand-ins/hypervisor/index";
import { foldersOf, hostsOf } from "../../stand-ins/hypervisor/machine-folders";
import { keptBinds, startScript, unshareArguments } from "../../stand-ins/hypervisor/mount-plan";
import { identify } from "../../stand-ins/shared/process";
import type { GuestSpec, Hypervisor } from "../../stand-ins/hypervisor/types";

const nic = { macAddress: "50:6b:8d:00:00:01", ipAddress: "198.18.80.99", prefixLength: 24 };

describe("the plan of a guest's mounts", () => {
  const plan = {
    folders: foldersOf("/home/a/vms", "ext-1"),
    imageRoot: "/home/a/boot/sha",
    init: ["bin/init", "it's"],
  };

  test("lays the machine's folders over the host's and starts the image's init", () => {
    const lines = startScript(plan).split("\n");
    expect(lines.filter((line) => /^(mount|exec|\[)/.test(line))).toEqual([
      "mount --rbind '/home/a/vms/ext-1/etc' /etc || fail /etc",
      "mount --rbind '/home/a/vms/ext-1/var-lib' /var/lib || fail /var/lib",
      "mount --rbind '/home/a/vms/ext-1/run' /run || fail /run",
      "mount --rbind '/home/a/vms/ext-1/tmp' /tmp || fail /tmp",
      "[ ! -d /sys/class/net ] || mount --rbind '/home/a/vms/ext-1/net' /sys/class/net || fail /sys/class/net",
      `mount -t proc proc /proc 2>/dev/null || echo "/proc stays the host's: this system does not allow another one." >&2`,
      "exec '/home/a/boot/sha/bin/init' '/home/a/boot/sha/it'\\''s'",
    ]);
  });

  test("keeps the image and the machine in sight when they lie below /tmp", () => {
    const folders = foldersOf("/tmp/lab/vms", "ext-1");
    expect(keptBinds({ ...plan, folders })).toEqual([
      { from: "/tmp/lab/vms/ext-1", to: "/tmp/lab/vms/ext-1/tmp/lab/vms/ext-1" },
    ]);
  });

  test("asks for a user namespace unless it is root", () => {
    expect(unshareArguments(true)).toEqual([
      "--mount",
      "--uts",
      "--pid",
      "--fork",
      "--kill-child=SIGKILL",
    ]);
    expect(unshareArguments(false).slice(0, 2)).toEqual(["--user", "--map-root-user"]);
  });
});

test("/etc/hosts names the machine by its NIC", () => {
  const spec: GuestSpec = { extId: "e", name: "node-1", vcpus: 1, memoryBytes: 1, nics: [nic] };
  expect(hostsOf(spec)).toBe(
    "127.0.0.1 localhost\n::1 localhost ip6-localhost\n198.18.80.99 node-1\n",
  );
});

describe("a guest booted from a tiny image", () => {
  const folder = mkdtempSync(join(tmpdir(), "hypervisor-"));
  const options = {
    vmsDir: join(folder, "vms"),
    imagesDir: join(folder, "boot"),
    environment: { LAB_ID: "lab-test" },
  };
  const extId = "aaaaaaaa-0000-4000-8000-000000000001";
  const spec: GuestSpec = {
    extId,
    name: "tiny",
    vcpus: 1,
    memoryBytes: 2 ** 30,
    disk: { path: join(folder, "tiny.img"), sha256: "tiny" },
    userData: "#cloud-config\n",
    nics: [nic],
  };
  let hypervisor: Hypervisor;

  beforeAll(() => {
    makeImage(
      join(folder, "tiny.img"),
      { "etc/lab-image.yaml": "format: 1\ninit: [bin/init]\n", "etc/marker": "image\n" },
      `#!/bin/sh\necho "up $$ $LAB_ID $(cat /etc/marker) $(cat /etc/hostname)"\nsleep 1000 &\necho $! >/run/child\nwait\n`,
    );
    writeFileSync(join(folder, "noise.img"), Buffer.alloc(65536, 7));
    makeImage(join(folder, "newer.img"), { "etc/lab-image.yaml": "format: 2\n" }, "#!/bin/sh\n");
    const strange = "format: 1\nguest: docker\ninit: [bin/init]\n";
    makeImage(join(folder, "strange.img"), { "etc/lab-image.yaml": strange }, "#!/bin/sh\n");
    makeImage(join(folder, "other.img"), { "etc/issue": "another system\n" }, "#!/bin/sh\n");
    hypervisor = createHypervisor(options);
  });

  afterAll(async () => {
    await hypervisor.remove(extId);
    rmSync(folder, { recursive: true, force: true });
  });

  test("runs in its own namespaces, is found again by a new hypervisor and ends as a whole", async () => {
    expect(hypervisor.state(extId)).toBe("stopped");
    await hypervisor.powerOn(spec);
    const console = await eventually(() => consoleOf(hypervisor, extId), /up/);
    expect(console.trim()).toBe("up 1 lab-test image tiny");
    const child = join(options.vmsDir, extId, "run", "child");
    await eventually(() => (existsSync(child) ? readFileSync(child, "utf8") : ""), /\d/);
    const second = createHypervisor(options);
    expect(second.state(extId)).toBe("running");
    const marks = JSON.parse(
      readFileSync(join(options.vmsDir, extId, "processes.json"), "utf8"),
    ) as { init: { pid: number }; holder: { pid: number } };
    expect(readFileSync(`/proc/${marks.init.pid}/cmdline`, "utf8")).toContain(
      join(options.imagesDir, "tiny", "bin", "init"),
    );
    await second.powerOff(extId);
    expect([identify(marks.init.pid), identify(marks.holder.pid)]).toEqual([undefined, undefined]);
    expect(second.state(extId)).toBe("stopped");
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(folder);
  });

  test("a power-off during a power-on waits for it, and nothing is left", async () => {
    const on = hypervisor.powerOn(spec);
    await hypervisor.powerOff(extId);
    await on;
    expect(hypervisor.state(extId)).toBe("stopped");
  });

  test("is crashed when its first process ends by itself", async () => {
    await hypervisor.powerOn(spec);
    const { init } = JSON.parse(
      readFileSync(join(options.vmsDir, extId, "processes.json"), "utf8"),
    ) as { init: { pid: number } };
    process.kill(init.pid, "SIGKILL");
    await eventually(() => hypervisor.state(extId), /crashed/);
    await hypervisor.remove(extId);
    expect([hypervisor.state(extId), existsSync(join(options.vmsDir, extId))]).toEqual([
      "stopped",
      false,
    ]);
  });

  test.each([
    ["noise.img", /noise\.img failed: it is no ext4 file system \(debugfs: .*\)\. Give the VM/],
    ["other.img", /other\.img failed: it has no \/etc\/lab-image\.yaml\. Give the VM/],
    ["newer.img", /newer\.img failed: \/etc\/lab-image\.yaml has format 2, this machine boots/],
    ["strange.img", /strange\.img failed: \/etc\/lab-image\.yaml has guest docker, this machine/],
    [undefined, /Booting tiny failed: no bootable device\. Give the VM a disk\./],
  ])("does not boot from %s, and says so on its console", async (file, sentence) => {
    const disk = file === undefined ? undefined : { path: join(folder, file), sha256: file };
    await expect(hypervisor.powerOn({ ...spec, disk })).rejects.toThrow(sentence);
    expect(consoleOf(hypervisor, extId).trim().split("\n").pop()).toMatch(sentence);
    expect(hypervisor.state(extId)).toBe("crashed");
    await hypervisor.remove(extId);
  });
});

describe("machines of a kwok image", () => {
  const folder = mkdtempSync(join(tmpdir(), "hypervisor-kwok-"));
  const options = {
    vmsDir: join(folder, "vms"),
    imagesDir: join(folder, "boot"),
    environment: { LAB_ID: "lab-test" },
  };
  const specOf = (number: number): GuestSpec => ({
    extId: `aaaaaaaa-0000-4000-8000-00000000000${number}`,
    name: `node-${number}`,
    vcpus: 1,
    memoryBytes: 2 ** 30,
    disk: { path: join(folder, "kwok.img"), sha256: "kwok" },
    userData: "#cloud-config\n",
    nics: [nic],
  });
  const [one, two] = [specOf(1), specOf(2)];
  const playerOf = ({ extId }: GuestSpec) =>
    (
      JSON.parse(readFileSync(join(options.vmsDir, extId, "processes.json"), "utf8")) as {
        init: { pid: number; start: string };
      }
    ).init;
  let hypervisor: Hypervisor;

  beforeAll(() => {
    // Plays each linked machine by a file on its disk, and lets go of the others.
    const player = `#!/bin/sh
while sleep 0.02; do
  for link in "$1"/*; do
    if [ -e "$link/." ] && [ ! -e "$link/started" ]; then echo boot >>"$link/var-lib/boots"; : >"$link/started"; fi
  done
  for machine in "${options.vmsDir}"/*; do [ -L "$1/$(basename "$machine")" ] || rm -f "$machine/started"; done
done
`;
    const manifest = "format: 1\nguest: kwok\ninit: [bin/init]\n";
    makeImage(join(folder, "kwok.img"), { "etc/lab-image.yaml": manifest }, player);
    hypervisor = createHypervisor(options);
  });

  afterAll(async () => {
    const { pid } = playerOf(one);
    for (const { extId } of [one, two]) await hypervisor.remove(extId);
    process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  test("are played by one process, each with its own power switch and disk", async () => {
    await Promise.all([one, two].map((spec) => hypervisor.powerOn(spec)));
    expect(playerOf(one)).toEqual(playerOf(two));
    await hypervisor.powerOff(one.extId);
    expect([one, two].map(({ extId }) => hypervisor.state(extId))).toEqual(["stopped", "running"]);
    await hypervisor.powerOn(one);
    expect(readFileSync(join(options.vmsDir, one.extId, "var-lib", "boots"), "utf8")).toBe(
      "boot\nboot\n",
    );
  });

  test("crash with their process, and boot again from their disks, each when it is told to", async () => {
    const before = playerOf(one);
    process.kill(before.pid, "SIGKILL");
    await eventually(
      () => [one, two].map(({ extId }) => hypervisor.state(extId)).join(),
      /crashed,crashed/,
    );
    await hypervisor.powerOn(one);
    expect(playerOf(one)).not.toEqual(before);
    expect([one, two].map(({ extId }) => hypervisor.state(extId))).toEqual(["running", "crashed"]);
  });
});

function consoleOf(hypervisor: Hypervisor, extId: string): string {
  return readFileSync(hypervisor.consoleFile(extId), "utf8");
}

/** A file system of a few files and /bin/init. */
function makeImage(file: string, files: Record<string, string>, init: string): void {
  const root = mkdtempSync(join(tmpdir(), "image-"));
  for (const [path, content] of Object.entries({ ...files, "bin/init": init })) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  chmodSync(join(root, "bin/init"), 0o755);
  const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  execFileSync("mke2fs", ["-q", "-F", "-t", "ext4", "-d", root, file, "2M"], { env: { PATH } });
  rmSync(root, { recursive: true });
}

/** Waits, at most five seconds, until what is read matches. */
async function eventually(read: () => string, expected: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 250; attempt++) {
    const value = read();
    if (expected.test(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited 5 s for ${String(expected)}, and read: ${read()}`);
}

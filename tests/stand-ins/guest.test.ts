import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { fillTemplate, planBoot, scriptOf } from "../../stand-ins/guest/cloud-config";
import { createConsole, lineSplitter } from "../../stand-ins/guest/console";
import type { Machine } from "../../stand-ins/guest/hardware";
import { kubeletArguments, readFlags } from "../../stand-ins/guest/kubelet";
import { backOff } from "../../stand-ins/guest/service";

describe("cloud-config", () => {
  test("becomes a plan, as Cluster API writes it", () => {
    const zipped = gzipSync("zipped\n").toString("base64");
    const userData = `## template: jinja
#cloud-config

write_files:
-   path: /a
    owner: root:root
    permissions: '0640'
    content: |
      host {{ ds.meta_data.hostname }} {{ unknown }}
-   { path: /b, encoding: gzip+base64, content: ${zipped}, permissions: 0600 }
-   { path: /c, encoding: b64, content: Yw==, append: true }
runcmd:
  - 'kubeadm init --config /a  && echo success > /done'
  - [echo, "it's", 3]
ntp: { enabled: true }
`;
    expect(planBoot(userData, { hostname: "node-1" })).toEqual({
      hostname: "node-1",
      files: [
        {
          path: "/a",
          content: Buffer.from("host node-1 {{ unknown }}\n"),
          mode: 0o640,
          owner: "root:root",
          append: false,
        },
        {
          path: "/b",
          content: Buffer.from("zipped\n"),
          mode: 0o600,
          owner: undefined,
          append: false,
        },
        { path: "/c", content: Buffer.from("c"), mode: 0o644, owner: undefined, append: true },
      ],
      bootCommands: [],
      commands: ["kubeadm init --config /a  && echo success > /done", "'echo' 'it'\\''s' '3'"],
      ignored: ["ntp"],
    });
  });

  test("is left alone without the template's first line", () => {
    expect(fillTemplate("#cloud-config\n{{ ds.meta_data.hostname }}", { hostname: "a" })).toBe(
      "#cloud-config\n{{ ds.meta_data.hostname }}",
    );
  });

  test.each([
    ["#!/bin/sh", 'its first line is "#!/bin/sh", not "#cloud-config"'],
    [
      "#cloud-config\nwrite_files: [{ path: /a, encoding: rot13 }]",
      '/a has the unknown encoding "rot13"',
    ],
    ["#cloud-config\nwrite_files: [{ content: a }]", "an entry has no path"],
  ])("refuses %j", (userData, sentence) => {
    expect(() => planBoot(userData, {})).toThrow(sentence);
  });

  test("its commands run as one script, and a failing one is reported", () => {
    const script = scriptOf(["A=1", "false", "echo a$A; echo b >&2", "(exit 4)"], "MARK");
    const output = execFileSync("sh", ["-c", script], { encoding: "utf8" });
    expect(output.split("\n")).toEqual(["MARK 1 1", "a1", "b", "MARK 3 4", ""]);
  });
});

test("the kubelet's command line says what the machine is", () => {
  const machine: Machine = {
    hardware: {
      extId: "ext-1",
      name: "node-1",
      vcpus: 2,
      memoryBytes: 4 * 2 ** 30,
      nics: [],
    },
    imageRoot: "/boot/sha",
    kubernetesVersion: "v1.36.4",
    configDrive: "",
    address: "198.18.80.50",
    twin: "127.18.80.50",
  };
  const flags = readFlags(
    'KUBELET_KUBEADM_ARGS="--cloud-provider=external --node-labels=a=b --register-with-taints=c=d:NoSchedule --hostname-override=node-2"\n',
  );
  const words = kubeletArguments(machine, flags, ["/user.yaml"]);
  expect(
    words.filter((_, index) => index % 2 === 0).map((flag, index) => [flag, words[2 * index + 1]]),
  ).toEqual([
    ["--config", "/var/lib/kubelet/config.yaml"],
    ["--bootstrap-kubeconfig", "/etc/kubernetes/bootstrap-kubelet.conf"],
    ["--kubeconfig", "/etc/kubernetes/kubelet.conf"],
    ["--hostname-override", "node-2"],
    ["--node-ip", "198.18.80.50"],
    ["--system-uuid", "ext-1"],
    ["--cloud-provider", "external"],
    ["--kubelet-version", "v1.36.4"],
    ["--capacity", "cpu=2,memory=4194304Ki"],
    ["--catalogue", "/etc/lab/catalogue.yaml,/user.yaml"],
    ["--root-dir", "/var/lib/kubelet"],
    ["--streams", "/boot/sha/usr/bin/kubelet-streams"],
    ["--node-labels", "a=b"],
    ["--register-with-taints", "c=d:NoSchedule"],
    ["--var", "image=/boot/sha"],
    ["--var", "bin=/boot/sha/usr/bin"],
    ["--var", "dist=/boot/sha/usr/lib/lab"],
    ["--var", "vm=ext-1"],
    ["--var", "etcd=198-18-80-50.etcd.internal"],
  ]);
  const alone = kubeletArguments(machine, readFlags(""), []);
  expect(alone[alone.indexOf("--provider-id") + 1]).toBe("nutanix://ext-1");
  expect(alone).not.toContain("--cloud-provider");
});

test("the console gives each line its time and its source", () => {
  const lines: string[] = [];
  const console = createConsole(
    (line) => lines.push(line),
    () => new Date(0),
  );
  const splitter = lineSplitter((line) => console.say("kubelet", line));
  splitter.push("one\ntw");
  splitter.push("o\nthree");
  splitter.end();
  expect(lines).toEqual([
    "1970-01-01T00:00:00.000Z kubelet: one\n",
    "1970-01-01T00:00:00.000Z kubelet: two\n",
    "1970-01-01T00:00:00.000Z kubelet: three\n",
  ]);
});

test("a service that keeps ending is started less and less often", () => {
  expect([1, 2, 3, 7, 20].map(backOff)).toEqual([500, 1000, 2000, 30_000, 30_000]);
});

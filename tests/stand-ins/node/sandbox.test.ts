// A container's mounts on a machine that lacks the mount points: what is opened, what is bound, in which order.
import { folderToOpen, planSandbox, quote, sandboxArgv } from "../../../stand-ins/shared/sandbox";
import type { HostView } from "../../../stand-ins/shared/sandbox";

const folders = ["/", "/run", "/tmp", "/etc", "/var", "/var/lib", "/var/lib/etcd"];
const links: Record<string, string> = {
  "/var/run": "../run",
  "/var/mail": "lib",
  "/loop": "/loop",
};
const host: HostView = {
  kind(path) {
    if (path in links) return "link";
    if (path === "/etc/hosts") return "file";
    return folders.includes(path) ? "folder" : "missing";
  },
  link: (path) => links[path] ?? "",
};

test.each([
  ["/var/lib/etcd", undefined],
  ["/etc/hosts", undefined],
  ["/var/run/secrets/kubernetes.io/serviceaccount", "/run"],
  ["/tmp/k8s-webhook-server/serving-certs", "/tmp"],
  ["/var/mail/box", "/var/lib"],
  ["/data", "/"],
])("the folder to open for %s", (path, expected) => {
  expect(folderToOpen(path, host)).toBe(expected);
});

test("a mount point under a file is refused", () => {
  expect(() => folderToOpen("/etc/hosts/x", host)).toThrow(
    "Mounting at /etc/hosts/x failed: /etc/hosts is a file here.",
  );
});

test("a loop of links is refused", () => {
  expect(() => folderToOpen("/loop", host)).toThrow("/loop has too many links.");
});

test("shallow targets are bound first, and a target inside of another opens nothing", () => {
  const plan = planSandbox(
    [
      { source: "/v/sub", target: "/tmp/a/sub" },
      { source: "/v/token", target: "/var/run/secrets/t", readOnly: true },
      { source: "/v/a", target: "/tmp/a/" },
      { source: "/var/lib/etcd", target: "/var/lib/etcd" },
      { source: "/v/m", target: "/etc/member" },
      { source: "/v/e", target: "/etc" },
    ],
    host,
  );
  expect(plan).toEqual({
    open: ["/tmp", "/run"],
    binds: [
      { source: "/v/e", target: "/etc" },
      { source: "/v/a", target: "/tmp/a" },
      { source: "/v/m", target: "/etc/member" },
      { source: "/v/sub", target: "/tmp/a/sub" },
      { source: "/v/token", target: "/var/run/secrets/t", readOnly: true },
    ],
  });
});

test("ordinary users get a user namespace, and the program's words are passed behind the script", () => {
  const command = { plan: { open: [], binds: [] }, scratch: "/s", argv: ["a b", "$c"] };
  const asUser = sandboxArgv({ ...command, userNamespace: true });
  const asRoot = sandboxArgv({ ...command, userNamespace: false, workingDir: "/it's" });
  expect([asUser.slice(0, 6), asUser.slice(7)]).toEqual([
    ["unshare", "--user", "--map-root-user", "--mount", "--", "/bin/sh"],
    [expect.any(String), "sandbox", "a b", "$c"],
  ]);
  expect(asRoot).toEqual([
    "unshare",
    "--mount",
    "--",
    "/bin/sh",
    "-c",
    `set -e
path="$PATH"
PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd '/it'\\''s'
PATH="$path"
exec "$@"`,
    "sandbox",
    "a b",
    "$c",
  ]);
});

test("quoting keeps a word one word", () => {
  expect(quote("it's $(x)")).toBe(`'it'\\''s $(x)'`);
});

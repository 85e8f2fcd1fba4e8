// How a guest's view of the file system differs from the host's, as the shell script that makes it so. There is no
// chroot: programs run by their path in the unpacked image, so that /proc/PID/exe tells which image a guest runs.
import { join, relative } from "node:path";
import type { MachineFolders } from "./machine-folders";

/** What the start script is made of. */
export interface StartPlan {
  folders: MachineFolders;
  imageRoot: string;
  /** The first process, as paths inside the image. */
  init: string[];
}

interface Bind {
  from: string;
  to: string;
}

/** The folders of the machine that lie over the host's. */
export function bindsOf(folders: MachineFolders): Bind[] {
  return [
    { from: folders.etc, to: "/etc" },
    { from: folders.varLib, to: "/var/lib" },
    { from: folders.run, to: "/run" },
    { from: folders.tmp, to: "/tmp" },
  ];
}

/** Folders that a bind would hide though the guest needs them: bound into the covering folder beforehand. */
export function keptBinds(plan: StartPlan): Bind[] {
  const kept = [plan.imageRoot, plan.folders.root];
  return bindsOf(plan.folders).flatMap((bind) =>
    kept
      .filter((path) => path.startsWith(`${bind.to}/`))
      .map((path) => ({ from: path, to: join(bind.from, relative(bind.to, path)) })),
  );
}

const nics = "/sys/class/net";

/** The script that unshare runs as the guest's first process, before it becomes the guest's init. */
export function startScript(plan: StartPlan): string {
  const init = plan.init.map((path) => join(plan.imageRoot, path));
  return [
    "set -e",
    `fail() { echo "Mounting $1 failed. A guest needs mount, UTS and PID namespaces (and user namespaces for an ordinary user: sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)." >&2; exit 70; }`,
    ...keptBinds(plan).flatMap(({ from, to }) => [
      `mkdir -p ${quote(to)}`,
      `mount --bind ${quote(from)} ${quote(to)} || fail ${quote(to)}`,
    ]),
    ...bindsOf(plan.folders).map(
      ({ from, to }) => `mount --rbind ${quote(from)} ${to} || fail ${to}`,
    ),
    // Where there is none, no guest looks for its NICs, and nobody's can be taken for them.
    `[ ! -d ${nics} ] || mount --rbind ${quote(plan.folders.net)} ${nics} || fail ${nics}`,
    `mount -t proc proc /proc 2>/dev/null || echo "/proc stays the host's: this system does not allow another one." >&2`,
    `: > ${quote(plan.folders.started)}`,
    `cd /`,
    `exec ${init.map(quote).join(" ")}`,
    "",
  ].join("\n");
}

/** The namespaces of a guest, made by util-linux's unshare; its first process is killed with it. */
export function unshareArguments(isRoot: boolean): string[] {
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  return [...user, "--mount", "--uts", "--pid", "--fork", "--kill-child=SIGKILL"];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

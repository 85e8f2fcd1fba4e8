// A private view of this machine's files for one program: a mount namespace with folders and files bound at
// paths that need not exist here. A folder that lacks a mount point is shown as a tmpfs with links to its
// entries (in .host), so nothing is ever created on the host. The plan is pure; `sandboxArgv` makes it a command.

export interface Mount {
  source: string;
  target: string;
  readOnly?: boolean;
}

/** What the plan asks of the host's file system. Links are not followed. */
export interface HostView {
  kind(path: string): "folder" | "file" | "link" | "missing";
  link(path: string): string;
}

export interface SandboxPlan {
  /** Folders that lack a mount point, outermost first: shown as a tmpfs with links to their entries. */
  open: string[];
  /** In this order. */
  binds: Mount[];
}

export interface SandboxCommand {
  plan: SandboxPlan;
  /** An empty folder for the time of the set-up; it exists. */
  scratch: string;
  /** Ordinary users need a user namespace of their own. */
  userNamespace: boolean;
  workingDir?: string;
  argv: string[];
}

const longestChainOfLinks = 40;

/** Decides which folders to open and what to bind, shallow targets first. */
export function planSandbox(mounts: Mount[], host: HostView): SandboxPlan {
  const wanted = mounts
    .map((mount) => ({ ...mount, target: normalize(mount.target) }))
    .filter((mount) => mount.source !== mount.target || mount.readOnly === true)
    .sort((a, b) => depth(a.target) - depth(b.target));
  const open = new Set<string>();
  const done: Mount[] = [];
  for (const mount of wanted) {
    const folder = folderToOpen(mount.target, host);
    const inside = done.some((other) => isUnder(mount.target, other.target));
    if (folder !== undefined && !inside) open.add(folder);
    done.push(mount);
  }
  return { open: [...open].sort((a, b) => depth(a) - depth(b)), binds: done };
}

/** The folder that lacks the next part of a path, undefined when the path exists. */
export function folderToOpen(path: string, host: HostView): string | undefined {
  let current = "/";
  let rest = parts(path);
  for (let links = 0; rest.length > 0;) {
    const [next = "", ...others] = rest;
    const child = join(current, next);
    const kind = host.kind(child);
    if (kind === "missing") return current;
    if (kind === "link") {
      if (++links > longestChainOfLinks) throw new Error(`${path} has too many links.`);
      const to = host.link(child);
      rest = [...parts(to.startsWith("/") ? to : join(current, to)), ...others];
      current = "/";
      continue;
    }
    if (kind === "file" && others.length > 0)
      throw new Error(`Mounting at ${path} failed: ${child} is a file here.`);
    current = child;
    rest = others;
  }
  return undefined;
}

/** The command that sets the namespace up and becomes the program. */
export function sandboxArgv(command: SandboxCommand): string[] {
  const namespaces = command.userNamespace ? ["--user", "--map-root-user", "--mount"] : ["--mount"];
  return [
    "unshare",
    ...namespaces,
    "--",
    "/bin/sh",
    "-c",
    script(command),
    "sandbox",
    ...command.argv,
  ];
}

function script({ plan, scratch, workingDir }: SandboxCommand): string {
  const lines = ["set -e", 'path="$PATH"', "PATH=/usr/sbin:/usr/bin:/sbin:/bin"];
  for (const folder of plan.open) lines.push(...openFolder(folder, scratch));
  for (const { source, target } of plan.binds) lines.push(...bind(source, target));
  for (const { target, readOnly } of plan.binds)
    if (readOnly) lines.push(`mount -n -o remount,bind,ro ${quote(target)}`);
  lines.push(`cd ${quote(workingDir ?? "/")}`, 'PATH="$path"', 'exec "$@"');
  return lines.join("\n");
}

// Links into .host keep it to a few processes however full the folder is. Links of the host are copied, since a
// relative one would lead elsewhere from .host.
function openFolder(folder: string, scratch: string): string[] {
  const begin = [`mount -n -t tmpfs -o mode=755 tmpfs ${quote(scratch)}`, `cd ${quote(scratch)}`];
  if (folder === "/") return [...begin, ...newRoot];
  return [
    ...begin,
    `chmod --reference=${quote(folder)} .`,
    "mkdir .host",
    `mount -n --rbind ${quote(folder)} .host`,
    "find .host -mindepth 1 -maxdepth 1 -type l -exec cp -P -t . {} +",
    "find .host -mindepth 1 -maxdepth 1 ! -type l -exec ln -s -t . {} +",
    "cd /",
    `mount -n --move ${quote(scratch)} ${quote(folder)}`,
  ];
}

// The root cannot be mounted over; a new one takes its place, with the old one's entries bound.
const newRoot = [
  "for entry in /* /.[!.]*; do",
  '  if [ -L "$entry" ]; then cp -P "$entry" ".$entry"',
  '  elif [ -d "$entry" ]; then mkdir ".$entry"; mount -n --rbind "$entry" ".$entry"',
  '  elif [ -f "$entry" ]; then : > ".$entry"; mount -n --bind "$entry" ".$entry"; fi',
  "done",
  "mkdir .old",
  "pivot_root . .old",
  "cd /",
  "umount -n -l /.old",
  "rmdir /.old",
];

// The mount point is missing only in an opened folder or inside of another mount.
function bind(source: string, target: string): string[] {
  const [from, to] = [quote(source), quote(target)];
  return [
    `if [ -d ${from} ]; then mkdir -p ${to}`,
    `elif [ ! -e ${to} ]; then mkdir -p ${quote(parentOf(target))}; : > ${to}; fi`,
    `mount -n --rbind ${from} ${to}`,
  ];
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function parts(path: string): string[] {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return kept;
}

function normalize(path: string): string {
  return `/${parts(path).join("/")}`;
}

function join(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function parentOf(path: string): string {
  return `/${parts(path).slice(0, -1).join("/")}`;
}

function depth(path: string): number {
  return parts(path).length;
}

function isUnder(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

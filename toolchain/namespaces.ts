// Pods and virtual machines see their files at real paths, each through a mount namespace of its own; an ordinary
// user needs a user namespace for that. Systems that forbid them say no more than "Operation not permitted".
import { readFileSync } from "node:fs";
import { ProcessError, run } from "./process";

/** What the check asks of the machine. */
export interface NamespaceProbe {
  isRoot: boolean;
  /** Makes the namespaces and mounts something there: what answered when that failed. */
  attempt(): Promise<string | undefined>;
  /** Value of a kernel setting, undefined where the kernel has none of that name. */
  setting(name: string): string | undefined;
}

interface Obstacle {
  setting: string;
  /** The value that forbids. */
  forbids: string;
  /** A value that allows. */
  allows: string;
  /** Whether it stops root too. */
  root: boolean;
}

const obstacles: readonly Obstacle[] = [
  { setting: "user.max_user_namespaces", forbids: "0", allows: "15000", root: false },
  { setting: "user.max_mnt_namespaces", forbids: "0", allows: "15000", root: true },
  // Ubuntu since 23.10.
  {
    setting: "kernel.apparmor_restrict_unprivileged_userns",
    forbids: "1",
    allows: "0",
    root: false,
  },
  // Debian before 11, and hardened kernels.
  { setting: "kernel.unprivileged_userns_clone", forbids: "0", allows: "1", root: false },
];

/** Throws a sentence that names the setting to change where this user cannot have mount namespaces. */
export async function requireNamespaces(probe: NamespaceProbe = thisMachine()): Promise<void> {
  const answer = await probe.attempt();
  if (answer === undefined) return;
  const kind = probe.isRoot ? "a mount namespace" : "a user and mount namespace";
  throw new Error(`Making ${kind} failed: ${answer}. ${remedy(probe)}`);
}

function remedy(probe: NamespaceProbe): string {
  const changes = obstacles
    .filter(({ root }) => root || !probe.isRoot)
    .filter(({ setting, forbids }) => probe.setting(setting) === forbids)
    .map(({ setting, allows }) => `${setting}=${allows}`);
  if (changes.length > 0)
    return `Allow it with \`sudo sysctl -w ${changes.join(" ")}\`${probe.isRoot ? "" : ", or run the lab as root"}.`;
  const container = "in a container it takes `--privileged`";
  return probe.isRoot
    ? `Run the lab where root has CAP_SYS_ADMIN: ${container}.`
    : `Run the lab as root, or where user namespaces are allowed: ${container}.`;
}

/** Asks this machine. */
function thisMachine(): NamespaceProbe {
  const isRoot = process.getuid?.() === 0;
  const namespaces = isRoot ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
  return {
    isRoot,
    attempt: () => attempt(namespaces),
    setting: (name) => {
      try {
        return readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").trim();
      } catch {
        return undefined;
      }
    },
  };
}

async function attempt(namespaces: readonly string[]): Promise<string | undefined> {
  try {
    const mount = ["mount", "-n", "-t", "tmpfs", "tmpfs", "/tmp"];
    await run("unshare", [...namespaces, "--", ...mount], { seconds: 10 });
    return undefined;
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    return error.lines.split("\n")[0]?.trim().replace(/\.$/, "") || error.answer;
  }
}

// One toolchain is made at a time. The lock is the kernel's, held by a child `flock` that ends when our end of
// its stdin closes: a killed process leaves no stale lock, and nobody has to judge a process id.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock; while another process has it, `onWait` is told about once a second. */
export async function takeLock(file: string, onWait: (holder: string) => void): Promise<Lock> {
  const atOnce = await tryLock(file);
  if (atOnce) return atOnce;
  const holder = await readFile(file, "utf8").catch(() => "");
  const say = (): void => onWait(holder.trim() || "another process");
  say();
  const ticking = setInterval(say, 1000);
  try {
    const later = await hold([file]);
    if (!later) throw new Error(`Locking ${file} failed: flock ended. Try again.`);
    return await own(file, later);
  } finally {
    clearInterval(ticking);
  }
}

/** Takes the lock if nobody has it. */
export async function tryLock(file: string): Promise<Lock | undefined> {
  const holder = await hold(["--nonblock", file]);
  return holder && own(file, holder);
}

async function own(file: string, holder: ChildProcess): Promise<Lock> {
  await writeFile(file, `process ${process.pid}\n`);
  return {
    release: async () => {
      const closed = once(holder, "close");
      holder.stdin?.end();
      await closed;
    },
  };
}

/** A child that holds the lock, once it has it; undefined when it did not get it. */
function hold(args: readonly string[]): Promise<ChildProcess | undefined> {
  // Detached: a Ctrl-C in the terminal must not drop the lock before we have tidied up.
  const child = spawn("flock", [...args, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error(`Locking failed: ${error.message}. Install flock (util-linux).`)),
    );
    child.stdout.once("data", () => resolve(child));
    child.once("close", () => resolve(undefined));
  });
}

// Plays all machines of one image: `kwok-guest.cjs FOLDER`. A link in the folder is a machine that is switched on, and
// leads to its files; a machine's file `started` says that it is played. Ends with its last machine.
import { readdirSync, readlinkSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { log } from "../shared/log";
import { boot } from "./machine";

interface Playing {
  root: string;
  abort: AbortController;
}

/** Changes are heard of at once; this often the folder is read all the same. */
const rereadMilliseconds = 1000;
/** Without a machine for so long, there is nothing to be here for. */
const idleMilliseconds = 30_000;

function main(folder: string | undefined, imageRoot: string | undefined): void {
  if (folder === undefined || imageRoot === undefined) {
    process.stderr.write("kwok-guest: call it with a folder, and LAB_IMAGE_ROOT set.\n");
    process.exit(2);
  }
  const playing = new Map<string, Playing>();
  let busy = Date.now();
  const look = () => {
    const wanted = new Set(linksIn(folder));
    for (const [extId, { root, abort }] of playing)
      if (!wanted.has(extId)) {
        abort.abort();
        playing.delete(extId);
        rmSync(join(root, "started"), { force: true });
      }
    for (const extId of wanted) {
      const begun = playing.has(extId) ? undefined : play(join(folder, extId), imageRoot);
      if (begun) playing.set(extId, begun);
    }
    if (playing.size > 0) busy = Date.now();
    else if (Date.now() - busy > idleMilliseconds) process.exit(0);
  };
  watch(folder, look);
  setInterval(look, rereadMilliseconds);
  look();
}

/** Undefined when the machine was switched off, or deleted, between the look and now: that must not end the others. */
function play(link: string, imageRoot: string): Playing | undefined {
  let root: string;
  try {
    root = readlinkSync(link);
    writeFileSync(join(root, "started"), "");
  } catch (error) {
    log("switching on failed", { link, reason: String(error) });
    return undefined;
  }
  const abort = new AbortController();
  void boot(root, imageRoot, abort.signal).catch((error: unknown) => {
    log("booting failed", { machine: basename(root), reason: String(error) });
  });
  return { root, abort };
}

function linksIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The hypervisor has taken the switchboard away.
    process.exit(0);
  }
}

for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => process.exit(0));
main(process.argv[2], process.env["LAB_IMAGE_ROOT"]);

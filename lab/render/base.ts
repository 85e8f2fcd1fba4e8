// The program as another commit has it, rendered by today's tools.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { render, type RenderedResource } from "./index";

/** Renders a stack as a commit has it. Throws a sentence where that commit cannot be rendered. */
export async function renderCommit(
  repository: string,
  commit: string,
  stack: string,
): Promise<RenderedResource[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lab-base-"));
  try {
    checkOut(repository, commit, folder);
    return await render(folder, stack);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The commit's files, its dependencies those of today. Leaves nothing behind in the repository. */
function checkOut(repository: string, commit: string, folder: string): void {
  const archive = path.join(folder, ".archive.tar");
  try {
    const git = ["archive", "--format=tar", `--output=${archive}`, "--end-of-options", commit];
    execFileSync("git", git, { cwd: repository, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(
      `Reading commit ${commit} failed: ${stderr?.toString().trim() ?? String(error)}. ` +
        "Fetch it first: git fetch --depth=1 origin COMMIT.",
      { cause: error },
    );
  }
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  rmSync(archive);
  symlinkSync(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
}

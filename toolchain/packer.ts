// Packer is not served as a Go module that builds, so it comes from PATH or, without root, out of Debian's
// package: apt-get downloads it with folders of its own, dpkg-deb unpacks it.
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { unfinishedFolder, type CacheFolders } from "./cache";
import { onPath } from "./found";
import { run } from "./process";
import type { Reporter } from "./progress";
import { pins, type Tool } from "./tools";
import { inRange, versionIn } from "./versions";

const advice = `Install Packer ${pins.packer} or newer (https://developer.hashicorp.com/packer/install).`;

/** The unpacked package, if an earlier run unpacked it. */
export function unpackedPacker(folders: CacheFolders): Tool | undefined {
  const { program, versionFile } = places(folders);
  if (!existsSync(program) || !existsSync(versionFile)) return undefined;
  const version = readFileSync(versionFile, "utf8").trim();
  return { name: "packer", version, path: program, source: "Debian package" };
}

/** Unpacks Debian's package into the cache, or says what to install. */
export async function unpackPacker(
  folders: CacheFolders,
  environment: NodeJS.ProcessEnv,
  reporter: Reporter,
): Promise<Tool> {
  const [aptGet, dpkgDeb] = ["apt-get", "dpkg-deb"].map((name) => onPath(name, environment)[0]);
  if (aptGet === undefined || dpkgDeb === undefined)
    throw new Error(
      `Looking for Packer failed: it is not on PATH, and this is no Debian. ${advice}`,
    );
  const work = await unfinishedFolder(folders, "packer");
  try {
    reporter.say("downloading", "Debian's package lists");
    const apt = [`-c=${await aptConfiguration(work)}`];
    // A third-party source that does not answer makes `update` fail; Debian's own may still be there.
    const update = await run(aptGet, [...apt, "update"], { environment, seconds: 180 }).catch(
      (error: unknown) => error as Error,
    );
    reporter.say("downloading", "Debian's package");
    await run(aptGet, [...apt, "download", "packer"], {
      folder: work,
      environment,
      seconds: 300,
    }).catch((error: unknown) => {
      throw update instanceof Error ? update : error;
    });
    reporter.say("unpacking");
    const archive = (await readdir(work)).find((name) => name.endsWith(".deb")) ?? "packer.deb";
    await run(dpkgDeb, ["-x", path.join(work, archive), path.join(work, "root")]);
    return await keep(folders, work, environment);
  } catch (error) {
    throw new Error(`Getting Debian's packer failed: ${(error as Error).message}\n${advice}`, {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function keep(
  folders: CacheFolders,
  work: string,
  environment: NodeJS.ProcessEnv,
): Promise<Tool> {
  const program = path.join(work, "root", "usr", "bin", "packer");
  const version = versionIn(
    (await run(program, ["--version"], { environment, seconds: 30 })).stdout,
  );
  if (version === undefined || !inRange(version, { from: pins.packer }))
    throw new Error(
      `Debian has packer ${version ?? "without a version"}, needed is ${pins.packer}.`,
    );
  const whole = path.join(work, "whole");
  await mkdir(whole);
  await rename(program, path.join(whole, "packer"));
  await chmod(path.join(whole, "packer"), 0o755);
  await writeFile(path.join(whole, "version"), `${version}\n`);
  const { folder } = places(folders);
  await rm(folder, { recursive: true, force: true });
  await rename(whole, folder);
  return { name: "packer", version, path: path.join(folder, "packer"), source: "Debian package" };
}

function places(folders: CacheFolders): { folder: string; program: string; versionFile: string } {
  const folder = path.join(folders.tools, "packer-debian");
  return {
    folder,
    program: path.join(folder, "packer"),
    versionFile: path.join(folder, "version"),
  };
}

/** Own lists and cache, so that neither root nor the machine's apt is touched. */
async function aptConfiguration(work: string): Promise<string> {
  for (const folder of ["state/lists/partial", "cache/archives/partial", "log"])
    await mkdir(path.join(work, "apt", folder), { recursive: true });
  const file = path.join(work, "apt", "apt.conf");
  await writeFile(
    file,
    `Dir::State "${work}/apt/state";
Dir::Cache "${work}/apt/cache";
Dir::Log "${work}/apt/log";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`,
  );
  return file;
}

// Reads a raw ext4 image without root: unpacked once per checksum, then shared by all guests that boot from it.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** /etc/lab-image.yaml of an image. */
export interface ImageManifest {
  format: 1;
  kubernetes?: string;
  /** Who plays the machine: processes of its own (the default), or one process for all machines of the image. */
  guest: "process" | "kwok";
  /** The first process, or the one that plays all machines, as paths inside the image. */
  init: string[];
}

/** An image ready to boot. */
export interface Image {
  root: string;
  manifest: ImageManifest;
}

export interface ImageStore {
  /** Rejects with a sentence for the console when nothing can boot from the file. */
  unpack(disk: { path: string; sha256: string }): Promise<Image>;
}

const manifestPath = "etc/lab-image.yaml";

/** Images below a folder, one sub-folder a checksum. */
export function createImageStore(imagesDir: string): ImageStore {
  const underway = new Map<string, Promise<Image>>();
  return {
    unpack(disk) {
      const known = underway.get(disk.sha256);
      if (known) return known;
      const work = unpackOnce(imagesDir, disk);
      underway.set(disk.sha256, work);
      const forget = () => underway.delete(disk.sha256);
      work.then(forget, forget);
      return work;
    },
  };
}

/** Checks a manifest's text. Throws a sentence. */
export function readManifest(text: string): ImageManifest {
  const manifest = parse(text) as Partial<ImageManifest> | null;
  const { format, init, guest = "process" } = manifest ?? {};
  if (format !== 1)
    throw new Error(`/${manifestPath} has format ${String(format)}, this machine boots format 1.`);
  if (!["process", "kwok"].includes(guest))
    throw new Error(`/${manifestPath} has guest ${guest}, this machine knows process and kwok.`);
  if (!Array.isArray(init) || init.length === 0) throw new Error(`/${manifestPath} names no init.`);
  return { ...manifest, format, guest, init };
}

async function unpackOnce(
  imagesDir: string,
  disk: { path: string; sha256: string },
): Promise<Image> {
  const root = join(imagesDir, disk.sha256);
  if (!(await exists(root))) await unpack(imagesDir, disk.path, root);
  try {
    const manifest = readManifest(await readFile(join(root, manifestPath), "utf8"));
    for (const path of manifest.init)
      if (!(await exists(join(root, path)))) throw new Error(`/${path} is missing.`);
    return { root, manifest };
  } catch (error) {
    const cause = isMissing(error) ? `it has no /${manifestPath}.` : messageOf(error);
    throw new Error(
      `Booting from ${disk.path} failed: ${cause} Give the VM the image that packer/embedded makes.`,
      { cause: error },
    );
  }
}

async function unpack(imagesDir: string, file: string, root: string): Promise<void> {
  await mkdir(imagesDir, { recursive: true });
  const temporary = await mkdtemp(join(imagesDir, ".unpack-"));
  try {
    const answer = await debugfs(["-R", `rdump / ${quote(temporary)}`, file]);
    if (!(await exists(join(temporary, "lost+found"))))
      throw new Error(
        `Booting from ${file} failed: it is no ext4 file system (debugfs: ${firstLine(answer)}). Give the VM the image that packer/embedded makes.`,
      );
    await rename(temporary, root);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

// debugfs ends with 0 whatever happens, and complains of ownership where it is not root: only the result counts.
function debugfs(args: string[]): Promise<string> {
  const path = `${process.env["PATH"] ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`;
  return new Promise((resolve, reject) => {
    execFile(
      "debugfs",
      args,
      { env: { PATH: path }, maxBuffer: 2 ** 24 },
      (error, _stdout, stderr) => {
        if (error?.code === "ENOENT")
          reject(
            new Error(
              "Reading the boot disk failed: debugfs is not installed. Install the package e2fsprogs.",
            ),
          );
        else resolve(stderr);
      },
    );
  });
}

function quote(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

function firstLine(answer: string): string {
  return answer.split("\n").find((line) => !line.startsWith("debugfs ")) ?? "";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

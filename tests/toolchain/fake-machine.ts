// A repository and a PATH of a test's own: `go`, `pulumi` and others are shell scripts that do what the test says.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface FakeMachine {
  folder: string;
  repository: string;
  cache: string;
  environment: NodeJS.ProcessEnv;
  /** Puts a shell script on PATH. */
  program(name: string, script: string): string;
  file(name: string, content: string): void;
  remove(): void;
}

/** A fresh machine in a temporary folder, with the real node_modules. */
export function fakeMachine(): FakeMachine {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lab-toolchain-"));
  const [repository, bin] = [path.join(folder, "repository"), path.join(folder, "bin")];
  for (const made of [repository, bin]) mkdirSync(made);
  symlinkSync(path.resolve(__dirname, "../../node_modules"), path.join(repository, "node_modules"));
  return {
    folder,
    repository,
    cache: path.join(folder, "cache"),
    environment: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder },
    program: (name, script) => {
      const file = path.join(bin, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    file: (name, content) => {
      const file = path.join(repository, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

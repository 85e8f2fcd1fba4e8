import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { takeLock, tryLock } from "../../toolchain/lock";
import { runTypeScript } from "../../toolchain/typescript";

const folder = mkdtempSync(path.join(os.tmpdir(), "lab-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a second taker is told who has it, waits, and gets it", async () => {
  const file = path.join(folder, "waits");
  const first = await takeLock(file, () => undefined);
  let told: (holder: string) => void = () => undefined;
  const holder = new Promise<string>((resolve) => (told = resolve));
  const second = takeLock(file, told);
  expect(await holder).toEqual(`process ${process.pid}`);
  expect(await tryLock(file)).toEqual(undefined);
  await first.release();
  await (await second).release();
});

test("a killed holder leaves no lock", async () => {
  const file = path.join(folder, "killed");
  const source = path.resolve(__dirname, "../../toolchain/lock.ts");
  const script = `require(${JSON.stringify(source)}).takeLock(${JSON.stringify(file)}, () => {}).then(() => console.log("held"))`;
  const child = spawn(process.execPath, [...runTypeScript, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(await tryLock(file)).toEqual(undefined);
  child.kill("SIGKILL");
  await (await takeLock(file, () => undefined)).release();
});

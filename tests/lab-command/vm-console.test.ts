import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { findConsole, printConsole, vmConsoles } from "../../lab/vm-console";

const directory = mkdtempSync(path.join(tmpdir(), "vm-console-"));
const uuid = (number: number) => `aaaaaaaa-0000-4000-8000-00000000000${number}`;
const folder = (number: number) => path.join(directory, "prism-central", "vms", uuid(number));

function machine(number: number, name: string | undefined, console?: string): void {
  mkdirSync(folder(number), { recursive: true });
  if (name) writeFileSync(path.join(folder(number), "hardware.json"), JSON.stringify({ name }));
  if (console !== undefined) writeFileSync(path.join(folder(number), "console.log"), console);
}

beforeAll(() => {
  machine(1, "worker", "one\n");
  machine(2, "twice", "");
  machine(3, "twice", "");
  machine(4, undefined, "Booting failed\n");
  machine(5, "never on");
});

afterAll(() => rmSync(directory, { recursive: true }));

test("machines are found by name and by uuid, a name that two have only by uuid", () => {
  const all = vmConsoles({ directory });
  expect(all.map(({ name }) => name)).toEqual([uuid(4), "twice", "twice", "worker"]);
  expect(findConsole(all, "worker").extId).toBe(uuid(1));
  expect(findConsole(all, uuid(3).toUpperCase()).extId).toBe(uuid(3));
  expect(() => findConsole(all, "twice")).toThrow(
    `2 machines have this name: twice (${uuid(2)}), twice (${uuid(3)}). Give the uuid.`,
  );
  expect(() => findConsole(all, "other")).toThrow(`There are: ${uuid(4)} (${uuid(4)}), twice`);
  expect(vmConsoles({ directory: "/nowhere" })).toEqual([]);
});

test("a console is followed until its machine is gone", async () => {
  const console = findConsole(vmConsoles({ directory }), "worker");
  let said = "";
  const write = (text: Buffer) => (said += text.toString());
  await printConsole(console, write);
  expect(said).toBe("one\n");
  said = "";
  const done = printConsole(console, write, new AbortController().signal);
  appendFileSync(console.file, "two\n");
  while (said !== "one\ntwo\n") await new Promise((resolve) => setTimeout(resolve, 10));
  rmSync(folder(1), { recursive: true });
  await done;
});

// Ports that two programs look for in the same moment, and things that one does alone.
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { alone, claim, isFree } from "../../stand-ins/shared/claim";
import { freePort } from "../../stand-ins/shared/free-port";
import { kwokctlPorts } from "../../stand-ins/shared/kwokctl-ports";
import { runTypeScript } from "../../toolchain/typescript";

// Of 12,000 ports: without claims two that take 800 each have about 53 in common.
const many = 800;

async function inAnotherProcess(): Promise<number[]> {
  const program = `
    const { freePort } = require("./stand-ins/shared/free-port");
    Promise.all(Array.from({ length: ${many} }, freePort)).then(async (ports) => {
      await new Promise((resolve) => process.stdout.write(JSON.stringify(ports), resolve));
      process.stdin.on("data", () => process.exit()); // it keeps what it claimed until it is told
    });`;
  const other = promisify(execFile)(process.execPath, [...runTypeScript, "-e", program]);
  const ports = await new Promise<number[]>((resolve, reject) => {
    other.child.stdout?.on("data", (text: string) => resolve(JSON.parse(text) as number[]));
    other.catch(reject);
  });
  ends.push(async () => {
    other.child.stdin?.write("end");
    await other;
  });
  return ports;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

test("two processes that look in the same moment find different ports", async () => {
  const [one, two] = await Promise.all([inAnotherProcess(), inAnotherProcess()]);
  expect(new Set([...one, ...two]).size).toBe(2 * many);
}, 60_000);

test("a port is free when nothing listens on it", async () => {
  const port = await freePort();
  expect(await isFree(port)).toBe(true);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  expect(await isFree(port)).toBe(false);
  server.close();
});

test("kwokctl gets six different ports", async () => {
  const ports = Object.values(await kwokctlPorts());
  expect(new Set(ports).size).toBe(6);
  expect(ports.every((port) => port >= 20_000 && port < 32_000)).toBe(true);
});

test("a claim is one process's until it gives it back", async () => {
  const release = await claim("a thing");
  expect(release).toBeDefined();
  expect(await claim("a thing")).toBeUndefined();
  release?.();
  const again = await claim("a thing");
  expect(again).toBeDefined();
  again?.();
});

test("what is done alone is done one after the other", async () => {
  const seen: string[] = [];
  const slow = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen.push(`${name} ends`);
  };
  await Promise.all(["a", "b"].map((name) => alone("a file", slow(name))));
  expect(seen.length).toBe(4);
  expect(seen[1]).toBe(seen[0]?.replace("begins", "ends"));
});

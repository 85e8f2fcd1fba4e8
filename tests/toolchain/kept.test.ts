// What is used, kept and thrown away: programs of PATH, builds cut off in the middle, builds of earlier pins.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { makeToolchain, type Tool, trimCaches } from "../../toolchain/index";
import { eventually } from "../stand-ins/capx/api-server";
import { fakeMachine, type FakeMachine } from "./fake-machine";
import { runTypeScript } from "../../toolchain/typescript";

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
  machine.file("toolchain/helm/go.mod", "module helm\n");
  machine.file("toolchain/helm/go.sum", "");
});
afterEach(() => machine.remove());

const make = (more: NodeJS.ProcessEnv = {}): Promise<Tool[]> => {
  const { cache, repository, environment } = machine;
  return makeToolchain({
    cache,
    repository,
    environment: { ...environment, ...more },
    only: ["helm"],
  });
};
const helmOf = (tools: Tool[]): Tool => tools.find(({ name }) => name === "helm")!;

/** A `go` that writes half a helm and hangs while there is a file `hang`, else makes a whole one. */
function goThatMayHang(): void {
  machine.program(
    "go",
    `[ "$1" = version ] && { echo go version go1.26.8 linux/amd64; exit; }
    echo build >> ${machine.folder}/builds
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.20.2' > "$2" && chmod 755 "$2"
    [ -e ${machine.folder}/bin/hang ] && { echo $$ > ${machine.folder}/hangs; exec sleep 300; }
    echo >> "$2"`,
  );
}

test("a good version on PATH is used and nothing is built; too old or broken ones are passed over", async () => {
  const good = machine.program("helm", "echo v3.18.4+gd80839c");
  for (const [folder, answer] of [
    ["old", "echo v3.9.0"],
    ["new", "echo v4.0.1"],
    ["broken", "exit 1"],
  ])
    machine.program(`../${folder!}-helm/helm`, answer!);
  const bad = ["old", "new", "broken"].map((name) => path.join(machine.folder, `${name}-helm`));
  const tools = await make({ PATH: [...bad, machine.environment["PATH"]].join(":") });
  expect(helmOf(tools)).toEqual({
    name: "helm",
    version: "3.18.4+gd80839c",
    path: good,
    source: "PATH",
  });
  expect(readdirSync(path.join(machine.cache, "tools"))).toEqual([]);
});

test("a build that was killed is not trusted: the next run builds again and clears it away", async () => {
  goThatMayHang();
  machine.program("hang", "");
  const killed = makeInAnotherProcess();
  const builder = await eventually("the build", async () => {
    const file = path.join(machine.folder, "hangs");
    return Promise.resolve(existsSync(file) && readFileSync(file, "utf8").trim());
  });
  killed.kill("SIGKILL");
  await eventually("the end of the build", async () =>
    Promise.resolve(!existsSync(`/proc/${builder}`)),
  );
  expect(readdirSync(path.join(machine.cache, "tools"))).toEqual([]);
  expect(readdirSync(path.join(machine.cache, "unfinished")).length).toBe(2);

  rmSync(path.join(machine.folder, "bin/hang"));
  const helm = helmOf(await make());
  expect([helm.version, helm.source]).toEqual(["3.20.2", "built"]);
  expect(readdirSync(path.join(machine.cache, "unfinished"))).toEqual([]);
  expect(readFileSync(path.join(machine.folder, "builds"), "utf8")).toBe("build\nbuild\n");
}, 60_000);

test("builds of earlier pins go when nobody used them for 30 days", async () => {
  goThatMayHang();
  const before = helmOf(await make());
  machine.file("toolchain/helm/go.sum", "another");
  const now = helmOf(await make());
  const { cache, repository, environment } = machine;
  const trim = () => trimCaches({ cache, repository, environment, only: ["helm"] });
  expect(await trim()).toBe(0);

  const longAgo = new Date(Date.now() - 31 * 86_400_000);
  for (const { path: file } of [before, now])
    utimesSync(path.join(path.dirname(file), "toolchain.json"), longAgo, longAgo);
  await make(); // uses the one, so that its day is today
  expect(await trim()).toBeGreaterThan(0);
  expect([existsSync(before.path), existsSync(now.path)]).toEqual([false, true]);
});

test.each([
  [
    "write x.a: no space left on device",
    "the disk is full",
    "Free some space, or set LAB_CACHE to a folder elsewhere.",
  ],
  [
    "verifying x: checksum mismatch",
    "a module is not what go.sum says",
    "Somebody between here and the module's author changed it; find out who.",
  ],
  [
    "reading https://proxy/x: 403 Forbidden",
    "the Go module proxy did not give a module",
    "Check the network, and GOPROXY if you are behind a proxy; what is built already is kept.",
  ],
])("a build that ends with %p says what to do", async (line, what, advice) => {
  machine.program(
    "go",
    `[ "$1" = version ] && { echo go1.26.8; exit; }; echo '${line}' >&2; exit 1`,
  );
  await expect(make()).rejects.toMatchObject({
    message: `Building helm (toolchain/helm) failed: ${what}.\n${line}\n${advice}`,
  });
});

function makeInAnotherProcess(): ChildProcess {
  const { cache, repository, environment } = machine;
  const options = JSON.stringify({ cache, repository, environment, only: ["helm"] });
  const program = `void require("./toolchain/index").makeToolchain(${options});`;
  return spawn(process.execPath, [...runTypeScript, "-e", program], {
    stdio: "ignore",
  });
}

import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import path from "node:path";
import { checkDisk } from "../../toolchain/cache";
import { batches, requireGo } from "../../toolchain/go-build";
import {
  listTools,
  makeToolchain,
  trimCaches,
  type Progress,
  type Tool,
} from "../../toolchain/index";
import { goGroups } from "../../toolchain/tools";
import { fakeMachine, type FakeMachine } from "./fake-machine";

let machine: FakeMachine;
beforeEach(() => {
  machine = fakeMachine();
  machine.file("toolchain/etcd/go.mod", "module etcd\n");
  machine.file("toolchain/etcd/go.sum", "");
});
afterEach(() => machine.remove());

/** A `go` that counts its builds and makes an etcd that calls itself by the given version. */
function goThatMakes(version: string): void {
  machine.program(
    "go",
    `[ "$1" = version ] && { echo go version go1.26.8 linux/amd64; exit; }
    echo build >> ${machine.folder}/builds
    echo 'go: downloading go.etcd.io/etcd/server/v3 v3.6.8' >&2
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho etcd Version: ${version}\\n' > "$2" && chmod 755 "$2"`,
  );
}

function make(progress?: (event: Progress) => void): Promise<Tool[]> {
  const { cache, repository, environment } = machine;
  return makeToolchain({ cache, repository, environment, progress, only: ["etcd"] });
}

const refusal = (made: Promise<unknown>): Promise<string> =>
  made.then(
    () => "nothing was refused",
    (error: unknown) => (error as Error).message,
  );
const builds = (): number =>
  readFileSync(path.join(machine.folder, "builds"), "utf8").trim().split("\n").length;
const etcdOf = (tools: Tool[]): Tool => tools.find(({ name }) => name === "etcd")!;

test("builds once, tells what it does, and leaves nothing half-made", async () => {
  goThatMakes("3.6.8");
  const events: Progress[] = [];
  const etcd = etcdOf(await make((event) => events.push(event)));
  const group = path.basename(path.dirname(etcd.path));
  expect(etcd).toEqual({
    name: "etcd",
    version: "3.6.8",
    path: path.join(machine.cache, "tools", group, "etcd"),
    source: "built",
  });
  expect(group).toMatch(/^etcd-[0-9a-f]{12}$/);
  expect(
    events.map(({ group, phase, done, of, detail }) => [group, phase, done, of, detail]),
  ).toEqual([
    ["etcd", "building", 0, 1, ""],
    ["etcd", "downloading", 0, 1, "go.etcd.io/etcd/server/v3 v3.6.8"],
    ["etcd", "done", 1, 1, ""],
  ]);
  expect(readdirSync(path.join(machine.cache, "unfinished"))).toEqual([]);
  expect(readFileSync(path.join(machine.cache, "pulumi-home", "logs"), "utf8")).toEqual("");

  expect(etcdOf(await make())).toEqual(etcd);
  expect(builds()).toEqual(1);
});

test("builds again what a crash cut short, and what go.sum changes", async () => {
  goThatMakes("3.6.8");
  const first = etcdOf(await make());
  truncateSync(first.path, 3);
  expect(etcdOf(await make())).toEqual(first);
  expect(builds()).toEqual(2);
  machine.file("toolchain/etcd/go.sum", "changed");
  expect(etcdOf(await make()).path).not.toEqual(first.path);
  expect(builds()).toEqual(3);
});

test("two at the same time build once", async () => {
  goThatMakes("3.6.8");
  const [one, other] = await Promise.all([make(), make()]);
  expect(etcdOf(one)).toEqual(etcdOf(other));
  expect(builds()).toEqual(1);
});

test("refuses a program that is not the pinned version", async () => {
  goThatMakes("3.5.0");
  expect(await refusal(make())).toEqual(
    "Checking etcd failed: it calls itself version 3.5.0, the pin says 3.6.8. " +
      "Make toolchain/etcd/go.mod and toolchain/tools.ts agree.",
  );
  expect(readdirSync(path.join(machine.cache, "tools"))).toEqual([]);
});

test("a failing build shows its last lines; a proxy out of reach is named", async () => {
  const version = '[ "$1" = version ] && { echo go version go1.26.8; exit; }';
  machine.program("go", `${version}; echo 'main.go:3: undefined: x' >&2; exit 1`);
  expect(await refusal(make())).toEqual(
    "Building etcd (toolchain/etcd) failed: exit code 1.\nmain.go:3: undefined: x\n" +
      "Run the same again; if it stays, report these lines.",
  );
  machine.program(
    "go",
    `${version}; echo 'go: x: dial tcp: lookup proxy: no such host' >&2; exit 1`,
  );
  expect(await refusal(make())).toEqual(
    "Building etcd (toolchain/etcd) failed: the Go module proxy did not give a module.\n" +
      "go: x: dial tcp: lookup proxy: no such host\n" +
      "Check the network, and GOPROXY if you are behind a proxy; what is built already is kept.",
  );
});

test("an old Go, or none, is a sentence", async () => {
  const old = machine.program("go", "echo go version go1.22.1 linux/amd64");
  const advice = "Install Go 1.26 or newer (https://go.dev/dl/) and put its bin folder on PATH.";
  expect(await refusal(make())).toEqual(
    `Looking for Go failed: ${old} is version 1.22.1, too old for the pinned programs. ${advice}`,
  );
  expect(() => requireGo(undefined)).toThrow(
    new Error(`Looking for Go failed: no \`go\` on PATH. ${advice}`),
  );
});

test("too little disk is noticed before building", async () => {
  await expect(checkDisk(machine.folder, 1e9)).rejects.toThrow(
    /^Making the toolchain failed: it needs about 1000000000 GB on the disk of .* GB are free\. Free some/,
  );
});

test("listing makes nothing", async () => {
  goThatMakes("3.6.8");
  const { cache, repository, environment } = machine;
  const tools = await listTools({ cache, repository, environment, only: ["etcd"] });
  expect(tools.find(({ name }) => name === "etcd")).toEqual({
    name: "etcd",
    version: "3.6.8",
    path: "",
    source: "to be made",
  });
  expect(existsSync(cache)).toEqual(false);
});

test("the build cache goes when all is built, not before, and not where it is to be kept", async () => {
  goThatMakes("3.6.8");
  const { cache, repository, environment } = machine;
  const options = { cache, repository, environment, only: ["etcd"] };
  machine.file("../cache/go/build/00/object", "12345");
  expect(await trimCaches(options)).toEqual(0);
  await make();
  const keeping = { ...environment, LAB_KEEP_BUILD_CACHE: "1" };
  expect(await trimCaches({ ...options, environment: keeping })).toEqual(0);
  expect(await trimCaches(options)).toEqual(5);
  expect(existsSync(path.join(cache, "go", "build"))).toEqual(false);
});

test("programs that Go would name otherwise are linked one by one", () => {
  const names = (group: string): string[][] =>
    batches(goGroups.find(({ name }) => name === group)!.programs).map((batch) =>
      batch.map(({ name }) => name),
    );
  expect(names("kwok")).toEqual([["kwok", "kwokctl"]]);
  expect(names("cluster-api")).toEqual([
    ["clusterctl"],
    ["cluster-api-controller"],
    ["kubeadm-bootstrap-controller"],
    ["kubeadm-control-plane-controller"],
  ]);
  expect(names("etcd")).toEqual([["etcd"]]);
});

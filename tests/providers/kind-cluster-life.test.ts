// When a cluster counts as gone, asked of a program named kind.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import * as path from "node:path";
import { create, diff, update } from "../../providers/kind-cluster-life/operations";

const folder = mkdtempSync(path.join(tmpdir(), "kind-life-"));
const searchPath = process.env["PATH"];
const kubeconfigFile = path.join(folder, "kubeconfig");
const inputs = { cluster: "management", kubeconfigFile };

/** Puts a kind on PATH that runs these lines. */
function kindSays(...lines: string[]): void {
  const file = path.join(folder, "kind");
  writeFileSync(
    file,
    ["#!/bin/sh", 'test "$*" = "get clusters" || exit 9', ...lines, ""].join("\n"),
  );
  chmodSync(file, 0o755);
  process.env["PATH"] = `${folder}:${searchPath}`;
}

afterEach(() => {
  process.env["PATH"] = searchPath;
  rmSync(kubeconfigFile, { force: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const gone = { changes: true, replaces: ["cluster"] };
const nothing = { changes: false };

test("a life is made here, with an id of its own", () => {
  const [one, other] = [create(inputs), create(inputs)];
  expect(one.outs).toEqual({ ...inputs, host: hostname() });
  expect(one.id).not.toBe(other.id);
});

test.each([
  ["is listed", ["echo other; echo management"], nothing],
  ["is not listed", ["echo management-2"], gone],
  ["is not there, nor any other", ["echo No kind clusters found. >&2"], gone],
  ["cannot be asked for", ["echo Cannot connect to the Docker daemon >&2; exit 1"], nothing],
])("a cluster that %s", async (_, lines, answer) => {
  kindSays(...lines);
  expect(await diff(create(inputs).outs, inputs)).toEqual(answer);
});

test("another machine cannot tell, unless the cluster's kubeconfig is there", async () => {
  kindSays("true");
  const elsewhere = { ...inputs, host: `not-${hostname()}` };
  expect(await diff(elsewhere, inputs)).toEqual(nothing);
  writeFileSync(kubeconfigFile, "");
  expect(await diff(elsewhere, inputs)).toEqual(gone);
});

test("without kind nothing is known", async () => {
  process.env["PATH"] = "/nonexistent";
  expect(await diff(create(inputs).outs, inputs)).toEqual(nothing);
});

test("another name is a change, and remembers where the life began", async () => {
  kindSays("echo management");
  const olds = { ...inputs, host: "first" };
  const news = { ...inputs, cluster: "other" };
  expect(await diff({ ...create(inputs).outs }, news)).toEqual({ changes: true });
  expect(update(olds, news)).toEqual({ outs: { ...news, host: "first" } });
});

// When a cluster counts as gone, asked of a program named kind.
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import * as path from "node:path";
import { create, diff, update } from "../../providers/kind-cluster-life/operations";
import { selfSigned } from "../../stand-ins/shared/certificates";

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

describe("a cluster whose kubeconfig is there", () => {
  let server: Server;
  let ca: string;

  beforeAll(async () => {
    const pair = await selfSigned({ commonName: "api", ipAddresses: ["127.0.0.1"], days: 2 });
    ({ ca } = pair);
    server = createServer({ cert: pair.certificate, key: pair.key }, (_, answer) =>
      answer.writeHead(401).end(),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(() => server.close());

  /** A kubeconfig as kind writes it. */
  function write(name: string, authority: string): void {
    const { port } = server.address() as AddressInfo;
    const data = Buffer.from(authority).toString("base64");
    const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority-data": data };
    writeFileSync(kubeconfigFile, JSON.stringify({ clusters: [{ name, cluster }] }));
  }

  test("is there when its API server answers, and kind is not asked", async () => {
    kindSays("true");
    write("kind-management", ca);
    expect(await diff(create(inputs).outs, inputs)).toEqual(nothing);
  });

  test("is gone when it is another's that answers", async () => {
    kindSays("true");
    write("kind-other", ca);
    expect(await diff(create(inputs).outs, inputs)).toEqual(gone);
    const { ca: another } = await selfSigned({ commonName: "api", dnsNames: ["api"], days: 2 });
    write("kind-management", another);
    expect(await diff(create(inputs).outs, inputs)).toEqual(gone);
  });
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

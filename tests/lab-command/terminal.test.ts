import { Writable } from "node:stream";
import { makeConsole } from "../../lab/console";
import { diagnosticOf, layerRow, noteOf } from "../../lab/follow";
import { bar, boardLines, modeOf, shareIn, usesColour } from "../../lab/terminal";
import { progressRow } from "../../lab/toolchain-progress";
import { explainFailure } from "../../lab/up";

const row = { name: "image", state: "running", seconds: 4.24, detail: "uploading" } as const;

/** What was written, and a clock that is set by hand. */
function recorded(
  options: { json?: boolean; tty?: boolean; environment?: NodeJS.ProcessEnv } = {},
) {
  let text = "";
  let now = 0;
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  }) as Writable & { isTTY?: boolean; columns?: number };
  stream.isTTY = options.tty ?? false;
  stream.columns = 60;
  const { json = false, environment = {} } = options;
  const console = makeConsole(stream, { json, environment, now: () => now });
  return { console, text: () => text, at: (seconds: number) => (now = seconds * 1000) };
}

test("a board is redrawn on a terminal only, and not in CI", () => {
  const tty = { isTTY: true };
  expect(modeOf(tty, {})).toBe("live");
  expect(modeOf({}, {})).toBe("plain");
  expect(modeOf(tty, { CI: "true" })).toBe("plain");
  expect(modeOf(tty, { TERM: "dumb" })).toBe("plain");
  expect(modeOf(tty, {}, true)).toBe("json");
});

test("NO_COLOR is honoured", () => {
  expect(usesColour("live", {})).toBe(true);
  expect(usesColour("live", { NO_COLOR: "1" })).toBe(false);
  expect(usesColour("live", { NO_COLOR: "" })).toBe(true);
  expect(usesColour("plain", {})).toBe(false);
  const [plain] = boardLines([row], 60, false);
  const [coloured] = boardLines([row], 60, true);
  expect(plain).toBe("▸ image       4.2 s  uploading");
  expect(coloured).toContain("\u001b[36m▸");
});

test("a bar fills by eighths, and a row is never wider than the terminal", () => {
  expect(bar(0, 4)).toBe("░░░░");
  expect(bar(0.5, 4)).toBe("██░░");
  expect(bar(0.53125, 4)).toBe("██▏░");
  expect(bar(2, 4)).toBe("████");
  const [line] = boardLines([{ ...row, share: 0.5, detail: "x".repeat(99) }], 60, false);
  expect(line).toHaveLength(59);
  expect(line).toContain("██████████░░░░░░░░░░  50 % xx");
});

test("plain lines: one for each change of state, and one every ten seconds", () => {
  const { console, text, at } = recorded();
  console.show({ name: "image", state: "waiting", seconds: 0 });
  console.show({ ...row, seconds: 0 });
  at(4);
  console.show({ ...row, seconds: 4 });
  at(11);
  console.show({ ...row, seconds: 11, share: 0.5 });
  at(12);
  console.show({ name: "image", state: "ready", seconds: 12 });
  console.say("two\nlines");
  expect(text()).toBe(
    [
      "   0s  image: uploading, 0.0 s",
      "  11s  image: uploading, 50 %, 11 s",
      "  12s  image: ready, 12 s",
      "  12s  two",
      "  12s  lines",
      "",
    ].join("\n"),
  );
  expect(text()).not.toContain("\u001b");
});

test("JSON: an object a line, whatever the terminal is", () => {
  const { console, text, at } = recorded({ json: true, tty: true });
  at(1.25);
  console.show(row);
  console.show(row);
  console.say("hello");
  console.tell({ type: "summary", layers: [] });
  expect(
    text()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    {
      at: 1.3,
      type: "progress",
      name: "image",
      state: "running",
      seconds: 4.2,
      detail: "uploading",
    },
    { at: 1.3, type: "message", text: "hello" },
    { at: 1.3, type: "summary", layers: [] },
  ]);
});

test("on a terminal rows stay below what is said, and are drawn anew", () => {
  const { console, text } = recorded({ tty: true, environment: { NO_COLOR: "1" } });
  console.show(row);
  console.say("a warning");
  console.show({ name: "image", state: "ready", seconds: 5 });
  console.settle();
  const written = text();
  expect(written.indexOf("a warning")).toBeGreaterThan(written.indexOf("▸ image"));
  expect(written.lastIndexOf("▸ image")).toBeGreaterThan(written.indexOf("a warning"));
  expect(written.trimEnd().endsWith("✓ image       5.0 s")).toBe(false); // the cursor is shown again behind it
  expect(written).toContain("✓ image       5.0 s");
});

test("shares are read from what builds and uploads say", () => {
  expect(shareIn("node: uploading, 120 of 480 MiB, 60 MiB/s")).toBe(0.25);
  expect(shareIn("downloading 40 %")).toBe(0.4);
  expect(shareIn("waiting for Prism Central, 4 s")).toBeUndefined();
});

test("a layer's row says what it waits for, or what its resource tells", () => {
  const layer = { name: "image", state: "creating", seconds: 3 } as const;
  expect(layerRow(layer, ["a", "b", "c", "d", "e"], undefined)).toEqual({
    name: "image",
    state: "running",
    seconds: 3,
    detail: "waiting for a, b, c, d and 1 more",
  });
  expect(layerRow(layer, ["a"], "node: uploading, 1 of 2 MiB")).toMatchObject({ share: 0.5 });
  expect(layerRow({ ...layer, seconds: 0 }, [], undefined).state).toBe("waiting");
  expect(layerRow({ ...layer, state: "ready" }, [], undefined).state).toBe("ready");
});

test("the engine's warnings and errors are lines, what resources tell of themselves are notes", () => {
  const event = (diagnosticEvent: object) => ({ diagnosticEvent }) as never;
  expect(diagnosticOf(event({ severity: "error", message: "<{%fg 1%}>no<{%reset%}>\n" }))).toBe(
    "error: no",
  );
  expect(diagnosticOf(event({ severity: "info", message: "x" }))).toBeUndefined();
  expect(
    diagnosticOf(event({ severity: "warning", message: "using pulumi-resource-x from $PATH" })),
  ).toBeUndefined();
  expect(noteOf(event({ severity: "info", message: "one\ntwo\n", urn: "urn:x" }))).toBe("two");
  expect(noteOf(event({ severity: "error", message: "bad", urn: "urn:x" }))).toBeUndefined();
});

test("a group of tools has a row, with its place in the whole", () => {
  const progress = { group: "etcd", seconds: 12, done: 1, of: 9, detail: "25 of 100 packages" };
  expect(progressRow({ ...progress, phase: "building" })).toEqual({
    name: "toolchain etcd",
    state: "running",
    seconds: 12,
    detail: "building 25 of 100 packages [1/9]",
    share: 0.25,
  });
  expect(progressRow({ ...progress, phase: "done" })).toMatchObject({
    state: "ready",
    detail: "[1/9]",
  });
});

test("a failure begins with its cause and ends with what to do", () => {
  const text = [
    "code: 255",
    " stdout: Updating (dev):",
    "Diagnostics:",
    "  command:local:Command (management):",
    "    error: exit status 1: ERROR: failed to create cluster: no space left on device",
    "    Creating cluster ...",
    "",
    "Resources:",
    "    2 created",
  ].join("\n");
  const lines = explainFailure(text, "dev").split("\n");
  expect(lines[0]).toBe(
    "Bringing stack dev up failed: exit status 1: ERROR: failed to create cluster: no space left on device",
  );
  expect(lines).toContain("    Creating cluster ...");
  expect(lines.join("\n")).not.toContain("2 created");
  expect(lines.at(-2)).toMatch(/^Run it again to go on from here/);
});

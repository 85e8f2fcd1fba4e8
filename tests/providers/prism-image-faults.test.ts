// Prism Central and the way to it misbehave: what passes by itself is repeated, what does not leaves nothing behind.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HalfMade } from "../../providers/prism-image/fill";
import type { ImageInputs } from "../../providers/prism-image/inputs";
import { diff } from "../../providers/prism-image/inputs";
import { create, remove, update } from "../../providers/prism-image/operations";
import type { Surroundings } from "../../providers/prism/surroundings";
import { PrismCentralUnderTest } from "../support/prism-central";
import type { Misbehaviour } from "./gateway";
import { Gateway } from "./gateway";

const prism = new PrismCentralUnderTest();
const folder = mkdtempSync(join(tmpdir(), "prism-image-faults-"));
const sourcePath = join(folder, "disk.img");
const SIZE = 1024 * 1024;
const V3 = "/api/nutanix/v3/images";
let gateway: Gateway;
let port = 0;

jest.setTimeout(60_000);

const lines: string[] = [];
const pauses: number[] = [];
const here: Surroundings = {
  environment: { NUTANIX_USERNAME: "admin", NUTANIX_PASSWORD: "secret" },
  log: (line) => lines.push(line),
  client: {
    clock: {
      sleep: (milliseconds) => {
        pauses.push(milliseconds);
        return new Promise((resolve) => setTimeout(resolve, 2));
      },
    },
  },
};

beforeAll(async () => {
  await prism.start();
  writeFileSync(sourcePath, Buffer.alloc(SIZE, "disk"));
  gateway = new Gateway(prism);
  port = await gateway.start();
});
beforeEach(() => {
  gateway.misbehaviours = [];
  gateway.seen.length = lines.length = pauses.length = 0;
});
afterAll(async () => {
  await gateway.stop();
  await prism.remove();
  rmSync(folder, { recursive: true });
});

const inputs = (name: string, changes: Partial<ImageInputs> = {}): ImageInputs => ({
  name,
  sourcePath,
  imageType: "DISK_IMAGE",
  endpoint: { address: "127.0.0.1", port, trustBundle: prism.trustBundle },
  ...changes,
});

const statesOf = async (name: string): Promise<string[]> => {
  const body = { filter: `name==${name}` };
  const { data } = await prism.call("POST", `${V3}/list`, { body });
  const images = data.entities as { status: { state: string } }[];
  return images.map(({ status }) => status.state);
};

const uploads = () => gateway.seen.filter((request) => request.endsWith("/file")).length;

const when = `PUT ${V3}/`;
test.each<[string, Misbehaviour, number]>([
  ["a connection that is cut", { when, cutAfter: SIZE / 2 }, 2],
  ["a connection that is cut twice", { when, cutAfter: SIZE / 2, times: 2 }, 3],
  ["an answer that got lost", { when, loseAnswer: true }, 1],
  ["a busy server", { when, answer: { status: 503 } }, 2],
])("upload from the start after %s", async (name, misbehaviour, attempts) => {
  gateway.misbehaviours = [misbehaviour];
  const made = await create(inputs(name), here);
  expect(made.outs.sizeBytes).toBe(SIZE);
  expect([await statesOf(name), uploads()]).toEqual([["COMPLETE"], attempts]);
  expect(lines[0]).toMatch(/ Uploading again from the start \(2 of 4\)\.$/);
});

test("an upload that never gets through is given up, and its image deleted", async () => {
  gateway.misbehaviours = [{ when, cutAfter: SIZE / 2, times: 9 }];
  await expect(create(inputs("never"), here)).rejects.toThrow(
    /^Making image never failed: PUT \/images\/.*\/file at Prism Central .* failed: .*\. The half-made image was deleted\.$/,
  );
  expect([await statesOf("never"), uploads()]).toEqual([[], 4]);
});

test("a refused upload is not repeated", async () => {
  const body = JSON.stringify({ message_list: [{ message: "No permission" }] });
  const headers = { "content-type": "application/json" };
  gateway.misbehaviours = [{ when, answer: { status: 403, headers, body } }];
  await expect(create(inputs("forbidden"), here)).rejects.toThrow(
    /it answered 403 \(No permission\)\. The user's role must allow to make, upload, change and delete images\. The half-made image was deleted\.$/,
  );
  expect([await statesOf("forbidden"), uploads()]).toEqual([[], 1]);
});

test("what can neither be filled nor deleted is kept with its id, deleted and made anew", async () => {
  gateway.misbehaviours = [
    { when, answer: { status: 500 } },
    { when: "DELETE ", answer: { status: 500 } },
  ];
  const failure = await create(inputs("stuck"), here).catch((error: unknown) => error as HalfMade);
  if (!(failure instanceof HalfMade)) throw new Error("create did not fail as it should");
  expect(failure.message).toMatch(
    /The half-made image .{36} is left behind: DELETE .* failed: it answered 500\. The next update deletes it\.$/,
  );
  const kept = failure.properties as Parameters<typeof diff>[0];
  expect(diff(kept, inputs("stuck"))).toEqual({
    changes: true,
    replaces: ["sourcePath"],
    deleteBeforeReplace: true,
  });
  await remove(failure.id, kept, here);
  await create(inputs("stuck"), here);
  expect(await statesOf("stuck")).toEqual(["COMPLETE"]);
});

test("an upload that stands still is given up after its idle time, not before", async () => {
  const standing = { ...here, client: { ...here.client, idleMilliseconds: 150 } };
  gateway.misbehaviours = [{ when, silent: true, times: 4 }];
  await expect(create(inputs("still"), standing)).rejects.toThrow(
    /nothing moved for 0.15 s after \d+ bytes\. .* The half-made image was deleted\.$/,
  );
  expect([await statesOf("still"), uploads()]).toEqual([[], 4]);
});

test("an image whose making was answered by silence is found again", async () => {
  gateway.misbehaviours = [{ when: `POST ${V3}$`, loseAnswer: true }];
  await create(inputs("lost"), here);
  expect([await statesOf("lost"), gateway.seen.filter((one) => one === `POST ${V3}`)]).toEqual([
    ["COMPLETE"],
    [`POST ${V3}`],
  ]);
});

test("a limit on requests is waited for as long as it says", async () => {
  const answer = { status: 429, headers: { "retry-after": "7" } };
  gateway.misbehaviours = [{ when: `POST ${V3}`, answer, times: 2 }];
  await create(inputs("limited"), here);
  expect([await statesOf("limited"), pauses.slice(0, 2)]).toEqual([["COMPLETE"], [7000, 7000]]);
});

test("a change that met another one is made again on what is there now", async () => {
  const made = await create(inputs("conflict"), here);
  const answer = { status: 409 };
  gateway.misbehaviours = [{ when, answer }];
  gateway.seen.length = 0;
  const news = inputs("conflict", { description: "new" });
  await update(made.id, made.outs, { news, surroundings: here });
  expect(gateway.seen.slice(0, 4)).toEqual([
    `GET ${V3}/UUID`,
    `PUT ${V3}/UUID`,
    `GET ${V3}/UUID`,
    `PUT ${V3}/UUID`,
  ]);
});

// The console and the way to it misbehave: what was begun is found and gone on with, nothing is begun twice, and what
// is cut short keeps its id and task.
import type { ClusterInputs, ClusterOutputs } from "../../../providers/nc2-cluster/operations";
import {
  create,
  diff,
  remove,
  Unfinished,
  update,
} from "../../../providers/nc2-cluster/operations";
import { Setting } from "./setting";

const setting = new Setting();
const { nc2, here, lines, pauses } = setting;
const inputs = (changes: Partial<ClusterInputs> = {}) => setting.inputs(changes);
const API = "/api/v2";
jest.setTimeout(60_000);

let other: Setting | undefined;
const HIBERNATED = { desiredState: "hibernated" };

beforeAll(() => setting.start());
beforeEach(() => setting.reset());
afterAll(async () => {
  await setting.remove();
  await other?.remove();
});

const change = async (olds: ClusterOutputs, changes: Partial<ClusterInputs>) =>
  (await update(olds.clusterId, olds, { news: inputs(changes), surroundings: here })).outs;

/** How often something was begun, whether or not its answer arrived. */
const begun = async (kind: string) =>
  (await nc2.tasks()).filter((task) => task.startsWith(`${kind} `)).length;

const posts = async (path: string) =>
  (await nc2.asked()).filter((line) => line === `POST ${path}`).length;

async function unfinished(work: Promise<unknown>): Promise<Unfinished> {
  const failure = await work.catch((error: unknown) => error);
  if (failure instanceof Unfinished) return failure;
  throw new Error(`It ended otherwise: ${String(failure)}`);
}

test("a creation that outlasts the patience is gone on with", async () => {
  await nc2.faults({ when: "kClusterCreate", hang: "before" });
  const failure = await unfinished(create(inputs({ patienceMinutes: 0.1 }), here));
  expect(failure.message).toBe(
    "Waiting for cluster metal was given up after 0.1 min (patienceMinutes). The console goes on with it: run pulumi up again to wait on.",
  );
  const [cluster] = await nc2.clusters();
  const [task] = (await nc2.call("GET", "/tasks")).data.data as { id: string }[];
  expect([failure.id, failure.properties]).toEqual([
    cluster.id,
    {
      ...inputs({ patienceMinutes: 0.1 }),
      ...{ clusterId: cluster.id, status: "creating", task: task?.id },
    },
  ]);
  expect(lines.filter((line) => line.includes("is running"))).toEqual([
    `metal: task Create cluster (${task?.id}) is running, 0 s`,
    `metal: task Create cluster (${task?.id}) is running, 2 s`,
    `metal: task Create cluster (${task?.id}) is running, 4 s`,
    `metal: task Create cluster (${task?.id}) is running, 6 s`,
  ]);
  expect(diff(failure.properties, inputs())).toMatchObject({ changes: true, replaces: [] });
  // The task of the state ends while nobody looks; the console says that the cluster runs.
  await nc2.setStatus(failure.id, "running");
  const finished = await change({ ...failure.properties, task: "forgotten" }, {});
  expect([finished.status, await posts("/clusters/aws")]).toEqual(["running", 1]);
  expect(finished.task).toBeUndefined();
});

test("a run that was killed leaves a cluster that the next one goes on with", async () => {
  await nc2.faults({ when: "kClusterCreate", delay: 3_000 });
  await create(inputs({ patienceMinutes: 0.01 }), here).catch(() => undefined);
  lines.length = 0;
  const { outs } = await create(inputs(), here);
  expect([outs.status, await posts("/clusters/aws")]).toEqual(["running", 1]);
  expect(lines[0]).toMatch(
    /^metal: going on with the cluster that an earlier run began: .{36} \(creating\)$/,
  );
  // Killed, and finished by the console alone: the mark says whose it is.
  const again = await create(inputs(), here);
  expect([again.id, await posts("/clusters/aws")]).toEqual([outs.clusterId, 1]);
});

test("a run that was killed before it marked its cluster goes on by name and measure", async () => {
  await nc2.faults(
    { when: "kClusterCreate", delay: 3_000 },
    { when: `* ${API}/clusters/*$`, fail: 400, skip: 1, times: 1 },
  );
  await create(inputs({ patienceMinutes: 0.01 }), here).catch(() => undefined);
  expect(lines.join("\n")).toContain("metal: its description could not be set: PATCH ");
  lines.length = 0;
  const { outs } = await create(inputs(), here);
  expect([outs.status, await posts("/clusters/aws")]).toEqual(["running", 1]);
  expect(lines[0]).toMatch(/going on with the cluster that is being created under that name/);
});

test("a creation whose answer got lost is found, not repeated", async () => {
  await nc2.faults({ when: `POST ${API}/clusters/aws`, drop: { response: 0 }, times: 1 });
  const { outs } = await create(inputs(), here);
  expect([outs.status, (await nc2.clusters()).length]).toEqual(["running", 1]);
  expect(lines[0]).toMatch(/Looking whether it was begun all the same\.$/);
});

test("a creation that the console could not take leaves nothing, and says so", async () => {
  await nc2.faults({ when: `POST ${API}/clusters/aws`, fail: 502, times: 1 });
  await expect(create(inputs(), here)).rejects.toThrow(
    /^Making cluster metal failed: POST \/clusters\/aws at the NC2 console https:.* failed: it answered 502 \(A fault rule answered 502\.\)\. Try again later\. No cluster came of it: run pulumi up again\.$/,
  );
  expect([await nc2.clusters(), await posts("/clusters/aws")]).toEqual([[], 1]);
});

test("a creation that fails keeps its cluster, which the next update replaces", async () => {
  await nc2.faults({ when: "kClusterCreate", fail: "No capacity for i4i.metal.", times: 1 });
  const failure = await unfinished(create(inputs(), here));
  expect(failure.message).toMatch(
    /^Cluster metal: the console's task Create cluster \(.{36}\) ended failed: No capacity for i4i\.metal\. Look at the cluster in the console, then run pulumi up again\.$/,
  );
  expect(failure.properties.status).toBe("creation_failed");
  expect(diff(failure.properties, inputs()).replaces).toEqual(["name"]);
  await remove(failure.id, failure.properties, here);
  const { outs } = await create(inputs(), here);
  expect([outs.status, outs.clusterId === failure.id]).toEqual(["running", false]);
});

test("a hibernation whose answer got lost is followed, not repeated", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults(
    { when: `POST ${API}/clusters/*/hibernate`, drop: { response: 0 }, times: 1 },
    { when: "kClusterHibernate", delay: 100 },
  );
  const asleep = await change(outs, HIBERNATED);
  expect([asleep.status, await begun("kClusterHibernate")]).toEqual(["hibernated", 1]);
});

test.each([500, 502, 503])(
  "a hibernation that %d kept from beginning is asked again",
  async (fail) => {
    const { outs } = await create(inputs(), here);
    await nc2.faults({ when: `POST ${API}/clusters/*/hibernate`, fail, times: 2 });
    const asleep = await change(outs, HIBERNATED);
    expect([asleep.status, await posts("/clusters/ID/hibernate")]).toEqual(["hibernated", 3]);
  },
);

test("one that is never taken is given up", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults({ when: `POST ${API}/clusters/*/hibernate`, fail: 502 });
  const failure = await unfinished(change(outs, HIBERNATED));
  expect(failure.message).toMatch(
    /^Hibernating cluster metal failed: POST \/clusters\/.{36}\/hibernate at .* it answered 502 .* It was asked 4 times\.$/,
  );
  expect(failure.properties).toMatchObject({ ...HIBERNATED, status: "running" });
});

test("a refusal is told in the console's words and not repeated", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults({ when: `POST ${API}/clusters/*/hibernate`, fail: 403 });
  const failure = await unfinished(change(outs, HIBERNATED));
  expect(failure.message).toMatch(
    /it answered 403 \(A fault rule answered 403\.\)\. The key's user must be a cluster administrator of the organization\.$/,
  );
  expect(await posts("/clusters/ID/hibernate")).toBe(1);
});

test("a limit on requests is waited for as long as it says", async () => {
  await nc2.faults({ when: `* ${API}/`, fail: 429, retryAfter: 7, times: 2 });
  await create(inputs(), here);
  expect(pauses.slice(0, 2)).toEqual([7000, 7000]);
});

test("a line that breaks while a task runs is waited out", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults(
    { when: "kClusterHibernate", delay: 200 },
    { when: `GET ${API}/`, drop: { response: 0 }, skip: 1, times: 12 },
  );
  const asleep = await change(outs, HIBERNATED);
  expect([asleep.status, await begun("kClusterHibernate")]).toEqual(["hibernated", 1]);
  expect(lines.some((line) => /socket hang up\. .* Asking again, /.test(line))).toBe(true);
});

test.each([
  { wish: "hibernated", from: "running", kind: "kClusterHibernate", failed: "hibernation_failed" },
  { wish: "running", from: "hibernated", kind: "kClusterResume", failed: "resuming_failed" },
])(
  "a $kind that failed is tried again by the next update",
  async ({ wish, from, kind, failed }) => {
    const made = await create(inputs({ desiredState: from }), here);
    await nc2.faults({ when: kind, fail: "S3 said no.", times: 1 });
    const failure = await unfinished(change(made.outs, { desiredState: wish }));
    expect(failure.message).toMatch(/ended failed: S3 said no\. Look at the cluster/);
    expect([failure.properties.status, failure.properties.task]).toEqual([failed, undefined]);
    expect((await change(failure.properties, { desiredState: wish })).status).toBe(wish);
  },
);

test("one that was interrupted is gone on with, whoever began it", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults({ when: "kClusterHibernate", delay: 150 });
  await nc2.call("POST", `/clusters/${outs.clusterId}/hibernate`, {});
  const asleep = await change(outs, HIBERNATED);
  expect([asleep.status, await begun("kClusterHibernate")]).toEqual(["hibernated", 1]);
  expect(lines.join("\n")).toMatch(/metal: going on with task Hibernate cluster \(.{36}\)/);
  // And one whose wish has changed since.
  await nc2.faults({ when: "kClusterResume", delay: 150 });
  await nc2.call("POST", `/clusters/${outs.clusterId}/resume`, {});
  expect((await change(asleep, HIBERNATED)).status).toBe("hibernated");
});

test("a stalled hibernation is told with what to do, and can be terminated", async () => {
  const { id, outs } = await create(inputs(), here);
  await nc2.setStatus(id, "hibernation_stalled");
  const failure = await unfinished(change(outs, HIBERNATED));
  expect(failure.message).toBe(
    "Hibernating cluster metal failed: its hibernation is stalled. Look at the cluster's notifications in the console; where they do not help, Nutanix's support must go on with it.",
  );
  await remove(id, failure.properties, here);
  expect((await nc2.clusters()).map(({ status }) => String(status))).toEqual(["terminated"]);
});

test("a machine whose clock is wrong is told so", async () => {
  setting.ahead = -10 * 60_000;
  await expect(create(inputs(), here)).rejects.toThrow(
    /^GET \/clusters at the NC2 console .* failed: it answered 401 \(The token is not valid: "exp" claim timestamp check failed\.\)\. This machine's clock is 10 min behind the console's, so its tokens are not valid: set the clock\.$/,
  );
  setting.ahead = 0;
  const wrong = { ...here, environment: { ...here.environment, NC2_API_KEY: "other" } };
  await expect(create(inputs(), wrong)).rejects.toThrow(
    /it answered 401 \(The token is not valid: signature verification failed\.\)\. Check NC2_KEY_ID and NC2_API_KEY, or console\.keyId and console\.apiKey of the stack, and that the key was not revoked\.$/,
  );
});

test("each request has a token of its own, so that none ends on the way", async () => {
  const { outs } = await create(inputs(), here);
  await nc2.faults({ when: "kClusterHibernate", delay: 200 });
  const began = change(outs, HIBERNATED);
  // Both clocks go on together, by more than a token lasts.
  for (let step = 1; step <= 5; step += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    nc2.ahead = setting.ahead = step * 200_000;
  }
  expect((await began).status).toBe("hibernated");
});

test("neither key nor token is told", async () => {
  await nc2.faults({ when: `* ${API}/`, fail: 404 });
  const failure: unknown = await create(inputs(), here).catch((error: unknown) => error);
  const text = JSON.stringify([failure, String(failure), lines]);
  expect([text.includes("hush-hush"), text.includes("Bearer"), text.includes("eyJ")]).toEqual([
    ...[false, false, false],
  ]);
});

test("a console that is not there is told with its address", async () => {
  const console = { url: "https://127.0.0.1:9/api/v2" };
  await expect(create(inputs({ console }), here)).rejects.toThrow(
    /^GET \/clusters at the NC2 console https:\/\/127\.0\.0\.1:9\/api\/v2 failed: connect ECONNREFUSED 127\.0\.0\.1:9\. Check console\.url, and that this machine reaches it\.$/,
  );
  await expect(create(inputs({ console: { url: nc2.url } }), here)).rejects.toThrow(
    /failed: (unable to verify|self-signed).* Give its CA as console\.trustBundle\.$/,
  );
});

test("behaviours that no source settles are all understood", async () => {
  other = new Setting();
  await other.nc2.start({
    behaviour: {
      ...{ accepted: 200, forgetsTerminated: true, describesWhileCreating: false },
      ...{ clusterIdDelay: 60_000, statusLag: 100 },
    },
    latency: { kClusterCreate: 50 },
  });
  await other.prism.start();
  const { id, outs } = await create(other.inputs(), other.here);
  const news = other.inputs(HIBERNATED);
  const asleep = await update(id, outs, { news, surroundings: other.here });
  expect(asleep.outs.status).toBe("hibernated");
  await remove(id, asleep.outs, other.here);
  expect(await other.nc2.clusters()).toEqual([]);
});

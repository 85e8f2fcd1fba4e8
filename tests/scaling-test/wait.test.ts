import { keepChanges } from "../../scaling-test/sampler";
import { until } from "../../scaling-test/wait";

test("a look that never answers does not outlast the budget", async () => {
  const start = performance.now();
  const result = await until(() => new Promise<string>(() => undefined), { seconds: 0.3 });
  expect(result).toEqual({ problem: "a server did not answer" });
  expect(performance.now() - start).toBeLessThan(3000);
});

test("the last problem is told, and what is found ends the wait", async () => {
  let looks = 0;
  const look = () => {
    looks++;
    return looks < 3 ? Promise.reject(new Error(`look ${looks}`)) : Promise.resolve("found");
  };
  expect(await until(look, { seconds: 30 })).toEqual({ found: "found" });
  expect(await until(() => Promise.reject(new Error("no")), { seconds: 0.2 })).toEqual({
    problem: "no",
  });
});

test("it stops when it is told to", async () => {
  const stop = new AbortController();
  stop.abort();
  expect(await until(() => Promise.resolve(1), { seconds: 30, signal: stop.signal })).toEqual({});
});

test("of samples the first, the last and each change are kept", () => {
  const sample = (time: number, vms: number) => ({
    time: `t${time}`,
    vms,
    nodes: 0,
    readyNodes: 0,
    pods: 0,
    readyPods: 0,
  });
  const all = [0, 0, 0, 1, 1, 1, 1, 0].map((vms, index) => sample(index, vms));
  const kept = all.reduce<typeof all>(keepChanges, []);
  expect(kept.map(({ time, vms }) => [time, vms])).toEqual([
    ["t0", 0],
    ["t2", 0],
    ["t3", 1],
    ["t6", 1],
    ["t7", 0],
  ]);
});

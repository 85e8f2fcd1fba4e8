// The whole test: a round of N, a round of one, counts over time, and the report of it.

import { Sampler } from "./sampler";
import { report, type SeenRound } from "./report";
import type { Blocker, ScalingTestReport } from "./report/types";
import { PhaseMissing, RoundRun, type Told } from "./round";
import type { World } from "./world";

/** Runs 0 -> N -> 0 -> 1 -> 0. Always comes to a report; a phase that is missing ends the run, back at zero replicas. */
export async function runScalingTest(
  world: World,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<ScalingTestReport> {
  const { settings } = world;
  const sampler = new Sampler();
  sampler.start(() => world.count());
  const rounds: SeenRound[] = [];
  const failures: string[] = [];
  const blockers: Blocker[] = [];
  try {
    for (const [index, replicas] of [settings.replicas, 1].entries()) {
      const round = new RoundRun(index + 1, replicas, { world, tell, signal });
      rounds.push(round.result);
      await round.run();
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
    if (error instanceof PhaseMissing) blockers.push(...error.blockers);
    await world
      .scale(0)
      .catch((cause: unknown) => failures.push(`Scaling back to 0 failed: ${String(cause)}`));
  }
  await sampler.stop();
  return report({ ...settings, samples: sampler.samples, blockers, failures }, rounds);
}

// Counts over time, for the plots: asked again and again, kept when something has changed.

import type { Sample } from "./report/types";

const INTERVAL_MILLISECONDS = 300;

const counts = ({ vms, nodes, readyNodes, pods, readyPods }: Sample) =>
  [vms, nodes, readyNodes, pods, readyPods].join();

/** What is kept of a row of samples: the first, the last, and each that differs from the one before. Pure. */
export function keepChanges(samples: Sample[], next: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && counts(last) === counts(next) && samples.length > 1) {
    const before = samples.at(-2);
    if (before && counts(before) === counts(last)) return [...samples.slice(0, -1), next];
  }
  return [...samples, next];
}

export class Sampler {
  samples: Sample[] = [];
  private stopped = false;
  private looking: Promise<void> = Promise.resolve();

  /** Begins to look; `count` may fail now and then. */
  start(count: () => Promise<Sample>): void {
    this.looking = this.loop(count);
  }

  private async loop(count: () => Promise<Sample>): Promise<void> {
    while (!this.isStopped()) {
      const sample = await count().catch(() => undefined);
      if (sample) this.samples = keepChanges(this.samples, sample);
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MILLISECONDS));
    }
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  /** Looks once more and ends, after five seconds at the latest. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.race([this.looking, new Promise((resolve) => setTimeout(resolve, 5000))]);
  }
}

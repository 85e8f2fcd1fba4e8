// The queue of a controller: a key is worked on by one worker at a time; whatever happens to it meanwhile is
// worked on afterwards, once. Failures come back after a delay that doubles.

/** Works on one key; a number of milliseconds asks to be called again after it. */
export type Work = (key: string) => Promise<number | undefined>;

export interface QueueOptions {
  workers?: number;
  firstDelay?: number;
  longestDelay?: number;
  onError?: (key: string, error: unknown) => void;
}

export class WorkQueue {
  private readonly work: Work;
  private readonly options: Required<QueueOptions>;
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly failures = new Map<string, number>();
  private readonly timers = new Map<string, { due: number; timer: NodeJS.Timeout }>();
  private stopped = false;
  private held = false;

  constructor(work: Work, options: QueueOptions = {}) {
    this.work = work;
    this.options = {
      workers: options.workers ?? 10,
      firstDelay: options.firstDelay ?? 50,
      longestDelay: options.longestDelay ?? 30_000,
      onError: options.onError ?? (() => undefined),
    };
  }

  /** Asks for a key to be worked on as soon as a worker is free. */
  add(key: string): void {
    if (this.stopped) return;
    this.clearTimer(key);
    this.waiting.add(key);
    this.pump();
  }

  /** Asks for a key to be worked on after some milliseconds, or earlier if that is asked for. */
  addAfter(key: string, delay: number): void {
    if (this.stopped || this.waiting.has(key)) return;
    const due = Date.now() + delay;
    if ((this.timers.get(key)?.due ?? Infinity) <= due) return;
    this.clearTimer(key);
    this.timers.set(key, { due, timer: setTimeout(() => this.add(key), delay) });
  }

  /** Collects keys without working on them, until resume. */
  hold(): void {
    this.held = true;
  }

  resume(): void {
    this.held = false;
    this.pump();
  }

  /** Takes nothing more, and settles when the work at hand is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.waiting.clear();
    for (const key of [...this.timers.keys()]) this.clearTimer(key);
    await Promise.all(this.running.values());
  }

  /** How many keys wait and run, for metrics. */
  depth(): { waiting: number; running: number } {
    return { waiting: this.waiting.size, running: this.running.size };
  }

  private pump(): void {
    if (this.held) return;
    for (const key of this.waiting) {
      if (this.running.size >= this.options.workers) return;
      if (this.running.has(key)) continue;
      this.waiting.delete(key);
      this.running.set(key, this.run(key));
    }
  }

  private async run(key: string): Promise<void> {
    await Promise.resolve();
    try {
      const again = await this.work(key);
      this.failures.delete(key);
      if (again !== undefined) this.addAfter(key, again);
    } catch (error) {
      const count = this.failures.get(key) ?? 0;
      this.failures.set(key, count + 1);
      this.options.onError(key, error);
      this.addAfter(key, Math.min(this.options.firstDelay * 2 ** count, this.options.longestDelay));
    } finally {
      this.running.delete(key);
      this.pump();
    }
  }

  private clearTimer(key: string): void {
    clearTimeout(this.timers.get(key)?.timer);
    this.timers.delete(key);
  }
}

// The time that this Prism Central lives by: the machine's, moved on by tests that do not want to wait for it.

interface Sleeper {
  due: number;
  wake: () => void;
  timer: NodeJS.Timeout;
}

export class Clock {
  private readonly base: () => Date;
  private readonly sleepers = new Set<Sleeper>();
  private ahead = 0;

  constructor(base: () => Date = () => new Date()) {
    this.base = base;
  }

  /** Milliseconds that it is ahead of the machine's. */
  get aheadOfMachine(): number {
    return this.ahead;
  }

  readonly now = (): Date => new Date(this.base().getTime() + this.ahead);

  /** Moves time on; what sleeps until then wakes. */
  advance(milliseconds: number): void {
    this.ahead += milliseconds;
    const now = this.now().getTime();
    for (const sleeper of [...this.sleepers]) {
      clearTimeout(sleeper.timer);
      if (sleeper.due <= now) sleeper.wake();
      else sleeper.timer = setTimeout(sleeper.wake, sleeper.due - now);
    }
  }

  /** Resolves in so many milliseconds of this time; rejects when the signal says so. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (then: () => void) => {
        clearTimeout(sleeper.timer);
        this.sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        then();
      };
      const abort = () => end(() => reject(new Error("The sleep was ended early.")));
      const wake = () => end(resolve);
      const sleeper: Sleeper = {
        due: this.now().getTime() + milliseconds,
        wake,
        timer: setTimeout(wake, milliseconds),
      };
      this.sleepers.add(sleeper);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    });
  }
}

// What happened, newest last: requests with their answers, tasks with each change of their status. The newest are kept
// in memory; whoever follows gets each as it happens.
import { Readable } from "node:stream";

export interface Event {
  /** Counts up from 1. */
  number: number;
  time: string;
  kind: "request" | "task";
  /** "POST /api/vmm/v4.2/ahv/config/vms", "kVmCreate". */
  what: string;
  /** "202", "RUNNING". */
  status: string;
  [detail: string]: unknown;
}

const KEPT = 10_000;

export class Events {
  private readonly now: () => Date;
  private readonly followers = new Set<Readable>();
  private events: Event[] = [];
  private last = 0;

  constructor(now: () => Date) {
    this.now = now;
  }

  add(event: Pick<Event, "kind" | "what" | "status"> & Record<string, unknown>): void {
    this.last += 1;
    const added: Event = { number: this.last, time: this.now().toISOString(), ...event };
    this.events.push(added);
    // Cut in large pieces, so that adding costs the same each time.
    if (this.events.length > 2 * KEPT) this.events = this.events.slice(-KEPT);
    for (const follower of this.followers) follower.push(`${JSON.stringify(added)}\n`);
  }

  /** Those after a number, the oldest first. */
  after(number: number, count = KEPT): Event[] {
    const oldest = this.events[0]?.number ?? 1;
    const start = Math.max(0, number - oldest + 1);
    return this.events.slice(Math.max(start, this.events.length - KEPT)).slice(0, count);
  }

  /** One JSON line an event, those after a number and all that follow, until the reader leaves. */
  follow(number: number): Readable {
    const lines = new Readable({ read: () => undefined });
    for (const event of this.after(number)) lines.push(`${JSON.stringify(event)}\n`);
    this.followers.add(lines);
    lines.once("close", () => this.followers.delete(lines));
    return lines;
  }

  /** Ends what is being followed. */
  close(): void {
    for (const follower of this.followers) follower.destroy();
  }
}

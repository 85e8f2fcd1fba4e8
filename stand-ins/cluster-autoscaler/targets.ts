// Sizes just asked for. The live copies show them a moment later, and a run in between must not ask again.

/** How long a size asked for is believed when the API server shows another one. */
const believed = 5000;

export class Targets {
  private readonly asked = new Map<string, { size: number; until: number }>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  set(group: string, size: number): void {
    this.asked.set(group, { size, until: this.now() + believed });
  }

  /** The size of a group, given the one that the live copy shows. */
  size(group: string, shown: number): number {
    const asked = this.asked.get(group);
    if (!asked) return shown;
    if (asked.size !== shown && this.now() < asked.until) return asked.size;
    this.asked.delete(group);
    return shown;
  }
}

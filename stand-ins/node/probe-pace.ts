// When a probe asks next. Times are milliseconds since the node's start.
import { unasked, waitOf } from "./probes";
import type { ProbeKind, ProbeSettings, ProbeState } from "./probes";

const relist = 1000;

/**
 * A probe's own pace, and for readiness the node's next look at its containers, once: each second, like a kubelet
 * (pleg/generic.go), which then learns that one has started and asks at once whether that is ready (UpdatePodStatus in
 * prober/prober_manager.go).
 */
export class Pace {
  private readonly kind: ProbeKind;
  private readonly settings: ProbeSettings;
  private due: number;
  private look: number;
  private isLook = false;

  constructor(kind: ProbeKind, settings: ProbeSettings, now: number, state: ProbeState = unasked) {
    this.kind = kind;
    this.settings = settings;
    this.due = now + waitOf(kind, state, settings);
    const look = (Math.floor(now / relist) + 1) * relist;
    const looks = kind === "readiness" && state.verdict !== true && look - now >= settings.delay;
    this.look = looks ? look : Infinity;
  }

  /** The moment to ask at. */
  next(): number {
    this.isLook = this.look < this.due;
    return Math.min(this.look, this.due);
  }

  /** To be told each answer's outcome. A look leaves the probe's own pace as it is. */
  asked(now: number, state: ProbeState): void {
    if (this.isLook) this.look = Infinity;
    if (!this.isLook || state.verdict) this.due = now + waitOf(this.kind, state, this.settings);
  }
}

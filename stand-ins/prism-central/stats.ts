// How often each route was asked, what it answered, and how long that took.

export interface RouteStats {
  requests: number;
  /** Status -> how many answers. */
  statuses: Record<string, number>;
  meanMilliseconds: number;
  maxMilliseconds: number;
}

export class Stats {
  private readonly routes = new Map<string, RouteStats>();

  /** Route as in /about, "GET /api/vmm/:version/ahv/config/vms". */
  record(route: string, status: number, milliseconds: number): void {
    const before = this.routes.get(route) ?? {
      requests: 0,
      statuses: {},
      meanMilliseconds: 0,
      maxMilliseconds: 0,
    };
    const requests = before.requests + 1;
    this.routes.set(route, {
      requests,
      statuses: { ...before.statuses, [status]: (before.statuses[status] ?? 0) + 1 },
      meanMilliseconds:
        before.meanMilliseconds + (milliseconds - before.meanMilliseconds) / requests,
      maxMilliseconds: Math.max(before.maxMilliseconds, milliseconds),
    });
  }

  clear(): void {
    this.routes.clear();
  }

  told(): Record<string, RouteStats> {
    const round = (value: number) => Math.round(value * 100) / 100;
    return Object.fromEntries(
      [...this.routes].map(([route, stats]) => [
        route,
        {
          ...stats,
          meanMilliseconds: round(stats.meanMilliseconds),
          maxMilliseconds: round(stats.maxMilliseconds),
        },
      ]),
    );
  }
}

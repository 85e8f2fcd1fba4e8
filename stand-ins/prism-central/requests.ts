// NTNX-Request-Id: clients send one with each call and send it again when they repeat the call after a time-out.
// Whoever repeats a change gets the first answer again, not a second change; also while the first is under way.
// The Go SDK (prism-go-client v0.7.2) sends two when it makes an image: a repetition sends both again, so that together
// they tell requests apart as one does.
import { invalidRequestId, missingRequestId } from "./errors";
import type { Call, Reply, Route } from "./route";
import { header } from "./route";
import type { World } from "./world";

const KEPT = 60 * 60 * 1000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export class Requests {
  private readonly world: World;
  private readonly underWay = new Map<string, Promise<Reply>>();

  constructor(world: World) {
    this.world = world;
  }

  /** Makes a change once for each request id, and keeps its answer. `path` and method tell requests apart. */
  async once(route: Route, call: Call, path: string): Promise<Reply> {
    const id = header(call, "ntnx-request-id");
    if (id === undefined || id === "") {
      if (route.once === "required" && call.behaviour.requestIdRequired) throw missingRequestId();
      return route.handle(call);
    }
    if (!id.split(", ").every((each) => UUID.test(each))) throw invalidRequestId(id);
    const key = `${id} ${call.user} ${route.method} ${path}`;
    const before = this.world.answers.get(key) ?? this.underWay.get(key);
    if (before) return before;
    const answer = this.act(route, call, key);
    this.underWay.set(key, answer);
    return answer.finally(() => this.underWay.delete(key));
  }

  private async act(route: Route, call: Call, key: string): Promise<Reply> {
    const reply = await route.handle(call);
    this.prune();
    const { status, body, headers } = reply;
    this.world.answers.put(key, {
      time: this.world.now().toISOString(),
      status,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
    return reply;
  }

  private prune(): void {
    const horizon = new Date(this.world.now().getTime() - KEPT).toISOString();
    for (const [key, answer] of this.world.answers.entries()) {
      if (answer.time >= horizon) return;
      this.world.answers.delete(key);
    }
  }
}

// NTNX-Request-Id: clients send one with each call and send it again when they repeat the call after a time-out.
// Whoever repeats a change gets the first answer again, not a second change.
import { missingRequestId } from "./errors";
import type { Call, Reply } from "./route";
import { header } from "./route";
import type { World } from "./world";

const KEPT = 60 * 60 * 1000;

/** Makes a change once for each request id, and keeps its answer. */
export async function once(
  world: World,
  call: Call,
  request: { key: string; act: (call: Call) => Reply | Promise<Reply> },
): Promise<Reply> {
  const id = header(call, "ntnx-request-id");
  if (id === undefined) throw missingRequestId();
  const key = `${id} ${call.user} ${request.key}`;
  const before = world.answers.get(key);
  if (before) return before;
  const reply = await request.act(call);
  prune(world);
  const { status, body, headers } = reply;
  world.answers.put(key, {
    time: world.now().toISOString(),
    status,
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  });
  return reply;
}

function prune(world: World): void {
  const horizon = new Date(world.now().getTime() - KEPT).toISOString();
  for (const [key, answer] of world.answers.entries()) {
    if (answer.time >= horizon) return;
    world.answers.delete(key);
  }
}

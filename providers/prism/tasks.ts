// Waiting for Prism Central: its tasks (v3), and whatever else becomes true in its own time.
import type { PrismClient } from "./client";
import { PrismError } from "./errors";

interface Task {
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";
  operation_type?: string;
  error_detail?: string;
}

const PATIENCE = 60 * 60 * 1000;

/**
 * Asks until the answer is yes. First questions are close together, later ones as far apart as Prism's own
 * clients keep them; after an hour it gives up.
 */
export async function until(
  client: PrismClient,
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  let waited = 0;
  for (let attempt = 0; !(await isSo()); attempt += 1) {
    if (waited > PATIENCE)
      throw new PrismError(`Waiting for ${what} failed: an hour was not enough.`);
    const delay = Math.min(200 * 2 ** attempt, 3_000);
    waited += delay;
    await client.clock.sleep(delay);
  }
}

/** Waits until a task has succeeded; throws what it failed of. */
export function waitForTask(client: PrismClient, uuid: string): Promise<void> {
  return until(client, `task ${uuid}`, async () => {
    const task = await client.request<Task>("GET", `/tasks/${uuid}`);
    if (task.status === "FAILED" || task.status === "ABORTED")
      throw new PrismError(
        `Prism Central's task ${uuid} (${task.operation_type ?? "unnamed"}) ended ${task.status}: ${task.error_detail ?? "it gives no reason."}`,
      );
    return task.status === "SUCCEEDED";
  });
}

// What a NutanixMachine notes, before the call, about making its VM: whatever is lost afterwards (an answer, the
// process, a place in a list that lags), the next try and the deletion know what may be there.

import type { KubeClient } from "../shared/kube-client";
import { nutanixMachines } from "./objects";
import type { NutanixMachine } from "./objects";

const annotation = "nutanix-serverless-lab/create";

export interface CreateRecord {
  /** Counts create tasks that ended badly or never: the next try needs a new request id. */
  attempt: number;
  /** When this attempt began. */
  since: string;
  /** This attempt's task, once it takes longer. */
  task?: string;
  /** VMs that tasks given up may still make. */
  abandoned?: string[];
}

export function createRecordOf(object: NutanixMachine): CreateRecord | undefined {
  const text = object.metadata.annotations?.[annotation];
  return text === undefined ? undefined : (JSON.parse(text) as CreateRecord);
}

/** Writes the note into the machine's annotations, and what else is to be written at that moment. */
export async function saveCreateRecord(
  client: KubeClient,
  { metadata }: NutanixMachine,
  record: CreateRecord,
  also: object = {},
): Promise<CreateRecord> {
  const annotations = { [annotation]: JSON.stringify(record) };
  await client.patch(nutanixMachines, metadata, { metadata: { annotations }, ...also });
  return record;
}

// Why machines do not come, for an `up` that failed: what CAPX says of each, and what its virtual machine's console ends with.

import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { ApiServer, type ApiObject } from "../scaling-test/api-server";
import { type Condition, isRefusal } from "../scaling-test/evidence";
import { lastLines } from "../stand-ins/shared/process";
import type { Lab } from "./lab";
import { vmConsoles } from "./vm-console";

/** Of a Machine, or of the NutanixMachine that has its name. */
export interface MachineObject extends Pick<ApiObject, "metadata"> {
  status?: {
    nodeRef?: object;
    vmUUID?: string;
    failureMessage?: string;
    conditions?: Omit<Condition, "lastTransitionTime">[];
  };
}

/** What is known of a lab's machines. */
export interface Machines {
  machines: MachineObject[];
  nutanixMachines: MachineObject[];
  /** UUID of a virtual machine -> the last line of its console, where this lab has it. */
  lastWords: ReadonlyMap<string, string>;
}

const PATIENCE = 5000;

/** A line for each machine that CAPX has trouble with, or of which no Node has come. Pure. */
export function troubles({ machines, nutanixMachines, lastWords }: Machines): string[] {
  return machines.flatMap(({ metadata: { name }, status }) => {
    const own = nutanixMachines.find(({ metadata }) => metadata.name === name);
    const said = own && saidOf(own);
    if (said !== undefined) return [`Machine ${name}: ${said}`];
    if (status?.nodeRef) return [];
    const words = lastWords.get(own?.status?.vmUUID ?? "");
    const console = words === undefined ? "" : ` Its console ends with: ${words}`;
    return [`Machine ${name}: no Node has come of it.${console}`];
  });
}

/** What CAPX says is wrong. */
function saidOf({ status }: MachineObject): string | undefined {
  if (status?.failureMessage !== undefined) return status.failureMessage;
  const bad = status?.conditions?.find(isRefusal);
  return bad && `${bad.type} is false: ${bad.message ?? ""}`;
}

/** The same of the lab on this machine, as far as its management cluster answers within some seconds. */
export async function machineTroubles(lab: Lab): Promise<string[]> {
  const kubeconfig = path.join(lab.directory, "kubeconfig");
  if (!existsSync(kubeconfig)) return [];
  const asked = listed(kubeconfig).then(
    (found) => troubles({ ...found, lastWords: lastWordsOf(lab) }),
    () => [], // no API server, or no Cluster API in it yet: then it is not the machines
  );
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, PATIENCE, []).unref());
  return Promise.race([asked, late]);
}

async function listed(kubeconfig: string): Promise<Omit<Machines, "lastWords">> {
  const server = await ApiServer.connect(readFileSync(kubeconfig, "utf8"));
  const [machines, nutanixMachines] = await Promise.all([
    server.list<MachineObject>("/apis/cluster.x-k8s.io/v1beta2/machines"),
    server.list<MachineObject>("/apis/infrastructure.cluster.x-k8s.io/v1beta1/nutanixmachines"),
  ]);
  return { machines, nutanixMachines };
}

function lastWordsOf(lab: Lab): Map<string, string> {
  return new Map(vmConsoles(lab).map(({ extId, file }) => [extId, lastLines(file, 1)]));
}

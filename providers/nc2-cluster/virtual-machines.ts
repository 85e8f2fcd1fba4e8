// A cluster hibernates only when no VM runs on it: its Prism Central is asked, once before each hibernation.
import type { PrismClient } from "../prism/client";
import { prismElementUuid } from "../prism/clusters";
import { PrismError, told } from "../prism/errors";
import { Nc2Error } from "../nc2/errors";
import type { Watched } from "./inputs";

interface Vm {
  extId: string;
  name: string;
  powerState?: string;
}

const VMS = "/api/vmm/v4.0/ahv/config/vms";
const PAGE = 100;
const NAMED = 5;

/** Throws unless Prism Central says that no VM runs there but those that may. */
export async function mustBeIdle(
  client: PrismClient,
  name: string,
  watched: Watched,
): Promise<void> {
  const running = await runningVms(client, watched.prismElement ?? name).catch((error: unknown) => {
    if (!(error instanceof PrismError)) throw error;
    throw new Nc2Error(
      `Hibernating cluster ${name} failed: whether VMs run on it could not be asked: ${told(error)}`,
      { cause: error },
    );
  });
  const allowed = watched.allowedVms ?? [];
  const inTheWay = running.filter(
    (vm) => !allowed.includes(vm.name) && !allowed.includes(vm.extId),
  );
  if (inTheWay.length === 0) return;
  const names = inTheWay.slice(0, NAMED).map((vm) => `${vm.name} (${vm.powerState ?? "unknown"})`);
  const more = inTheWay.length > NAMED ? ` and ${inTheWay.length - NAMED} more` : "";
  throw new Nc2Error(
    `Hibernating cluster ${name} failed: ${inTheWay.length} of its VMs ${inTheWay.length === 1 ? "is" : "are"} not OFF: ${names.join(", ")}${more}. Scale the lab to zero and destroy it, or shut them down; one that may stay, such as Prism Central's own, belongs into prismCentral.allowedVms.`,
  );
}

/** Whatever is not OFF: a paused VM holds its memory. */
async function runningVms(client: PrismClient, prismElement: string): Promise<Vm[]> {
  const uuid = await prismElementUuid(client, prismElement);
  const filter = encodeURIComponent(`cluster/extId eq '${uuid}'`);
  const all: Vm[] = [];
  for (let page = 0; ; page += 1) {
    const answer = await client.request<{ data?: Vm[] | null }>(
      "GET",
      `${VMS}?$filter=${filter}&$page=${page}&$limit=${PAGE}`,
    );
    const vms = answer.data ?? [];
    all.push(...vms);
    if (vms.length < PAGE) return all.filter(({ powerState }) => powerState !== "OFF");
  }
}

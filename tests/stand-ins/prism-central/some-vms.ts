// VMs for tests: asked for, made, acted on.
import type { AxiosResponse } from "axios";
import type { Json, PrismCentralUnderTest } from "../../support/prism-central";

export const VMS = "/api/vmm/v4.2/ahv/config/vms";

export class SomeVms {
  private readonly prism: PrismCentralUnderTest;
  clusters: Record<string, string> = {};
  subnets: Record<string, string> = {};

  constructor(prism: PrismCentralUnderTest) {
    this.prism = prism;
  }

  /** Learns the extIds of clusters and subnets by their names. */
  async lookAround(): Promise<void> {
    const byName = async (path: string): Promise<Record<string, string>> => {
      const { data } = await this.prism.call("GET", path);
      const rows = data.data as { name: string; extId: string }[];
      return Object.fromEntries(rows.map(({ name, extId }) => [name, extId]));
    };
    this.clusters = await byName("/api/clustermgmt/v4.2/config/clusters");
    this.subnets = await byName("/api/networking/v4.2/config/subnets");
  }

  /** A request for a small VM with a NIC in each subnet named. */
  body(name: string, changes: object = {}, subnets: string[] = []): object {
    return {
      name,
      memorySizeBytes: 2 ** 30,
      cluster: { extId: this.clusters["lab-pe"] },
      nics: subnets.map((subnet) => ({
        networkInfo: { subnet: { extId: this.subnets[subnet] } },
      })),
      ...changes,
    };
  }

  /** Its create task, ended. */
  async made(name: string, changes: object = {}, subnets: string[] = []): Promise<Json> {
    const body = this.body(name, changes, subnets);
    return this.prism.task(await this.prism.call("POST", VMS, { body }));
  }

  async make(name: string, changes: object = {}, subnets: string[] = []): Promise<string> {
    const task = await this.made(name, changes, subnets);
    return String(task.entitiesAffected[0].extId);
  }

  async get(extId: string): Promise<Json> {
    return (await this.prism.call("GET", `${VMS}/${extId}`)).data.data;
  }

  /** An action's answer, on the VM's present ETag. */
  async ask(extId: string, action: string, body?: object): Promise<AxiosResponse> {
    const { headers } = await this.prism.call("GET", `${VMS}/${extId}`);
    const etag = { "if-match": String(headers["etag"]) };
    const path = `${VMS}/${extId}/$actions/${action}`;
    return this.prism.call("POST", path, { headers: etag, ...(body ? { body } : {}) });
  }

  /** An action's task, ended. */
  async act(extId: string, action: string, body?: object): Promise<Json> {
    return this.prism.task(await this.ask(extId, action, body));
  }
}

/** How a task ended: its status, and its error's code and message. */
export function ending(task: Json): unknown[] {
  const [error] = (task.errorMessages ?? []) as { code: string; message: string }[];
  return error ? [task.status, error.code, error.message] : [task.status];
}

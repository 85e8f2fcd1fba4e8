// The questions that the scaling test asks Prism Central: which VMs carry the cluster's category, and what its task
// log says of a VM. v4 API, read only.

import axios, { type AxiosInstance } from "axios";
import * as https from "node:https";

export interface PrismVm {
  extId: string;
  name: string;
  /** "ON", "OFF", ... */
  powerState?: string;
}

export interface PrismTask {
  extId: string;
  /** Such as "kVmCreate". */
  operation: string;
  /** QUEUED, RUNNING, SUCCEEDED, FAILED, ... */
  status: string;
  createdTime: string;
  completedTime?: string;
  entitiesAffected?: { extId: string; rel?: string; name?: string }[];
  errorMessages?: { message?: string }[];
}

interface Listing {
  data?: unknown[];
  metadata?: { totalAvailableResults?: number };
}

export interface PrismSettings {
  address: string;
  port: number;
  insecure?: boolean;
  trustBundle?: string;
}

/** What is done to a VM, however a version of Prism Central spells it. */
export const OPERATIONS = {
  create: /^k?VmCreate$/i,
  powerOn: /^k?Vm(PowerOn|SetPowerState)/i,
  delete: /^k?VmDelete$/i,
};

/** Read-only view of Prism Central; credentials from NUTANIX_API_KEY, or NUTANIX_USERNAME and NUTANIX_PASSWORD. */
export class PrismReader {
  private readonly http: AxiosInstance;

  constructor(settings: PrismSettings, environment: NodeJS.ProcessEnv) {
    const key = environment["NUTANIX_API_KEY"];
    const basic = {
      username: environment["NUTANIX_USERNAME"] ?? "",
      password: environment["NUTANIX_PASSWORD"] ?? "",
    };
    this.http = axios.create({
      baseURL: `https://${settings.address}:${settings.port}/api`,
      timeout: 30_000,
      ...(key ? { headers: { "X-ntnx-api-key": key } } : { auth: basic }),
      httpsAgent: new https.Agent({
        keepAlive: true,
        rejectUnauthorized: settings.insecure !== true,
        ...(settings.trustBundle ? { ca: settings.trustBundle } : {}),
      }),
    });
  }

  /**
   * The VMs that carry category KubernetesClusterName:<cluster>, which CAPX puts on each of them, and when
   * Prism Central said so (its Date header, RFC 3339, whole seconds).
   */
  async clusterVms(cluster: string): Promise<{ vms: PrismVm[]; date: string }> {
    const filter = `key eq 'KubernetesClusterName' and value eq '${cluster}'`;
    const categories = await this.list("/prism/v4.2/config/categories", filter);
    const ids = new Set((categories.items as PrismVm[]).map((item) => item.extId));
    const { items, date } = await this.list("/vmm/v4.2/ahv/config/vms");
    const vms = (items as (PrismVm & { categories?: { extId: string }[] })[])
      .filter((vm) => vm.categories?.some((category) => ids.has(category.extId)))
      .map(({ extId, name, powerState }) => ({
        extId,
        name,
        ...(powerState === undefined ? {} : { powerState }),
      }));
    return { vms, date };
  }

  /** The tasks that affected a VM, oldest first. */
  async tasksOf(vm: string): Promise<PrismTask[]> {
    const filter = `entitiesAffected/any(a:a/extId eq '${vm}')`;
    const { items } = await this.list("/prism/v4.2/config/tasks", filter);
    return (items as PrismTask[]).sort(
      (a, b) => Date.parse(a.createdTime) - Date.parse(b.createdTime),
    );
  }

  /** One task, or undefined where Prism Central has none of this id (any more). */
  async task(extId: string): Promise<PrismTask | undefined> {
    const reply = await this.http.get<{ data: PrismTask }>(`/prism/v4.2/config/tasks/${extId}`, {
      validateStatus: (status) => status < 300 || status === 404,
    });
    return reply.status === 404 ? undefined : reply.data.data;
  }

  private async list(path: string, filter?: string): Promise<{ items: unknown[]; date: string }> {
    const found: unknown[] = [];
    for (let page = 0; ; page++) {
      const params = { $page: page, $limit: 100, ...(filter ? { $filter: filter } : {}) };
      const { data: body, headers } = await this.http.get<Listing>(path, { params });
      const items = body.data ?? [];
      found.push(...items);
      const date = new Date(String(headers["date"])).toISOString();
      if (items.length === 0 || found.length >= (body.metadata?.totalAvailableResults ?? 0))
        return { items: found, date };
    }
  }
}

// What the tests of Nc2Cluster's operations share: a console, a Prism Central with a VM that may run, a clock that does
// not wait, and inputs that can be granted.
import type { Surroundings } from "../../../providers/nc2-cluster/operations";
import type { ClusterInputs } from "../../../providers/nc2-cluster/operations";
import { AWS, KEY, Nc2ConsoleUnderTest, ORGANIZATION } from "../../support/nc2-console";
import { PrismCentralUnderTest } from "../../support/prism-central";

export class Setting {
  readonly nc2 = new Nc2ConsoleUnderTest();
  readonly prism = new PrismCentralUnderTest({
    clusters: ["metal", "other"].map((name) => ({
      name,
      version: "7.3",
      hosts: [`${name}-host`],
      storageContainers: ["default"],
    })),
    subnets: [],
  });
  readonly lines: string[] = [];
  readonly pauses: number[] = [];
  /** Milliseconds that this machine's clock is ahead. */
  ahead = 0;

  readonly here: Surroundings = {
    environment: {
      NC2_KEY_ID: KEY.id,
      NC2_API_KEY: KEY.key,
      NUTANIX_USERNAME: "admin",
      NUTANIX_PASSWORD: "secret",
    },
    log: (line) => this.lines.push(line),
    clock: {
      now: () => new Date(Date.now() + this.ahead),
      sleep: (milliseconds) => {
        this.pauses.push(milliseconds);
        return new Promise((resolve) => setTimeout(resolve, 5));
      },
    },
  };

  async start(): Promise<void> {
    await this.nc2.start();
    await this.prism.start();
  }

  async remove(): Promise<void> {
    await this.nc2.remove();
    await this.prism.remove();
  }

  async reset(): Promise<void> {
    this.lines.length = this.pauses.length = this.ahead = 0;
    await this.nc2.reset();
    await this.prism.call("POST", "/debug/reset");
  }

  inputs(changes: Partial<ClusterInputs> = {}): ClusterInputs {
    return {
      name: "metal",
      cloud: "aws",
      organizationId: ORGANIZATION,
      cloudAccountId: AWS,
      region: "us-west-2",
      capacity: [{ hostType: "i4i.metal", hosts: 3 }],
      creation: { aosVersion: "7.3", license: "nci", network: { mode: "new" } },
      desiredState: "running",
      console: { url: this.nc2.url, trustBundle: this.nc2.trustBundle },
      prismCentral: {
        address: "127.0.0.1",
        port: this.prism.port,
        trustBundle: this.prism.trustBundle,
      },
      patienceMinutes: 180,
      owner: "metal/test/cluster",
      ...changes,
    };
  }

  /** Makes a VM on a Prism Element, and powers it on. Answers its uuid. */
  async runVm(name: string, prismElement = "metal"): Promise<string> {
    const clusters = await this.prism.call("GET", "/api/clustermgmt/v4.0/config/clusters");
    const { extId: cluster } = (clusters.data.data as { extId: string; name: string }[]).find(
      (one) => one.name === prismElement,
    )!;
    const path = "/api/vmm/v4.0/ahv/config/vms";
    const body = {
      ...{ name, numSockets: 1, numCoresPerSocket: 1, memorySizeBytes: 1024 ** 3 },
      cluster: { extId: cluster },
    };
    const task = await this.prism.task(await this.prism.call("POST", path, { body }));
    const id = (task.entitiesAffected as { extId: string }[])[0]!.extId;
    await this.power(id, "power-on");
    return id;
  }

  async power(id: string, how: "power-on" | "power-off"): Promise<void> {
    const path = `/api/vmm/v4.0/ahv/config/vms/${id}`;
    const { headers } = await this.prism.call("GET", path);
    const asked = { headers: { "if-match": String(headers["etag"]) }, body: {} };
    await this.prism.task(await this.prism.call("POST", `${path}/$actions/${how}`, asked));
  }
}

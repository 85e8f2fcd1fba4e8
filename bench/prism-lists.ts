// What lists, lookups and creates of Prism Central cost at 10,000 images and VMs, next to the same at 100 in the same
// run: two servers, asked in turn, so that the machine's noise meets both.
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Hypervisor } from "../stand-ins/hypervisor/types";
import type { ImageRow } from "../stand-ins/prism-central/image-store";
import { defaultSeed } from "../stand-ins/prism-central/seed";
import type { VmRow } from "../stand-ins/prism-central/vm";
import { openWorld } from "../stand-ins/prism-central/world";
import type { World } from "../stand-ins/prism-central/world";
import { type PrismCentralProcess, startPrismCentral } from "./prism-central-process";
import { type Row, round } from "./rows";

export interface ListsBench {
  few: number;
  many: number;
  /** Requests of each kind to each server. */
  requests: number;
}

const VMS = "/api/vmm/v4.2/ahv/config/vms";
const IMAGES = "/api/vmm/v4.2/content/images";
const PASSWORD = randomUUID();
const time = "2026-01-01T00:00:00.000Z";

/** A request, and what it is called; `n` counts up, so that no request is like the last. */
type Ask = { name: string; method?: string; path: (n: number) => string; body?: object };

const ASKS: Ask[] = [
  { name: "list images, a page of 50", path: () => IMAGES },
  { name: "find an image by name", path: (n) => `${IMAGES}?${equals("image", n)}` },
  { name: "list VMs, a page of 50", path: () => VMS },
  { name: "list VMs by power state, a page of 50", path: () => filtered("powerState eq 'OFF'") },
  { name: "list VMs by a prefix of their names", path: () => filtered("startswith(name,'vm-')") },
  { name: "list VMs in the order of their names", path: () => `${VMS}?$orderby=name%20desc` },
  { name: "find a VM by name", path: (n) => `${VMS}?${equals("vm", n)}` },
  { name: "get a VM", path: (n) => `${VMS}/${idOf(`vm-${n % 100}`)}` },
];

function filtered(filter: string): string {
  return `${VMS}?$filter=${encodeURIComponent(filter)}`;
}

function equals(kind: string, n: number): string {
  return `$filter=${encodeURIComponent(`name eq '${kind}-${n % 100}'`)}`;
}

/** Rows with p50 and p99 in milliseconds at few and many, and their ratios. */
export async function listsRows(bench: ListsBench): Promise<Row[]> {
  const few = await servedWorld(bench.few);
  const many = await servedWorld(bench.many).catch(async (error: unknown) => {
    await few.stop();
    throw error;
  });
  try {
    const rows: Row[] = [];
    for (const ask of [...ASKS, createVm(few.clusterExtId)])
      rows.push(await measured(ask, { few, many, bench }));
    return rows;
  } finally {
    await few.stop();
    await many.stop();
  }
}

function createVm(extId: string): Ask {
  const body = { name: "new", memorySizeBytes: 2 ** 30, cluster: { extId } };
  return { name: "create a VM", method: "POST", path: () => VMS, body };
}

interface Served {
  clusterExtId: string;
  ask: (ask: Ask, n: number) => Promise<number>;
  stop: () => Promise<void>;
}

/** A Prism Central over a world of so many images and VMs. */
async function servedWorld(count: number): Promise<Served> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "bench-lists-"));
  const clusterExtId = fill(dataDir, count);
  const server = await startPrismCentral(dataDir, PASSWORD);
  const agent = new Agent({ ca: readFileSync(server.caFile), keepAlive: true, maxSockets: 1 });
  return {
    clusterExtId,
    ask: (ask, n) => asked({ server, agent }, ask, n),
    stop: async () => {
      agent.destroy();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Puts images and VMs into a folder's world; the extId of its Prism Element. */
function fill(dataDir: string, count: number): string {
  const seed = { ...defaultSeed(0), users: [] };
  const world = openWorld({ dataDir, seed, hypervisor: NOBODY, now: () => new Date() });
  const clusterExtId = world.clusters.all().find(({ kind }) => kind === "AOS")?.extId ?? "";
  for (let n = 0; n < count; n += 1) {
    const image = imageOf(`image-${n}`);
    world.images.put(image.extId, image);
    const vm = vmOf(`vm-${n}`, { world, clusterExtId, imageExtId: image.extId });
    world.vms.put(vm.extId, vm);
  }
  world.close();
  return clusterExtId;
}

const NOBODY: Hypervisor = {
  powerOn: () => Promise.resolve(),
  powerOff: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  state: () => "stopped",
  consoleFile: () => "",
};

function imageOf(name: string): ImageRow {
  return {
    extId: idOf(name),
    version: 0,
    name,
    imageType: "DISK_IMAGE",
    categories: {},
    placement: [],
    state: "COMPLETE",
    content: { sizeBytes: 2 ** 30, sha256: createHash("sha256").update(name).digest("hex") },
    taskUuids: [],
    createTime: time,
    lastUpdateTime: time,
    user: "admin",
  };
}

function vmOf(
  name: string,
  within: { world: World; clusterExtId: string; imageExtId: string },
): VmRow {
  const subnetExtId = within.world.subnets.all()[0]?.extId ?? "";
  return {
    extId: idOf(name),
    version: 1,
    generationUuid: idOf(`${name}/generation`),
    name,
    powerState: "OFF",
    numSockets: 2,
    numCoresPerSocket: 1,
    memorySizeBytes: 4 * 2 ** 30,
    hardwareClockTimezone: "UTC",
    clusterExtId: within.clusterExtId,
    categories: [],
    customAttributes: [`providerid:${idOf(name)}`],
    disks: [
      {
        extId: idOf(`${name}/disk`),
        busType: "SCSI",
        index: 0,
        sizeBytes: 20 * 2 ** 30,
        imageExtId: within.imageExtId,
      },
    ],
    nics: [
      {
        extId: idOf(`${name}/nic`),
        macAddress: "50:6b:8d:00:00:01",
        subnetExtId,
        prefixLength: 24,
      },
    ],
    createTime: time,
    updateTime: time,
  };
}

function idOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function measured(
  ask: Ask,
  { few, many, bench }: { few: Served; many: Served; bench: ListsBench },
): Promise<Row> {
  const warmUp = Math.ceil(bench.requests / 5);
  const fewTimes: number[] = [];
  const manyTimes: number[] = [];
  for (let n = -warmUp; n < bench.requests; n += 1) {
    const times = [await few.ask(ask, n + warmUp), await many.ask(ask, n + warmUp)] as const;
    if (n < 0) continue;
    fewTimes.push(times[0]);
    manyTimes.push(times[1]);
  }
  const [few50, few99] = [quantile(fewTimes, 0.5), quantile(fewTimes, 0.99)];
  const [many50, many99] = [quantile(manyTimes, 0.5), quantile(manyTimes, 0.99)];
  return {
    name: `${ask.name}: ${bench.many} next to ${bench.few}`,
    p50Milliseconds: round(many50),
    p99Milliseconds: round(many99),
    baselineP50Milliseconds: round(few50),
    baselineP99Milliseconds: round(few99),
    p50Ratio: round(many50 / few50),
    p99Ratio: round(many99 / few99),
  };
}

/** The value that so large a share of all is not above. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Milliseconds until the answer has been read. */
function asked(
  { server, agent }: { server: PrismCentralProcess; agent: Agent },
  { method = "GET", path, body }: Ask,
  n: number,
): Promise<number> {
  const text = body && JSON.stringify(body);
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        method,
        host: "127.0.0.1",
        port: server.port,
        path: path(n),
        auth: `admin:${PASSWORD}`,
        headers: {
          "ntnx-request-id": randomUUID(),
          ...(text === undefined ? {} : { "content-type": "application/json" }),
        },
      },
      (response) => {
        if ((response.statusCode ?? 500) >= 300)
          reject(new Error(`${method} ${path(n)} failed: ${response.statusCode ?? 0}.`));
        response.resume();
        response.on("end", () => resolve(performance.now() - start));
      },
    );
    call.on("error", reject);
    call.end(text);
  });
}

// A Prism Central stand-in for a test, with an image in it and guests that do nothing.

import { createHash } from "node:crypto";
import https from "node:https";
import path from "node:path";
import axios from "axios";
import type { Hypervisor } from "../../../stand-ins/hypervisor/types";
import type { FaultRule } from "../../../stand-ins/prism-central/fault-rules";
import { readSeed } from "../../../stand-ins/prism-central/seed";
import { startPrismCentral } from "../../../stand-ins/prism-central/server";
import type { PrismCentral } from "../../../stand-ins/prism-central/server";

type Row = Record<string, unknown>;

export interface TestPrism {
  central: PrismCentral;
  /** What was powered on, in order. */
  poweredOn: { name: string; userData?: string; metaData?: string }[];
  get: (path: string) => Promise<{ data?: Row[] }>;
  /** Puts fault rules in the place of all. */
  setFaults: (rules: FaultRule[]) => Promise<void>;
}

const login = { username: "admin", password: "secret" };

function idleHypervisor(poweredOn: TestPrism["poweredOn"]): Hypervisor {
  const running = new Set<string>();
  return {
    powerOn: ({ extId, name, userData, metaData }) => {
      running.add(extId);
      poweredOn.push({ name, userData, metaData });
      return Promise.resolve();
    },
    powerOff: (extId) => Promise.resolve(void running.delete(extId)),
    remove: (extId) => Promise.resolve(void running.delete(extId)),
    state: (extId) => (running.has(extId) ? "running" : "stopped"),
    consoleFile: () => "",
  };
}

/** Starts it on a free port. */
export async function startTestPrism(folder: string, imageName: string): Promise<TestPrism> {
  const poweredOn: TestPrism["poweredOn"] = [];
  const central = await startPrismCentral({
    host: "127.0.0.1",
    port: 0,
    dataDir: path.join(folder, "prism"),
    seed: {
      ...readSeed(undefined, {
        LAB_SLOT: "7",
        PRISM_CENTRAL_USERNAME: login.username,
        PRISM_CENTRAL_PASSWORD: login.password,
      }),
    },
    hypervisor: idleHypervisor(poweredOn),
  });
  const http = axios.create({
    baseURL: central.url,
    auth: login,
    httpsAgent: new https.Agent({ rejectUnauthorized: false }),
    proxy: false,
  });
  const content = Buffer.alloc(4096, 7);
  const checksum = createHash("sha256").update(content).digest("hex");
  const spec = {
    name: imageName,
    resources: {
      image_type: "DISK_IMAGE",
      checksum: { checksum_algorithm: "SHA_256", checksum_value: checksum },
    },
  };
  const made = await http.post("/api/nutanix/v3/images", { spec, metadata: { kind: "image" } });
  const { uuid } = (made.data as { metadata: { uuid: string } }).metadata;
  await http.put(`/api/nutanix/v3/images/${uuid}/file`, content, {
    headers: { "Content-Type": "application/octet-stream" },
  });
  return {
    central,
    poweredOn,
    get: async (url) => (await http.get(url)).data as { data?: Row[] },
    setFaults: async (rules) => {
      await http.put("/debug/faults", rules);
    },
  };
}

// Prism Central by curl, as somebody asks who has nothing else of the lab.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";
import type { House } from "./house";

export interface Entity {
  extId: string;
  config?: { clusterFunction: string[] };
}

export interface Task {
  status: string;
  entitiesAffected: { extId: string; rel: string }[];
}

function dataFlags(body: unknown): string[] {
  if (body === undefined) return [];
  if (typeof body === "string")
    return ["-H", "content-type: application/octet-stream", "--data-binary", `@${body}`];
  return ["-H", "content-type: application/json", "--data-binary", JSON.stringify(body)];
}

/** Looks every 100 ms, at most for 30 s. */
function waitUntil<T>(what: string, look: () => T | false): T {
  for (let round = 0; round < 300; round++) {
    const found = look();
    if (found !== false) return found;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  throw new Error(`not seen within 30 s: ${what}`);
}

export class PrismByCurl {
  protected readonly house: House;

  constructor(house: House) {
    this.house = house;
  }

  /** All categories, as key:value. */
  categories(): string[] {
    const { data = [] } = this.call("GET", "/prism/v4.2/config/categories") as {
      data?: { key: string; value: string }[];
    };
    return data.map(({ key, value }) => `${key}:${value}`);
  }

  /** Names of all files of virtual machines, disks and images. */
  files(): string[] {
    const folders = ["vms", "disks", "images"].map((name) =>
      path.join(this.house.lab.directory, "prism-central", name),
    );
    return folders.flatMap((folder) => readdirSync(folder));
  }

  /** Makes an image from a file. */
  upload(name: string, file: string): void {
    const body = {
      metadata: { kind: "image" },
      spec: { name, resources: { image_type: "DISK_IMAGE" } },
    };
    const made = this.call("POST", "/nutanix/v3/images", body) as { metadata: { uuid: string } };
    const route = `/nutanix/v3/images/${made.metadata.uuid}`;
    const state = () =>
      (this.call("GET", route) as { status: { state: string } }).status.state === "COMPLETE";
    waitUntil(`${name} can be filled`, state);
    this.call("PUT", `${route}/file`, file);
    waitUntil(`${name} is filled`, state);
  }

  /** Names and states of all images, as the v3 API tells them. */
  images(): { name: string; state: string }[] {
    const { entities } = this.call("POST", "/nutanix/v3/images/list", { kind: "image" }) as {
      entities: { status: { name: string; state: string } }[];
    };
    return entities.map(({ status: { name, state } }) => ({ name, state }));
  }

  /** Puts rules in the place of all faults; see the stand-in's README. */
  faults(rules: object[]): void {
    this.curl("PUT", "/debug/faults", rules);
  }

  protected first(route: string, of: (item: Entity) => boolean = () => true): string {
    return (this.call("GET", route) as { data: Entity[] }).data.find(of)!.extId;
  }

  protected call(method: string, route: string, body?: unknown, etagOf?: string): unknown {
    return this.curl(method, `/api${route}`, body, etagOf);
  }

  /** A body that is a text is the name of a file. */
  private curl(method: string, route: string, body?: unknown, etagOf?: string): unknown {
    const { username, password } = JSON.parse(
      readFileSync(path.join(this.house.lab.directory, "credentials.json"), "utf8"),
    ) as { username: string; password: string };
    const address = `https://127.0.0.1:${this.house.lab.addresses.prismCentralPort}`;
    const always = ["-sk", "--max-time", "30", "-u", `${username}:${password}`];
    const run = (...args: string[]) =>
      execFileSync("curl", [...always, ...args], { encoding: "utf8" });
    const head =
      etagOf &&
      run("-D", "-", "-o", "/dev/null", `${address}/api/vmm/v4.2/ahv/config/vms/${etagOf}`);
    const etag = head ? ["-H", `If-Match: ${/^etag: (.*)$/im.exec(head)![1]!.trim()}`] : [];
    const id = ["-H", `NTNX-Request-Id: ${randomUUID()}`];
    const answer = run("-X", method, ...id, ...etag, ...dataFlags(body), address + route);
    return answer === "" ? undefined : JSON.parse(answer);
  }

  /** The task that an answer names, when it has succeeded. */
  protected ended(answer: unknown): Task {
    const { extId } = (answer as { data: Entity }).data;
    return waitUntil(`task ${extId} has ended`, () => {
      const { data } = this.call("GET", `/prism/v4.2/config/tasks/${extId}`) as { data: Task };
      if (data.status === "FAILED") throw new Error(JSON.stringify(data));
      return data.status === "SUCCEEDED" && data;
    });
  }
}

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { Json } from "../../support/prism-central";
import { PrismCentralUnderTest } from "../../support/prism-central";

const prism = new PrismCentralUnderTest();
beforeAll(() => prism.start());
afterAll(() => prism.remove());

const V3 = "/api/nutanix/v3/images";
const V4 = "/api/vmm/v4.2/content/images";
const content = Buffer.from("a disk, say");
const sha256 = createHash("sha256").update(content).digest("hex");
const checksum = (value: string) => ({
  "x-nutanix-checksum-type": "SHA_256",
  "x-nutanix-checksum-bytes": value,
});

test("an upload with its checksum becomes COMPLETE, and v4 shows the same image", async () => {
  const { uuid, uploaded } = await prism.image("node", content, checksum(sha256));
  const image = await prism.settledImage(uuid);
  const { data } = await prism.call("GET", `${V4}?$filter=name eq 'node'`);
  const file = await prism.call("GET", `${V3}/${uuid}/file`);
  expect([uploaded.status, image["status"].state, image["status"].resources.size_bytes]).toEqual([
    200,
    "COMPLETE",
    content.length,
  ]);
  expect(data.data).toEqual([
    {
      $objectType: "vmm.v4.content.Image",
      $reserved: { $fv: "v4.r2" },
      extId: uuid,
      name: "node",
      type: "DISK_IMAGE",
      sizeBytes: content.length,
      checksum: {
        $objectType: "vmm.v4.content.ImageSha256Checksum",
        $reserved: { $fv: "v4.r2" },
        hexDigest: sha256,
      },
      categoryExtIds: [],
      clusterLocationExtIds: [image["status"].resources.current_cluster_reference_list[0].uuid],
      ownerExtId: expect.stringMatching(/^[-0-9a-f]{36}$/),
      createTime: image["metadata"].creation_time,
      lastUpdateTime: image["metadata"].last_update_time,
    },
  ]);
  expect(file.data).toBe(content.toString());
});

test("a wrong checksum makes task and image fail and leaves no file", async () => {
  const { uuid, uploaded } = await prism.image("bad", content, checksum("0".repeat(64)));
  const image = await prism.settledImage(uuid);
  const task = await prism.call(
    "GET",
    `/api/nutanix/v3/tasks/${image["status"].execution_context.task_uuid[1]}`,
  );
  const message = `Checksum mismatch: expected SHA_256 ${"0".repeat(64)}, received ${sha256}.`;
  expect([uploaded.status, image["status"].state, image["status"].message_list[0].message]).toEqual(
    [200, "ERROR", message],
  );
  expect([task.data.status, task.data.error_detail]).toEqual(["FAILED", message]);
  expect(readdirSync(join(prism.dataDir, "images")).filter((name) => name.includes(uuid))).toEqual(
    [],
  );
});

test("a checksum of the wrong length is refused before anything is kept", async () => {
  const { uploaded } = await prism.image("short", content, checksum("abc"));
  expect([uploaded.status, uploaded.data.message_list[0].message]).toEqual([
    422,
    "Invalid length of checksum",
  ]);
});

test("an upload that is cut off leaves an image in ERROR that can be uploaded again", async () => {
  const made = await prism.call("POST", V3, {
    body: { spec: { name: "cut", resources: { image_type: "DISK_IMAGE" } }, metadata: {} },
  });
  const uuid = String(made.data.metadata.uuid);
  await cutOff(`${V3}/${uuid}/file`);
  const state = async (): Promise<Json> =>
    (await prism.call("GET", `${V3}/${uuid}`)).data.status.state;
  for (let attempt = 0; attempt < 200 && (await state()) !== "ERROR"; attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await state()).toBe("ERROR");
  const headers = { "content-type": "application/octet-stream" };
  await prism.call("PUT", `${V3}/${uuid}/file`, { headers, body: content });
  expect((await prism.settledImage(uuid))["status"].state).toBe("COMPLETE");
});

test("a change on a stale spec_version: 409", async () => {
  const { uuid } = await prism.image("changing", content);
  const { spec, metadata } = await prism.settledImage(uuid);
  const change = { body: { spec: { ...spec, description: "new" }, metadata } };
  const first = await prism.call("PUT", `${V3}/${uuid}`, change);
  const second = await prism.call("PUT", `${V3}/${uuid}`, change);
  expect([first.status, first.data.spec.description, second.status]).toEqual([202, "new", 409]);
});

test("a deleted image is gone from v3 and v4; deleting it again: 404", async () => {
  const { uuid } = await prism.image("short-lived", content);
  await prism.settledImage(uuid);
  const task = await prism.task(await prism.call("DELETE", `${V4}/${uuid}`));
  const list = await prism.call("POST", `${V3}/list`, { body: { filter: "name==short-lived" } });
  const again = await prism.call("DELETE", `${V3}/${uuid}`);
  expect([task["operation"], list.data.entities, again.status]).toEqual(["kImageDelete", [], 404]);
});

/** Sends the first bytes of a longer body and hangs up. */
function cutOff(path: string): Promise<void> {
  return new Promise((resolve) => {
    const upload = request({
      port: prism.port,
      host: "127.0.0.1",
      path,
      method: "PUT",
      ca: prism.trustBundle,
      auth: "admin:secret",
      headers: { "content-type": "application/octet-stream", "content-length": 1000 },
    });
    upload.on("error", () => undefined);
    upload.on("close", resolve);
    upload.write("half", () => setTimeout(() => upload.destroy(), 50));
  });
}

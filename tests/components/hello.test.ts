import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import axios from "axios";
import { hello, identity } from "../../workloads/hello/main";

const now = () => new Date("2026-01-02T03:04:05.678Z");

async function answers(path: string, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const server = createServer(
    hello(
      identity(environment, () => undefined),
      now,
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return (await axios.get<unknown>(`http://127.0.0.1:${port}${path}`)).data;
  } finally {
    server.close();
  }
}

test("the answer carries nonce, pod, node, VM and time", async () => {
  const vm = "3f1c7a52-0000-4000-8000-000000000001";
  const environment = { POD_NAME: "hello-1", NODE_NAME: "lab-wmd-1", NODE_SYSTEM_UUID: vm };
  expect(await answers("/?nonce=n-1", environment)).toEqual({
    nonce: "n-1",
    pod: "hello-1",
    node: "lab-wmd-1",
    vm,
    time: "2026-01-02T03:04:05.678Z",
  });
});

test("without a request's nonce and a node's VM there is none in the answer", async () => {
  expect(await answers("/", { POD_NAME: "hello-1" })).toEqual({
    nonce: null,
    pod: "hello-1",
    node: "unknown",
    time: "2026-01-02T03:04:05.678Z",
  });
});

test("the VM is the one that the machine's DMI names, where the image does not say", () => {
  const files: string[] = [];
  const read = (file: string) => {
    files.push(file);
    return "3f1c7a52-0000-4000-8000-000000000002";
  };
  expect(identity({ POD_NAME: "hello-1" }, read).vm).toBe("3f1c7a52-0000-4000-8000-000000000002");
  expect(files).toEqual(["/sys/class/dmi/id/product_uuid"]);
  expect(identity({ NODE_SYSTEM_UUID: "told" }, read).vm).toBe("told");
});

test("/healthz", async () => {
  expect(await answers("/healthz", {})).toBe("ok\n");
});

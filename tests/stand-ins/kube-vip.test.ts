import { createServer, connect, type Server } from "node:net";
import { hold, readRelay } from "../../stand-ins/kube-vip/relay";

const address = "127.18.95.251";
const target = { host: "127.18.95.252", port: 26443 };

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close();
});

test("reads kube-vip's own environment", () => {
  expect(
    readRelay({ address: "127.18.80.10", port: "6443", KUBE_VIP_TARGET: "127.18.80.50:6443" }),
  ).toEqual({
    address: "127.18.80.10",
    port: 6443,
    target: { host: "127.18.80.50", port: 6443 },
  });
});

test.each([
  [{ address: "10.0.0.5", KUBE_VIP_TARGET: "127.18.80.50:6443" }, 'address is "10.0.0.5"'],
  [{ address: "127.18.80.10" }, "KUBE_VIP_TARGET is not HOST:PORT"],
])("refuses %j", (environment, sentence) => {
  expect(() => readRelay(environment)).toThrow(sentence);
});

test("relays to its node, and the standby takes over when the holder is gone", async () => {
  const server = createServer((socket) => socket.end("api"));
  servers.push(server);
  await listening(server.listen(target.port, target.host));
  const said: string[] = [];
  const relay = { address, port: 26444, target };
  const first = hold(relay, (line) => said.push(`first: ${line}`), 10);
  await listening(first);
  const second = hold(relay, (line) => said.push(`second: ${line}`), 10);
  expect(await read(relay.address, relay.port)).toBe("api");
  servers.push(second);
  const takenOver = listening(second);
  first.close();
  await takenOver;
  expect(await read(relay.address, relay.port)).toBe("api");
  expect(said).toEqual([
    `first: holding ${address}:26444`,
    `second: ${address}:26444 is held by another node, standing by`,
    `second: holding ${address}:26444`,
  ]);
}, 5000);

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.once("listening", resolve));
}

function read(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    connect(port, host)
      .on("data", (chunk: Buffer) => (text += chunk.toString()))
      .on("end", () => resolve(text))
      .on("error", reject);
  });
}

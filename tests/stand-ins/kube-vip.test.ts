import { createServer, connect, type Server } from "node:net";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { isReady } from "../../stand-ins/kube-vip/health";
import { selfSigned } from "../../stand-ins/shared/certificates";
import { hold, readRelay, type Holding } from "../../stand-ins/kube-vip/relay";

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

test("holds the twin of a machine subnet's address", () => {
  const environment = { address: "198.18.80.10", KUBE_VIP_TARGET: "127.18.80.50:6443" };
  expect(readRelay(environment).address).toBe("127.18.80.10");
});

test.each([
  [{ address: "10.0.0.5", KUBE_VIP_TARGET: "127.18.80.50:6443" }, 'address is "10.0.0.5"'],
  [{ address: "127.18.80.10" }, "KUBE_VIP_TARGET is not HOST:PORT"],
])("refuses %j", (environment, sentence) => {
  expect(() => readRelay(environment)).toThrow(sentence);
});

describe("the endpoint", () => {
  const relay = { address, port: 26444, target };
  const aborts: AbortController[] = [];
  afterAll(() => {
    for (const abort of aborts) abort.abort();
  });

  /** A node whose API server is as ready as `ready` says; answers what it says next. */
  function node(name: string, ready: { value: boolean }) {
    const abort = new AbortController();
    aborts.push(abort);
    const said: string[] = [];
    const waiting: (() => void)[] = [];
    const holding: Holding = {
      say: (line) => {
        said.push(`${name}: ${line}`);
        waiting.shift()?.();
      },
      isReady: () => Promise.resolve(ready.value),
      retryMilliseconds: 5,
      checkMilliseconds: 5,
      patienceMilliseconds: 1,
    };
    void hold(relay, holding, abort.signal);
    const next = () => new Promise<void>((resolve) => waiting.push(resolve));
    return { said, next, abort };
  }

  test("is held by one node at a time, whose API server is ready", async () => {
    const server = createServer((socket) => socket.end("api"));
    servers.push(server);
    await listening(server.listen(target.port, target.host));
    const ready = { value: true };
    const first = node("first", ready);
    await first.next();
    expect(await read(relay.address, relay.port)).toBe("api");
    const second = node("second", { value: true });
    await second.next();
    const takenOver = second.next();
    ready.value = false;
    await first.next();
    await takenOver;
    expect(await read(relay.address, relay.port)).toBe("api");
    ready.value = true;
    await first.next();
    const back = first.next();
    second.abort.abort();
    await back;
    expect(await read(relay.address, relay.port)).toBe("api");
    expect({ first: first.said, second: second.said }).toEqual({
      first: [
        `first: holding ${address}:26444`,
        `first: gave up ${address}:26444`,
        `first: ${address}:26444 is held by another node, standing by`,
        `first: holding ${address}:26444`,
      ],
      second: [
        `second: ${address}:26444 is held by another node, standing by`,
        `second: holding ${address}:26444`,
        `second: gave up ${address}:26444`,
      ],
    });
  }, 20_000);
});

test("an API server is ready when /readyz says so, or lets no guest ask", async () => {
  const { certificate, key } = await selfSigned({ commonName: "api", ipAddresses: ["127.0.0.1"] });
  const answers = [200, 401, 403, 500, 404];
  const asked: string[] = [];
  const server = createHttpsServer({ cert: certificate, key }, (request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(answers.shift() ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ready: boolean[] = [];
  for (let count = 0; count < 5; count++) ready.push(await isReady({ host: "127.0.0.1", port }));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  ready.push(await isReady({ host: "127.0.0.1", port }));
  expect(ready).toEqual([true, true, true, false, false, false]);
  expect(new Set(asked)).toEqual(new Set(["/readyz"]));
});

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

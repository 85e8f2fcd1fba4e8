// Where an API server's connections go.
import { parseTarget, resolve } from "../../../stand-ins/egress/resolve";
import type { Known } from "../../../stand-ins/egress/resolve";

const known: Known = {
  services: [
    {
      metadata: { name: "web", namespace: "d" },
      spec: { clusterIP: "10.96.0.7", ports: [{ name: "https", port: 443 }] },
    },
    { metadata: { name: "none", namespace: "d" }, spec: { clusterIP: "None" } },
  ],
  slices: [
    slice("web", "other", [["198.18.2.9", true]]),
    slice("web", "d", [
      ["198.18.2.2", true],
      ["198.18.2.3", false],
      ["198.18.2.4", true],
    ]),
  ],
};

test("a ClusterIP leads to a ready endpoint's twin, by port name", () => {
  const targets = [0, 1].map((n) => resolve({ host: "10.96.0.7", port: 443 }, known, () => n));
  expect(targets).toEqual([
    { host: "127.18.2.2", port: 9443 },
    { host: "127.18.2.4", port: 9443 },
  ]);
});

test("nodes and pods lead to their twins, loopback to itself", () => {
  const hosts = ["198.18.1.1", "198.19.3.4", "127.18.0.5"];
  expect(hosts.map((host) => resolve({ host, port: 10250 }, known, () => 0).host)).toEqual([
    "127.18.1.1",
    "127.19.3.4",
    "127.18.0.5",
  ]);
});

test.each([
  ["10.96.0.7:80", "Service d/web has no port 80."],
  [
    "8.8.8.8:53",
    "8.8.8.8:53 is neither the ClusterIP of a Service nor an address of 198.18.0.0/15, and nothing else is dialled.",
  ],
  ["example.org:443", "example.org:443 is no IPv4 address and port."],
  ["nonsense", '"nonsense" is not HOST:PORT.'],
])("there is no way to %s", (target, message) => {
  expect(() => resolve(parseTarget(target), known, () => 0)).toThrow(message);
});

test("a Service without ready endpoints is named", () => {
  const nothing = { ...known, slices: [] };
  expect(() => resolve({ host: "10.96.0.7", port: 443 }, nothing, () => 0)).toThrow(
    "Service d/web has no ready endpoint.",
  );
});

function slice(service: string, namespace: string, addresses: [string, boolean][]) {
  return {
    metadata: {
      name: `${service}-${namespace}`,
      namespace,
      labels: { "kubernetes.io/service-name": service },
    },
    ports: [{ name: "https", port: 9443 }],
    endpoints: addresses.map(([address, ready]) => ({
      addresses: [address],
      conditions: { ready },
    })),
  };
}

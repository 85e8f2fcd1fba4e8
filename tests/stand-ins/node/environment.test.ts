// A container's environment: the pure parts, each with exact values. The whole is in env.test.ts.
import { fieldOf, resourceOf } from "../../../stand-ins/node/downward";
import { envFileValue } from "../../../stand-ins/node/env-file";
import { containerEnvironment, expand } from "../../../stand-ins/node/environment";
import type { EnvironmentSite, Sources } from "../../../stand-ins/node/environment";
import { serviceLinks } from "../../../stand-ins/node/service-links";

const sources: Sources = {
  pod: {
    metadata: { name: "p", namespace: "d", uid: "u", labels: { app: "x" } },
    spec: { containers: [] },
  },
  node: { name: "n", ip: "198.18.1.1", loopback: "127.18.1.1" },
  address: { ip: "198.18.2.2", loopback: "127.18.2.2" },
  allocatable: { cpu: "8", memory: "16Gi" },
  configMap: (name) =>
    Promise.resolve(name === "cm" ? { A: Buffer.from("1"), B: Buffer.from("2") } : undefined),
  secret: () => Promise.resolve(undefined),
};
const site: EnvironmentSite = {
  sources,
  services: { WEB_SERVICE_HOST: "10.96.0.7" },
  volume: () => undefined,
};

test("envFrom, then env, each over what is before it", async () => {
  const container = {
    name: "c",
    resources: { requests: { cpu: "250m" } },
    envFrom: [
      { prefix: "P_", configMapRef: { name: "cm" } },
      { secretRef: { name: "no", optional: true } },
    ],
    env: [
      { name: "P_A", value: "over" },
      { name: "SUM", value: "$(P_A)$(P_B)$(NONE)$$(P_A)$(WEB_SERVICE_HOST)" },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "requests.cpu", divisor: "1m" } } },
      {
        name: "MEM",
        valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Gi" } },
      },
      { name: "GONE", valueFrom: { configMapKeyRef: { name: "cm", key: "Z", optional: true } } },
    ],
  };
  expect(await containerEnvironment(container, site)).toEqual({
    P_A: "over",
    P_B: "2",
    SUM: "over2$(NONE)$(P_A)10.96.0.7",
    IP: "198.18.2.2",
    LABEL: "x",
    CPU: "250",
    MEM: "16",
    WEB_SERVICE_HOST: "10.96.0.7",
  });
});

test.each([
  [{ envFrom: [{ configMapRef: { name: "no" } }] }, 'configmap "no" not found'],
  [
    { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "cm", key: "Z" } } }] },
    "couldn't find key Z in ConfigMap d/cm",
  ],
  [
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.secret" } } }] },
    "The field spec.secret is not played by this node.",
  ],
])("what is not there is named: %j", async (container, message) => {
  await expect(containerEnvironment({ name: "c", ...container }, site)).rejects.toThrow(message);
});

test("$$ is a dollar and unknown names stay", () => {
  expect(expand("$(A) $$(A) $(B) $A", { A: "1" })).toBe("1 $(A) $(B) $A");
});

test.each([
  ["limits.cpu", "1", "1"],
  ["limits.cpu", "1m", "100"],
  ["requests.cpu", "1m", "100"],
  ["limits.memory", "1Mi", "16384"],
])("%s in units of %s", (resource, divisor, expected) => {
  const containers = [{ name: "c", resources: { limits: { cpu: "100m" } } }];
  expect(resourceOf({ resource, divisor }, containers, sources.allocatable)).toBe(expected);
});

test("labels are one line each, in order, quoted", () => {
  const pod = {
    metadata: { name: "p", labels: { b: 'say "x"', a: "1" } },
    spec: { containers: [] },
  };
  expect(fieldOf("metadata.labels", { ...sources, pod })).toBe('a="1"\nb="say \\"x\\""');
});

test("the links of a namespace's Services, the API server's without links, none without an address", () => {
  const service = (name: string, namespace: string, clusterIP: string, ports: object[]) => ({
    metadata: { name, namespace },
    spec: { clusterIP, ports: ports as { port: number }[] },
  });
  const services = [
    service("my-web", "d", "10.96.0.7", [
      { name: "http", port: 80 },
      { name: "dns", port: 53, protocol: "UDP" },
    ]),
    service("kubernetes", "default", "10.96.0.1", [{ name: "https", port: 443 }]),
    service("headless", "d", "None", [{ port: 1 }]),
    service("other", "e", "10.96.0.9", [{ port: 1 }]),
  ];
  const web = {
    MY_WEB_SERVICE_HOST: "10.96.0.7",
    MY_WEB_SERVICE_PORT: "80",
    MY_WEB_SERVICE_PORT_HTTP: "80",
    MY_WEB_SERVICE_PORT_DNS: "53",
    MY_WEB_PORT: "tcp://10.96.0.7:80",
    MY_WEB_PORT_80_TCP: "tcp://10.96.0.7:80",
    MY_WEB_PORT_80_TCP_PROTO: "tcp",
    MY_WEB_PORT_80_TCP_PORT: "80",
    MY_WEB_PORT_80_TCP_ADDR: "10.96.0.7",
    MY_WEB_PORT_53_UDP: "udp://10.96.0.7:53",
    MY_WEB_PORT_53_UDP_PROTO: "udp",
    MY_WEB_PORT_53_UDP_PORT: "53",
    MY_WEB_PORT_53_UDP_ADDR: "10.96.0.7",
  };
  const apiServer = {
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
    KUBERNETES_SERVICE_PORT_HTTPS: "443",
    KUBERNETES_PORT: "tcp://10.96.0.1:443",
    KUBERNETES_PORT_443_TCP: "tcp://10.96.0.1:443",
    KUBERNETES_PORT_443_TCP_PROTO: "tcp",
    KUBERNETES_PORT_443_TCP_PORT: "443",
    KUBERNETES_PORT_443_TCP_ADDR: "10.96.0.1",
  };
  expect(serviceLinks(services, "d", true)).toEqual({ ...web, ...apiServer });
  expect(serviceLinks(services, "d", false)).toEqual(apiServer);
});

const envFile = "# words\n\n  ONE='1' # first\nLINES='a\nb'\nEMPTY= 'x'\nLAST='z'";

test.each([
  ["ONE", "1"],
  ["LINES", "a\nb"],
  ["EMPTY", undefined],
  ["LAST", "z"],
  ["NONE", undefined],
])("%s of an env file", (key, expected) => {
  expect(envFileValue(envFile, key)).toBe(expected);
});

test.each(["A=1", "A ='1'", "word", "A='1' x", "A='1"])("%s is no line of an env file", (text) => {
  expect(() => envFileValue(text, "B")).toThrow("invalid environment variable format at line 1");
});

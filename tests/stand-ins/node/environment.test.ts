// A container's environment and log lines.
import { containerEnvironment, expand, quantity } from "../../../stand-ins/node/environment";
import type { Sources } from "../../../stand-ins/node/environment";
import { LineCutter } from "../../../stand-ins/node/log-file";

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
      { name: "SUM", value: "$(P_A)$(P_B)$(NONE)$$(P_A)" },
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
  expect(await containerEnvironment(container, { PATH: "/bin" }, sources)).toEqual({
    PATH: "/bin",
    P_A: "over",
    P_B: "2",
    SUM: "over2$(NONE)$(P_A)",
    IP: "198.18.2.2",
    LABEL: "x",
    CPU: "250",
    MEM: "16",
  });
});

test("a ConfigMap that is not there is named", async () => {
  const container = { name: "c", envFrom: [{ configMapRef: { name: "no" } }] };
  await expect(containerEnvironment(container, {}, sources)).rejects.toThrow(
    'configmap "no" not found',
  );
});

test("$$ is a dollar and unknown names stay", () => {
  expect(expand("$(A) $$(A) $(B) $A", { A: "1" })).toBe("1 $(A) $(B) $A");
});

test.each([
  ["100m", 0.1],
  ["2", 2],
  ["1e3", 1000],
  ["4Gi", 4 * 2 ** 30],
  ["5M", 5e6],
])("the quantity %s", (text, expected) => {
  expect(quantity(text)).toBe(expected);
});

test("lines are cut across chunks, long ones are partial, the last needs no end", () => {
  const cutter = new LineCutter("stderr");
  const long = "x".repeat(16 * 1024);
  const lines = [
    cutter.push(Buffer.from("one\ntw"), "T1"),
    cutter.push(Buffer.from("o\n"), "T2"),
    cutter.push(Buffer.from(`${long}y\nend`), "T3"),
    cutter.end("T4"),
  ];
  expect(lines).toEqual([
    "T1 stderr F one\n",
    "T2 stderr F two\n",
    `T3 stderr P ${long}\nT3 stderr F y\n`,
    "T4 stderr F end\n",
  ]);
});

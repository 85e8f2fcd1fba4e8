// The catalogue: from an image's name and a PodSpec's words to a command of this machine.
import { builtInCatalogue } from "../../../stand-ins/node/catalogue";
import {
  argvOf,
  findImage,
  mergeCatalogues,
  readCatalogue,
  repositoryOf,
  rewriteWord,
  substitute,
} from "../../../stand-ins/node/images";

const variables = {
  bin: "/lab/bin",
  dist: "/lab/dist",
  node: "/lab/node",
  "pod.loopback": "127.18.2.3",
  "port.9443": "23456",
  "node.ip": "198.18.0.50",
  "node.loopback": "127.18.0.50",
};

test.each([
  ["busybox", "busybox"],
  ["busybox:1.36", "busybox"],
  ["localhost:5000/a/b", "localhost:5000/a/b"],
  ["localhost:5000/a/b:v1@sha256:00", "localhost:5000/a/b"],
])("the repository of %s", (image, expected) => {
  expect(repositoryOf(image)).toBe(expected);
});

test("Cluster API's manager keeps its PodSpec's arguments and gets ports of its own", () => {
  const image = findImage(
    builtInCatalogue,
    "registry.k8s.io/cluster-api/cluster-api-controller:v1.13.6",
  );
  const words = { command: ["/manager"], args: ["--leader-elect", "--diagnostics-address=:8443"] };
  expect(argvOf(image, words, variables)).toEqual([
    "/lab/bin/cluster-api-controller",
    "--leader-elect",
    "--diagnostics-address=:8443",
    "--webhook-port=23456",
    "--health-addr=127.18.2.3:9440",
    "--diagnostics-address=127.18.2.3:8443",
  ]);
});

test("the autoscaler is played by a bundle, as its chart calls it", () => {
  const image = findImage(
    builtInCatalogue,
    "registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0",
  );
  expect(argvOf(image, { command: ["./cluster-autoscaler", "--v=4"] }, variables)).toEqual([
    "/lab/node",
    "/lab/dist/cluster-autoscaler.cjs",
    "--v=4",
    "--address=127.18.2.3:8085",
  ]);
});

test("entrypoint and cmd stand in for what the PodSpec leaves out", () => {
  const image = { entrypoint: ["/e"], cmd: ["c"] };
  expect([
    argvOf(image, {}, {}),
    argvOf(image, { args: ["a"] }, {}),
    argvOf(image, { command: ["/x"] }, {}),
  ]).toEqual([["/e", "c"], ["/e", "a"], ["/x"]]);
});

test("a later catalogue replaces an entry, and a full name wins over its repository", () => {
  const merged = mergeCatalogues([
    { images: { a: { cmd: ["one"] }, "a:v2": { cmd: ["two"] } } },
    { images: { a: { entrypoint: ["three"] } } },
  ]);
  expect([findImage(merged, "a:v1"), findImage(merged, "a:v2")]).toEqual([
    { entrypoint: ["three"] },
    { cmd: ["two"] },
  ]);
});

test("rewriting takes whole addresses and leaves excepted flags", () => {
  const rewrites = [
    { from: "127.0.0.1", to: "${node.loopback}" },
    { from: "${node.ip}", to: "${node.loopback}", exceptFlags: ["--advertise-address"] },
  ];
  const words = [
    "--listen-client-urls=https://127.0.0.1:2379,https://198.18.0.50:2379",
    "--advertise-address=198.18.0.50",
    "--other=127.0.0.10,198.18.0.500",
  ];
  expect(words.map((word) => rewriteWord(word, rewrites, variables))).toEqual([
    "--listen-client-urls=https://127.18.0.50:2379,https://127.18.0.50:2379",
    "--advertise-address=198.18.0.50",
    "--other=127.0.0.10,198.18.0.500",
  ]);
});

test("what is wrong is named with what to do", () => {
  expect(() => findImage({ images: {} }, "example.org/a:v1")).toThrow(
    'Pulling example.org/a:v1 failed: no catalogue names it. Add "example.org/a" to the images of catalogue.yaml, with the program that plays it.',
  );
  expect(() => substitute("${nope}", {})).toThrow(
    "The catalogue's variable ${nope} has no value. Give it with --var nope=...",
  );
  expect(() => readCatalogue({ images: { a: { comand: [] } } }, "c.yaml")).toThrow(
    'Reading the catalogue c.yaml failed: a has "comand". Known are programs, entrypoint, cmd, extraArgs, env, rewrite, ports.',
  );
});

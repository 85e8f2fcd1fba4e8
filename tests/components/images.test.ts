import { imagesOf, mirrored, withMirrors } from "../../components/images";

const mirrors = {
  "registry.k8s.io": "harbor.test/k8s",
  "registry.k8s.io/cluster-api": "harbor.test/capi",
  "docker.io": "harbor.test/hub",
  "oci://ghcr.io/charts": "oci://harbor.test/charts",
};

test.each([
  ["registry.k8s.io/pause:3.10", "harbor.test/k8s/pause:3.10"],
  ["registry.k8s.io/cluster-api/core:v1", "harbor.test/capi/core:v1"],
  ["registry.k8s.io.example/pause", "registry.k8s.io.example/pause"],
  ["registry.k8s.io", "harbor.test/k8s"],
  ["ghcr.io/kube-vip/kube-vip@sha256:ab", "ghcr.io/kube-vip/kube-vip@sha256:ab"],
  ["kindest/node:v1.36.1", "harbor.test/hub/kindest/node:v1.36.1"],
  ["busybox", "harbor.test/hub/library/busybox"],
  ["docker.io/library/busybox", "harbor.test/hub/library/busybox"],
  ["oci://ghcr.io/charts/ccm", "oci://harbor.test/charts/ccm"],
])("%s is taken from %s", (name, place) => {
  expect(mirrored(name, mirrors)).toBe(place);
});

test("all images of an object: containers', init containers', and those that a flag names", () => {
  const pod = {
    initContainers: [{ image: "registry.k8s.io/init:1" }],
    containers: [
      { image: "registry.k8s.io/main:1", args: ["--solver-image=busybox", "--image-gc", "-v=1"] },
      { name: "none" },
    ],
  };
  const object = { kind: "Deployment", spec: { template: { spec: pod }, image: "not/one:1" } };
  expect(imagesOf(object)).toEqual(["registry.k8s.io/init:1", "registry.k8s.io/main:1", "busybox"]);
  const found = withMirrors(object, mirrors);
  expect(imagesOf(found)).toEqual([
    "harbor.test/k8s/init:1",
    "harbor.test/k8s/main:1",
    "harbor.test/hub/library/busybox",
  ]);
  expect(found.spec.image).toBe("not/one:1");
  expect(withMirrors(object, {})).toEqual(object);
});

test("a CRD's schema of containers holds no images", () => {
  const schema = {
    properties: { containers: { items: { properties: { image: { type: "string" } } } } },
  };
  expect(imagesOf(schema)).toEqual([]);
});

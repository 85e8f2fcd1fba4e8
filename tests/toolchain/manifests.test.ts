import { released } from "../../toolchain/manifests";

const rendered = `    spec:
      containers:
      - args:
        - --diagnostics-address=\${CAPI_DIAGNOSTICS_ADDRESS:=:8443}
        image: gcr.io/k8s-staging-cluster-api/cluster-api-controller:main
        imagePullPolicy: Always
        name: manager
`;

test("sets the released image and pull policy, and leaves variables alone", () => {
  expect(released(rendered, "cluster-api-controller")).toEqual(`    spec:
      containers:
      - args:
        - --diagnostics-address=\${CAPI_DIAGNOSTICS_ADDRESS:=:8443}
        image: registry.k8s.io/cluster-api/cluster-api-controller:v1.13.6
        imagePullPolicy: IfNotPresent
        name: manager
`);
});

test("refuses a manifest that does not name the image exactly once", () => {
  expect(() => released(rendered, "kubeadm-bootstrap-controller")).toThrow(
    new Error(
      "Rendering Cluster API's manifests failed: the image of kubeadm-bootstrap-controller is there 0 times, " +
        "not once. Look at the module's kustomization; its version has moved.",
    ),
  );
});

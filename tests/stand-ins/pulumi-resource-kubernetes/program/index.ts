// The program of engine.test.ts. `phase` 2 changes one object of each kind, replaces one, and leaves one out.

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const second = config.require("phase") === "2";

const provider = new kubernetes.Provider("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"),
});
const options = { provider };

const namespace = new kubernetes.core.v1.Namespace("shop", { metadata: { name: "shop" } }, options);
const place = { namespace: namespace.metadata.name };

new kubernetes.apiextensions.v1.CustomResourceDefinition(
  "widgets",
  {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              "x-kubernetes-preserve-unknown-fields": true,
            } as object,
          },
        },
      ],
    },
  },
  options,
);

new kubernetes.apiextensions.CustomResource(
  "widget",
  {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: { ...place, name: "widget" },
    spec: { size: second ? 2 : 1 },
  },
  options,
);

const settings = new kubernetes.core.v1.ConfigMap(
  "settings",
  { metadata: place, data: { mode: second ? "fast" : "slow" } },
  options,
);
new kubernetes.core.v1.Secret(
  "login",
  { metadata: { ...place, name: "login" }, stringData: { password: second ? "new" : "old" } },
  options,
);

const labels = { app: "web" };
new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: { ...place, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "web", image: second ? "web:2" : "web:1" }] },
      },
    },
  },
  options,
);

if (!second) {
  new kubernetes.core.v1.Service(
    "front",
    { metadata: place, spec: { selector: labels, ports: [{ port: 80 }] } },
    options,
  );
}

// A cluster that is known only when something else has been made, and that moves to another address under its identifier.
const later = new kubernetes.Provider("later", {
  kubeconfig: pulumi
    .all([namespace.id, config.requireSecret("kubeconfig")])
    .apply(([, text]) => (second ? text.replace("https://127.0.0.1", "https://127.0.0.2") : text)),
  clusterIdentifier: "one and the same",
});
new kubernetes.core.v1.ConfigMap(
  "late",
  { metadata: { ...place, name: "late" }, data: { a: "1" } },
  { provider: later },
);

export const name = settings.metadata.name;

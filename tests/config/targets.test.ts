// Mistakes that people make with the three real targets, each on the stack's own file: caught by the configuration or by
// a policy, with the remedy, before anything is made. Those that only the target itself can tell are the doctor's.

import { readFileSync } from "node:fs";
import * as path from "node:path";
import { values } from "../../components/cluster-autoscaler";
import { allObjects, manifests } from "../../components/workload-cluster/manifests";
import { parseConfig } from "../../config";
import { stackValues } from "../../lab/stack-values";
import { RULES } from "../../policy/rules";
import { guardrails, release, resource, said } from "../policy/resources";
import { mistakesOf, PROJECT, source, type Values } from "./stack";

const repository = path.join(__dirname, "..", "..");
process.chdir(repository);

type Target = "onprem" | "nc2-aws" | "nc2-azure";

/** The stack's file, with values set: `group.key.key` -> value; undefined takes a key away. */
function altered(target: Target, changes: Record<string, unknown>): Values {
  const texts = stackValues(readFileSync(`Pulumi.${target}.yaml`, "utf8"));
  const all = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key.slice(PROJECT.length + 1), parsed(text)]),
  );
  for (const [place, value] of Object.entries(changes)) {
    const keys = place.split(".");
    const last = keys.pop()!;
    const group = keys.reduce<Values>((found, key) => (found[key] ??= {}) as Values, all);
    group[last] = value;
  }
  return all;
}

function parsed(text: string): unknown {
  return text.startsWith("{") ? JSON.parse(text) : text;
}

/** What the policies say of the objects that a stack's workload cluster comes to. */
function violations(all: Values): string[] {
  const config = parseConfig(source(all));
  const { workloadCluster, kubernetesVersion, prismCentral, clusterAutoscaler } = config;
  const image = { uuid: "3f1c7a52-0000-4000-8000-000000000001", imageName: "node" };
  const spec = { ...workloadCluster, kubernetesVersion, image, prismCentral };
  const objects = allObjects(manifests(spec, { credentials: "[]", cloudController: "[]" }));
  const { subnetRange, subnetPools } = workloadCluster;
  const resources = [
    guardrails({ ...config.guardrails, network: { subnetRange, subnetPools } }),
    ...objects.map(resource),
    release(values({ ...clusterAutoscaler, cluster: "lab", namespace: "default" }, "")),
  ];
  return RULES.flatMap((rule) => said(rule, resources).map((text) => `${rule.name}: ${text}`));
}

test.each<Target>(["onprem", "nc2-aws", "nc2-azure"])("%s as it is has no mistake", (target) => {
  expect([mistakesOf(source(altered(target, {}))), violations(altered(target, {}))]).toEqual([
    [],
    [],
  ]);
});

const outOf = (pool: string) =>
  `an address outside of pool ${pool}, which would give it to a machine`;

test.each<[what: string, target: Target, changes: Record<string, unknown>, mistake: string]>([
  [
    "an endpoint that DHCP gives away",
    "onprem",
    { "workloadCluster.endpoint.host": "10.42.73.60" },
    `workloadCluster.endpoint.host: found 10.42.73.60; allowed: ${outOf("10.42.73.50-10.42.73.120")}`,
  ],
  [
    "a VIP that the overlay gives away",
    "nc2-aws",
    { "workloadCluster.vip": "192.168.10.77" },
    `workloadCluster.vip: found 192.168.10.77; allowed: ${outOf("192.168.10.50-192.168.10.200")}`,
  ],
  [
    "a VIP that is the floating IP",
    "nc2-azure",
    { "workloadCluster.vip": "10.10.4.20" },
    "workloadCluster.vip: found 10.10.4.20; allowed: an address of machines in subnetRange 192.168.20.0/24",
  ],
  [
    "no VIP behind a name",
    "nc2-azure",
    { "workloadCluster.endpoint.host": "api.lab.example", "workloadCluster.vip": undefined },
    "workloadCluster.vip: found nothing; allowed: an IPv4 address",
  ],
  [
    "ARP in a subnet of AWS",
    "nc2-aws",
    { "workloadCluster.subnetKind": "aws" },
    "workloadCluster.kubeVip: found arp in a subnet of AWS, which knows the addresses of its machines and no others; " +
      "allowed: none, and a load balancer (NLB) as endpoint",
  ],
  [
    "Services where the overlay is",
    "nc2-aws",
    { "workloadCluster.serviceCidr": "192.168.10.128/25" },
    "workloadCluster.subnetRange: found 192.168.10.0/24; allowed: a range apart from serviceCidr 192.168.10.128/25",
  ],
  [
    "a subnet that AHV keeps",
    "nc2-azure",
    {
      "workloadCluster.subnetRange": "192.168.5.0/24",
      "workloadCluster.subnetPools": [],
      "workloadCluster.vip": "192.168.5.10",
    },
    "workloadCluster.subnetRange: found 192.168.5.0/24; allowed: a range apart from 192.168.5.0/24, which AHV keeps",
  ],
  [
    "Prism Central among the Services",
    "nc2-azure",
    { "workloadCluster.serviceCidr": "10.10.2.0/24" },
    "prismCentral.address: found 10.10.2.5; allowed: an address outside of 10.10.2.0/24, or nodes miss it",
  ],
  [
    "NC2's console as Prism Central",
    "nc2-aws",
    { "prismCentral.address": "cloud.nutanix.com" },
    "prismCentral.address: found cloud.nutanix.com; allowed: a Prism Central, not Nutanix's own console",
  ],
  [
    "an old Prism Central",
    "onprem",
    { "prismCentral.version": "pc.2024.3" },
    "prismCentral.version: found pc.2024.3; allowed: 7.5 or newer with CAPX v1.10.3",
  ],
  [
    "a presigned address without a checksum",
    "nc2-aws",
    {
      "image.uuid": undefined,
      "image.url": "https://lab-images.s3.us-west-2.amazonaws.com/node.qcow2?X-Amz-Signature=0f",
    },
    "image.sha256: found nothing; allowed: a SHA-256: 64 digits and letters a to f",
  ],
  [
    "two images",
    "onprem",
    { "image.file": "node.qcow2" },
    "image.uuid: found also file; allowed: only one of recipe, file, url, uuid, name",
  ],
  [
    "an address of CAPX's other release",
    "onprem",
    { "clusterApi.capxVersion": "v1.9.0" },
    "clusterApi.infrastructure.url: found v1.10.3; allowed: v1.9.0, which capxVersion says",
  ],
  [
    "a proxy with a password",
    "onprem",
    { "workloadCluster.proxy": { http: "http://me:word@proxy:3128" } },
    'workloadCluster.proxy.http: found "http://me:word@proxy:3128"; allowed: an address such as http://proxy.example:3128, without user and password',
  ],
  [
    "packets that no IPv6 fits into",
    "nc2-aws",
    { "workloadCluster.mtu": 576 },
    "workloadCluster.mtu: found 576; allowed: a whole number from 1280 to 9000",
  ],
  [
    "a name server's name",
    "nc2-azure",
    { "workloadCluster.dns": ["dns.lab.example"] },
    'workloadCluster.dns: found "dns.lab.example"; allowed: an IPv4 address',
  ],
  [
    "an autoscaler of yesterday",
    "nc2-aws",
    { "clusterAutoscaler.image": { tag: "v1.34.1" } },
    "clusterAutoscaler.image.tag: found v1.34.1; allowed: v1.36.x: its minor version follows Kubernetes v1.36.3",
  ],
  [
    "a ceiling of costs without prices",
    "nc2-azure",
    { "guardrails.costPerHour": 2 },
    "guardrails.prices: found no price beside costPerHour; allowed: what an hour of vcpu, memoryGi or diskGi costs",
  ],
])("configuration: %s (%s)", (_, target, changes, mistake) => {
  expect(mistakesOf(source(altered(target, changes)))).toEqual([
    "Pulumi.test.yaml has 1 mistake:",
    mistake,
  ]);
});

const raise = "Lower a pool's max or its machines, or raise the limit under guardrails.";

test.each<[what: string, target: Target, changes: Record<string, unknown>, violation: string[]]>([
  [
    "a certificate that nobody verifies",
    "nc2-azure",
    { "prismCentral.insecure": true },
    ["lab-ccm", "lab"].map(
      (name) =>
        `verified-tls: ${name}: It would not verify the certificate of 10.10.2.5. Give its CA as ` +
        "prismCentral.trustBundle and leave prismCentral.insecure out; or add 10.10.2.5 to guardrails.insecureTls.",
    ),
  ],
  [
    "more machines than anybody allowed",
    "nc2-aws",
    { "workloadCluster.workers.max": 7 },
    [`ceiling: stack: The stack may grow to 8 machines, and 6 are allowed. ${raise}`],
  ],
  [
    "machines that are dearer than allowed",
    "nc2-aws",
    { "guardrails.costPerHour": 0.5, "guardrails.prices": { vcpu: 0.05 } },
    [`ceiling: stack: The stack may grow to a cost of 0.6 an hour, and 0.5 are allowed. ${raise}`],
  ],
  [
    "more memory than the rack has",
    "onprem",
    { "workloadCluster.workers.memory": "32Gi" },
    [`ceiling: stack: The stack may grow to 164 GiB of memory, and 64 are allowed. ${raise}`],
  ],
])("policy: %s (%s)", (_, target, changes, violation) => {
  expect([
    mistakesOf(source(altered(target, changes))),
    violations(altered(target, changes)),
  ]).toEqual([[], violation]);
});

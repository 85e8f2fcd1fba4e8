// All checks over all facts, in the order in which a person would mend things. Pure, but for manifests, which are read.

import type { LabConfig } from "../../config/lab-config";
import { foundIn } from "../prism/answer";
import { isLoopback } from "../prism-central";
import { checkAddresses } from "./addresses";
import { checkCapacity } from "./capacity";
import { checkCertificate } from "./certificate";
import { checkConnection, checkRights } from "./connection";
import { checkEndpoint } from "./endpoint";
import type { Central, Facts } from "./facts";
import { type Finding, findingsOf } from "./finding";
import { checkImage } from "./image";
import type { Inventory } from "./inventory";
import { checkManagementCluster } from "./management-cluster";
import { checkManifests } from "./manifests";
import { checkElements } from "./prism-element";
import { checkStorage } from "./storage-container";
import { checkSubnets } from "./subnet";
import { checkKind, checkTools } from "./tools";

export function checkAll(stack: string, config: LabConfig, facts: Facts): Finding[] {
  const { tools, pulumiSdk, central, dialled, now } = facts;
  const isMade = tools.every(({ source }) => source !== "to be made");
  const inventory = "asked" in central ? central.asked : undefined;
  return [
    ...checkTools(tools, { kubernetes: config.kubernetesVersion, pulumiSdk }),
    ...checkManifests(stack, config, isMade),
    ...checkManagement(config, facts),
    ...("asked" in central
      ? [
          ...checkInventory(config, central.asked),
          ...checkCertificate(config, central.certificate, now),
        ]
      : notAsked(config, central)),
    ...(dialled.length > 0 ? checkEndpoint(config, dialled, inventory?.world) : []),
  ];
}

function checkManagement(config: LabConfig, { management }: Facts): Finding[] {
  if ("version" in management) return checkManagementCluster(config, management.version);
  return checkKind(management.kind, isLoopback(config.prismCentral.address));
}

/** What Prism Central says, held against the stack. */
export function checkInventory(config: LabConfig, inventory: Inventory): Finding[] {
  const { world } = inventory;
  const connection = checkConnection(config, inventory);
  if (!world) return connection;
  const canBePlaced = foundIn(world.clusters) !== undefined;
  return [
    ...connection,
    ...checkRights(inventory),
    ...checkElements(config, world),
    ...checkSubnets(config, world),
    ...checkAddresses(config, world),
    ...checkImage(config, world),
    ...(canBePlaced ? [...checkStorage(config, world), ...checkCapacity(config, world)] : []),
  ];
}

const central = findingsOf("Prism Central");

function notAsked(
  { prismCentral }: LabConfig,
  reason: Exclude<Central, { asked: unknown }>,
): Finding[] {
  if (reason.notAsked === "example")
    return [
      central.warning("not asked: its address is an example", "Set prismCentral.address first."),
    ];
  if (reason.notAsked === "credentials") {
    const problem = "problem" in reason.why ? reason.why.problem : { said: "" };
    return [
      findingsOf("credentials").failure(
        problem.said,
        problem.remedy ?? "Then ask the doctor again.",
      ),
    ];
  }
  const where = `${prismCentral.address}:${prismCentral.port}`;
  return [central.ok(`nothing answers at ${where} yet: \`up\` starts the stand-in there`)];
}

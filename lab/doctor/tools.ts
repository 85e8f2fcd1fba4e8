// The programs that the lab runs: there, or to be made, and not too far apart in version. Pure.

import { compareVersions, minorOf } from "../../config/versions";
import type { ListedTool } from "../../toolchain";
import type { Choice } from "../../toolchain/stand-ins";
import { systemPrograms } from "../../toolchain/tools";
import { type Finding, findingsOf } from "./finding";

const { ok, warning, failure } = findingsOf("tools");

/** Versions that a program must go with. */
export interface Companions {
  /** Of the workload cluster. */
  kubernetes: string;
  /** Of @pulumi/pulumi in package.json. */
  pulumiSdk: string;
}

export function checkTools(tools: ListedTool[], companions: Companions): Finding[] {
  const here = tools.filter(({ path }) => path !== "");
  const toMake = tools.filter(({ source }) => source === "to be made");
  const missing = tools.filter(({ source }) => source === "missing");
  const findings = [
    ...missing.map(({ name }) => failure(`${name} is not here`, `Install ${packageOf(name)}.`)),
    ...checkMaking(toMake, here),
    ...checkSkew(here, companions),
  ];
  const listed = here.filter(({ name }) => SHOWN.includes(name));
  const text = listed.map(({ name, version }) => `${name} ${version}`).join(", ");
  return findings.length > 0 ? findings : [ok(text)];
}

const SHOWN = ["pulumi", "kubectl", "helm", "packer", "go", "node"];

const packageOf = (program: string) => {
  const found = systemPrograms.find(({ name }) => name === program);
  return found ? `Debian's package ${found.package}, or what has ${program}` : program;
};

function checkMaking(toMake: ListedTool[], here: ListedTool[]): Finding[] {
  if (toMake.length === 0) return [];
  const names = toMake.map(({ name }) => name).join(", ");
  if (!here.some(({ name }) => name === "go"))
    return [failure(`${names} must be built, and there is no Go`, "Install Go 1.26 or newer.")];
  return [
    warning(`${names} are not made yet`, "The first `up` makes them, or npm run lab -- toolchain."),
  ];
}

function checkSkew(here: ListedTool[], { kubernetes, pulumiSdk }: Companions): Finding[] {
  const versionOf = (name: string) => here.find((tool) => tool.name === name)?.version;
  const [kubectl, pulumi] = [versionOf("kubectl"), versionOf("pulumi")];
  const apart = kubectl === undefined ? 0 : minorsApart(kubectl, kubernetes);
  return [
    ...(apart > 1
      ? [
          warning(
            `kubectl ${kubectl ?? ""} is ${apart} minor versions away from Kubernetes ${kubernetes}`,
            "Put a kubectl on PATH that is at most one away.",
          ),
        ]
      : []),
    ...(pulumi !== undefined && compareVersions(pulumi, pulumiSdk) < 0
      ? [
          failure(
            `pulumi ${pulumi} is older than its SDK, ${pulumiSdk}`,
            "Upgrade pulumi, or take it off PATH: the lab makes its own.",
          ),
        ]
      : []),
  ];
}

function minorsApart(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => Number(minorOf(version).split(".")[1]));
  return Math.abs((a ?? 0) - (b ?? 0));
}

/** Who makes the management cluster, where the stack names none. */
export function checkKind(kind: Choice, isSimulated: boolean): Finding[] {
  const management = findingsOf("management cluster");
  if (kind.chosen === "PATH") return [management.ok(`made by kind, ${kind.reason}`)];
  if (isSimulated) return [management.ok("made by the stand-in of kind")];
  return [
    management.warning(
      `made by the stand-in of kind (${kind.reason}), which runs stand-ins in the place of images`,
      "Install kind and Docker, or name a cluster that exists in managementCluster.kubeconfig.",
    ),
  ];
}

// The lab's copy of Pulumi.<stack>.yaml under LAB_DIR. Slot-dependent values are filled in, what `pulumi`
// adds to the copy (encryptionsalt, `config set`) is kept, and the file in the checkout is never written.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseDocument, Scalar, visit } from "yaml";
import { stackFile } from "./environment";
import type { Lab } from "./lab";
import { isOwn } from "./prism-central";

export const PROJECT = "nutanix-serverless-lab";
const MARK = "# from ";

/**
 * Stands for a value that only the stack's key can open: a text, and an address with a query, since a signed one of the
 * image is a secret, too.
 */
export const SECRET = "https://secret-of-the-stack.invalid/?";

/** Values that follow from the lab's slot and folder: path below the project's namespace -> value. */
export function slotValues(lab: Lab): Record<string, string | number> {
  const { addresses, directory, repository, cache } = lab;
  const relative = (target: string) => path.relative(repository, target) || ".";
  return {
    "prismCentral.port": addresses.prismCentralPort,
    "image.programs": relative(path.join(directory, "bin")),
    "image.standIns": relative(path.join(directory, "dist")),
    "image.output": relative(path.join(directory, "images")),
    "managementCluster.kubeconfigFile": relative(path.join(directory, "kubeconfig")),
    "clusterApi.manifests": path.join(cache, "manifests", "cluster-api"),
    "workloadCluster.endpoint.host": addresses.controlPlaneEndpoint.host,
    "workloadCluster.podCidr": addresses.workloadPodCidr,
    "scalingTest.report": relative(path.join(directory, "reports", "scaling-test.json")),
  };
}

/**
 * The text of the copy: the original with the values set where the original has them. A stack whose Prism Central is
 * elsewhere keeps its own. Pure.
 */
export function withValues(original: string, values: Record<string, string | number>): string {
  const document = parseDocument(original);
  const address = document.getIn(["config", `${PROJECT}:prismCentral`, "address"]);
  if (!isOwn(String(address))) return original;
  for (const [key, value] of Object.entries(values)) {
    const [group = "", ...rest] = key.split(".");
    const location = ["config", `${PROJECT}:${group}`, ...rest];
    if (document.hasIn(location)) document.setIn(location, value);
  }
  return document.toString();
}

/** The text with a placeholder for each encrypted value, and without what opens them. Pure. */
export function withoutSecrets(text: string): string {
  const document = parseDocument(text);
  for (const key of ["encryptionsalt", "encryptedkey", "secretsprovider"]) document.delete(key);
  visit(document, {
    Map: (_, map) => (map.items.length === 1 && map.has("secure") ? new Scalar(SECRET) : undefined),
  });
  return document.toString({ lineWidth: 0 });
}

/**
 * Writes the copy of a stack's file, unless one made from the same original is there already. Without `secrets`,
 * encrypted values are left out. Returns its path.
 */
export function writeStackCopy(lab: Lab, stack: string, secrets = true): string {
  const original = readFileSync(path.join(lab.repository, `Pulumi.${stack}.yaml`), "utf8");
  const closed = !secrets && /^\s*secure: /m.test(original);
  const target = stackFile(lab, stack);
  const hash = createHash("sha256").update(original).digest("hex").slice(0, 16);
  const mark = `${MARK}Pulumi.${stack}.yaml ${hash}${closed ? " without secrets" : ""}\n`;
  const old = existsSync(target) ? readFileSync(target, "utf8") : "";
  if (old.includes(mark)) return target;
  const salt = /^encryptionsalt: .*$/m.exec(old)?.[0];
  const body = withValues(closed ? withoutSecrets(original) : original, slotValues(lab));
  const kept = salt && !body.includes("encryptionsalt:") ? `${salt}\n` : "";
  writeFileSync(target, `${mark}${kept}${body}`);
  return target;
}

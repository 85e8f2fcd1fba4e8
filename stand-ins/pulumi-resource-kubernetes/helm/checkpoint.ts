// What state keeps of a release: the options, what helm says of it, and the inputs, secret as a whole.

import { type PropertyMap, Secret, withoutSecrets } from "../../pulumi-plugin/values";
import { textAt } from "../kube-object";
import { markSecrets } from "../secrecy";

/** The same without marks of secrecy, as helm needs it. */
export const plain = (map: PropertyMap): PropertyMap => withoutSecrets(map) as PropertyMap;

/** `<namespace>/<name>`. */
export const idOfRelease = (release: PropertyMap): string =>
  `${textAt(release, "namespace")}/${textAt(release, "name")}`;

/** The outputs of a release with these inputs. */
export function checkpoint(inputs: PropertyMap, outputs: PropertyMap): PropertyMap {
  return { ...markSecrets(outputs, inputs), __inputs: new Secret(inputs) };
}

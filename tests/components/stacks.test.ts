// What each stack of this checkout makes of its own in Kubernetes, as golden files, valid by the published schemas. The
// manifests of Cluster API and CAPX are upstream's, and not among them.

import * as path from "node:path";
import { render, type RenderedResource } from "../../lab/render";
import { documents } from "../../lab/render/documents";
import { stackNames } from "../../lab/stack-values";
import { expectGolden } from "../support/golden";
import {
  type CustomObject,
  isCustom,
  mistakesOfObject,
  publishedSchemas,
} from "../support/published-schemas";

const repository = path.join(__dirname, "..", "..");
const UPSTREAM = "lab:index:ClusterApi";

const schemas = publishedSchemas();

/** What only a build of this checkout can tell: hashes of what the node image is made from. */
function settled(text: string, resources: RenderedResource[]): string {
  const templates = resources.filter(({ type }) => type.endsWith(":NutanixMachineTemplate"));
  return templates
    .map(({ inputs }) => (inputs as CustomObject).metadata.name)
    .reduce((done, name) => done.replaceAll(name, name.replace(/[0-9a-f]{8}$/, "<hash>")), text);
}

describe.each(stackNames(repository))("%s", (stack) => {
  let own: RenderedResource[];
  beforeAll(async () => {
    const all = await render(repository, stack);
    own = all.filter(
      ({ type, parent }) => type.startsWith("kubernetes:") && !parent.includes(UPSTREAM),
    );
  }, 120_000);

  test("its objects", () => {
    expectGolden(`stacks/${stack}.yaml`, settled(documents(own), own));
  });

  test("are valid by the published schemas", () => {
    const custom = own.map(({ inputs }) => inputs as CustomObject).filter(isOfCluster);
    expect(custom.length).toBeGreaterThan(6);
    expect(custom.flatMap((object) => mistakesOfObject(object, schemas))).toEqual([]);
  });
});

/** A Helm release has no apiVersion. */
const isOfCluster = (object: Partial<CustomObject>) =>
  object.apiVersion !== undefined && isCustom(object as CustomObject);

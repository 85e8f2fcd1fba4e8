// A template is never edited: machines are replaced when the name that they come from changes. A name without a hash of
// the content keeps a change from every machine there is, and CAPX refuses the edit.

import { at, objectsOf, type Resource, type Rule, type Violation } from "../rule";

const TEMPLATES = ["NutanixMachineTemplate", "KubeadmConfigTemplate"];
const HASHED = /-[0-9a-f]{8,}$/;

/** Where owners name their templates. */
const REFERENCES: [kind: string, path: string[]][] = [
  ["KubeadmControlPlane", ["spec", "machineTemplate", "spec", "infrastructureRef"]],
  ["MachineDeployment", ["spec", "template", "spec", "infrastructureRef"]],
  ["MachineDeployment", ["spec", "template", "spec", "bootstrap", "configRef"]],
];

export const hashedNames: Rule = {
  name: "hashed-names",
  description:
    "Templates are named by a hash of their content, and whoever refers to one names one that there is.",
  check: (resources) => [...unhashed(resources), ...dangling(resources)],
};

const templates = (resources: Resource[]) =>
  TEMPLATES.flatMap((kind) => objectsOf(resources, kind));

function unhashed(resources: Resource[]): Violation[] {
  return templates(resources)
    .filter(({ object }) => !HASHED.test(object.metadata.name))
    .map(({ urn, object }) => ({
      urn,
      message:
        `The name ${object.metadata.name} has no hash of its content at its end. ` +
        "Name it with hashedName(), so that a change is another template.",
    }));
}

function dangling(resources: Resource[]): Violation[] {
  const known = templates(resources).map(({ object }) => `${object.kind} ${object.metadata.name}`);
  return REFERENCES.flatMap(([kind, path]) =>
    objectsOf(resources, kind).flatMap(({ urn, object }) => {
      const [to, name] = ["kind", "name"].map((field) => String(at(object, ...path, field)));
      if (to === undefined || !TEMPLATES.includes(to) || known.includes(`${to} ${name ?? ""}`))
        return [];
      const message = `It refers to ${to} ${name ?? ""}, which the stack does not have. Take the name from the template.`;
      return [{ urn, message }];
    }),
  );
}

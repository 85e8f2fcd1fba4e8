// The pack: every rule as a policy of Pulumi's. What a rule says of a resource is what the preview shows.

import {
  PolicyPack,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { RULES } from "./rules";
import { plain, type Resource, type Rule } from "./rule";

type Policy = ResourceValidationPolicy | StackValidationPolicy;

/** Definitions of kinds are upstream's, and thousands of lines long. */
const HUGE = /:CustomResourceDefinition$/;

/**
 * Every resource as the program describes it, by its URN. At the end of a preview Pulumi shows what resources would be, and
 * nobody knows that of one that is still to be made.
 */
const described = new Map<string, Resource>();

const inputs: ResourceValidationPolicy = {
  name: "inputs",
  description: "Keeps what the policies about several resources look at. Finds nothing itself.",
  enforcementLevel: "advisory",
  validateResource: (resource) => {
    if (!HUGE.test(resource.type)) described.set(resource.urn, plain(resource));
  },
};

/** A rule of one type is asked before the resource is made; the others when all resources are known. */
function policyOf(rule: Rule): Policy {
  const { name, description, type, check } = rule;
  const told = { name, description, enforcementLevel: "mandatory" as const };
  if (type === undefined)
    return {
      ...told,
      validateStack: (_, report) => {
        for (const { message, urn } of check([...described.values()])) report(message, urn);
      },
    };
  const validateResource: ResourceValidationPolicy["validateResource"] = (resource, report) => {
    if (resource.type !== type) return;
    for (const { message, urn } of check([plain(resource)])) report(message, urn);
  };
  // Pulumi's own mark of a validation that is about one type: others are not even decoded for it.
  return { ...told, validateResource: Object.assign(validateResource, { __pulumiType: type }) };
}

new PolicyPack("nutanix-serverless-lab", { policies: [inputs, ...RULES.map(policyOf)] });

// CheckConfig: provider arguments that exclude each other, and strict mode.

import type { CheckFailure, CheckRequest, CheckResult } from "../pulumi-plugin/provider";
import { type PropertyMap, withoutSecrets } from "../pulumi-plugin/values";

/** The arguments as they are, with what is wrong about them. */
export function checkConfig(request: CheckRequest): CheckResult {
  const { news: inputs } = request;
  const plain = withoutSecrets(inputs) as PropertyMap;
  const failures = [...strictFailures(plain, request.urn), ...renderFailures(plain)];
  return { inputs, failures };
}

/** Strict mode wants an explicit provider with kubeconfig and context. */
function strictFailures(inputs: PropertyMap, urn: string): CheckFailure[] {
  if (!isTrue(inputs["strictMode"])) return [];
  const ambient = /::default(_[\d_]+)?$/.test(urn)
    ? [{ property: "", reason: "strict mode prohibits default provider" }]
    : [];
  const missing = ["kubeconfig", "context"].filter((property) => isAbsent(inputs[property]));
  return [
    ...ambient,
    ...missing.map((property) => ({
      property,
      reason: `strict mode requires Provider "${property}" argument`,
    })),
  ];
}

/** Where manifests are written there is no cluster; the ambient kubeconfig, a default of SDKs, is let through. */
function renderFailures(inputs: PropertyMap): CheckFailure[] {
  if (isAbsent(inputs["renderYamlToDirectory"])) {
    const reason = '"alwaysRender" requires "renderYamlToDirectory" to be set';
    return isTrue(inputs["alwaysRender"]) ? [{ property: "alwaysRender", reason }] : [];
  }
  const ambient = inputs["kubeconfig"] === process.env["KUBECONFIG"];
  const names = ["cluster", "context", ...(ambient ? [] : ["kubeconfig"])];
  return names
    .filter((property) => !isAbsent(inputs[property]))
    .map((property) => ({
      property,
      reason: `"${property}" arg is not compatible with "renderYamlToDirectory" arg`,
    }));
}

function isAbsent(value: PropertyMap[string]): boolean {
  return value === undefined || value === null || value === "";
}

function isTrue(value: PropertyMap[string]): boolean {
  return value === true || value === "true";
}

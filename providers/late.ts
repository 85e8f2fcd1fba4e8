// Dynamic providers whose operations are loaded in the process that runs them. Pulumi's own way keeps a provider as the text
// of its functions: it silently loses parts of what those reach, and takes seconds of TypeScript's compiler to make. Here the
// text only says where the provider is (docs/decisions/0002).
import * as pulumi from "@pulumi/pulumi";

/**
 * What Pulumi's dynamic provider process runs: it finds providers/<room>/provider.ts of the project that it works in, or of
 * the nearest folder above that has one. The text is kept in state: a change of it is an update of every such resource.
 */
export const providerText = (room: string): string => `exports.handler = () => {
  const { existsSync } = require("node:fs");
  let folder = process.cwd();
  while (folder !== "/" && !existsSync(folder + "/providers/${room}/provider.ts"))
    folder = folder.slice(0, folder.lastIndexOf("/")) || "/";
  require("node:module").createRequire(folder + "/package.json")("./providers/register.cjs");
  return require(folder + "/providers/${room}/provider.ts").provider;
};
`;

/** A resource whose provider is `provider` of providers/<room>/provider.ts. */
export abstract class LateResource extends pulumi.CustomResource {
  constructor(
    type: { room: string; token: string },
    name: string,
    inputs: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const all = { ...inputs, __provider: providerText(type.room) };
    super(`pulumi-nodejs:dynamic/${type.token}`, name, all, opts);
  }
}

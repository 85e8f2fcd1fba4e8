// The provider of this room, as Pulumi's dynamic provider process loads it. A preview in which nothing changes asks Prism
// Central nothing: what talks to it is loaded when there is something to do.
import type * as pulumi from "@pulumi/pulumi";
import { configure } from "../prism/surroundings";
import { check, diff, type ImageInputs, type ImageOutputs } from "./inputs";
import type * as Operations from "./operations";

// A dynamic import would need the file's name as compiled, and nothing is compiled here.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const operations = () => require("./operations") as typeof Operations;

export const provider: pulumi.dynamic.ResourceProvider<ImageInputs, ImageOutputs> = {
  configure: (request) => {
    configure(request.config.get("prismCentral"));
    return Promise.resolve();
  },
  check: (_olds, news) => Promise.resolve(check(news)),
  create: (inputs) => operations().create(inputs),
  diff: (_id, olds, news) => Promise.resolve(diff(olds, news)),
  read: (id, props) =>
    operations().read(id, props as ImageOutputs) as Promise<
      pulumi.dynamic.ReadResult<ImageOutputs>
    >,
  update: (id, olds, news) => operations().update(id, olds, { news }),
  delete: (id, props) => operations().remove(id, props),
};

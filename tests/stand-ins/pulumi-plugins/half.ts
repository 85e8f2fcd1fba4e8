// A plugin whose resource is made but not well at first, and well after an update.

import { InitFailedError } from "../../../stand-ins/pulumi-plugin/errors";
import { propertyDiff } from "../../../stand-ins/pulumi-plugin/property-diff";
import { servePlugin } from "../../../stand-ins/pulumi-plugin/server";

void servePlugin({
  name: "half",
  version: "1.0.0",
  provider: {
    check: ({ news }) => ({ inputs: news }),
    diff: ({ oldInputs, news }) => propertyDiff(oldInputs, news),
    create: ({ inputs, preview }) => {
      if (preview) return { id: "", outputs: inputs };
      throw new InitFailedError({ id: "half-1", outputs: inputs, inputs, reasons: ["not well"] });
    },
    read: ({ id, inputs, outputs }) => ({ id, inputs, outputs }),
    update: ({ news }) => ({ ...news, well: true }),
    delete: () => undefined,
  },
});

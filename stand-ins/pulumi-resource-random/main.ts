// pulumi-resource-random ENGINE_ADDRESS: started by the engine.

import { servePlugin } from "../pulumi-plugin/server";
import { randomProvider } from "./random-provider";

void servePlugin({
  name: "random",
  version: "4.21.2",
  provider: randomProvider(),
  acceptSecrets: false,
  supportsAutonaming: true,
});

// pulumi-resource-kubernetes: what the engine starts.

import { servePlugin } from "../pulumi-plugin/server";
import { kubernetesProvider } from "./provider";

void servePlugin({
  name: "kubernetes",
  version: "4.34.2",
  provider: kubernetesProvider(),
  acceptResources: false,
  supportsAutonaming: true,
});

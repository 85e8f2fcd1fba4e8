// pulumi-resource-command ENGINE_ADDRESS: started by the engine.

import { servePlugin } from "../pulumi-plugin/server";
import { commandProvider } from "./command-provider";

void servePlugin({ name: "command", version: "1.2.1", provider: commandProvider() });

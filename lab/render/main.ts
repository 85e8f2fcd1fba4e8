// The process that runs a checkout's program for rendering; see recorder.ts and index.ts.

import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { record, type RenderSettings } from "./recorder";

const settings = JSON.parse(process.env["RENDER"] ?? "{}") as RenderSettings;

record(settings).then(
  (resources) => {
    writeFileSync(settings.answer, JSON.stringify(resources));
    process.exit(0);
  },
  (error: unknown) => {
    // A mistake of the configuration is told without where in the program it was found.
    const { message, stack } = error as Error;
    process.stderr.write(`${pulumi.RunError.isInstance(error) ? message : (stack ?? message)}\n`);
    process.exit(1);
  },
);

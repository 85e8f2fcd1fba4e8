// The commands about the Nutanix that a stack points to: what is wrong before, and what is left behind.

import type { Command } from "commander";
import * as doctors from "./doctor";
import type { Lab } from "./lab";
import * as leaking from "./leaks";

interface LeaksFlags {
  json?: boolean;
  delete?: string;
}

/** Something is left: told apart from a command that failed. */
const LEFT = 2;

/** Adds doctor and leaks. */
export function addTargetCommands(program: Command, lab: Lab, stackName: () => string): void {
  program
    .command("doctor")
    .description("whether a stack can be brought up; changes nothing, and exits with 1 if not")
    .option("--json", "as JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const found = await doctors.doctor(lab, stackName());
      process.stdout.write(json ? asJson(found) : doctors.asText(found));
      if (found.result === "failure") process.exitCode = 1;
    });

  program
    .command("leaks")
    .description(
      "what a lab that was destroyed has left in Prism Central; exits with 2 if anything is",
    )
    .option("--json", "as JSON")
    .option("--delete <word>", "delete its virtual machines and categories; the list says the word")
    .action(async ({ json, delete: confirmed }: LeaksFlags) => {
      const found =
        confirmed === undefined
          ? await leaking.findLeaks(lab, stackName())
          : await leaking.deleteLeaks(lab, stackName(), confirmed);
      process.stdout.write(json ? asJson(found) : leaking.asText(found));
      if (found.leaks.length > 0) process.exitCode = LEFT;
    });
}

const asJson = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;

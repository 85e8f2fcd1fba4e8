// kube-vip of the embedded stack: a static pod of every control plane. See relay.ts.
import { hold, readRelay } from "./relay";

const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);

process.on("SIGTERM", () => process.exit(0));
try {
  hold(readRelay(process.env), say);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

// kube-vip of the embedded stack: a static pod of every control plane. See relay.ts.
import { isReady } from "./health";
import { hold, readRelay } from "./relay";

const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
const times = { retryMilliseconds: 200, checkMilliseconds: 1000, patienceMilliseconds: 5000 };

async function main(): Promise<void> {
  await hold(readRelay(process.env), { say, isReady, ...times }, new AbortController().signal);
}

process.on("SIGTERM", () => process.exit(0));
main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
});

// Measures one thing alone: `node --require ./providers/register.cjs bench/main.ts upload 512 3`, `... upload 4096 1 sparse`, or
// `... lists 10000 500` (VMs and images, requests of each kind), or `... loop 50` (runs at 10, 100 and 300 nodes).
import { loopRows } from "./autoscaler-loop";
import { listsRows } from "./prism-lists";
import type { Row } from "./rows";
import { uploadRows } from "./upload";

const [what, ...numbers] = process.argv.slice(2);

async function rows(): Promise<Row[]> {
  const [first, second, kind] = numbers;
  if (what === "upload")
    return uploadRows({
      mebibytes: Number(first ?? 512),
      rounds: Number(second ?? 3),
      sparse: kind === "sparse",
    });
  if (what === "lists")
    return listsRows({ few: 100, many: Number(first ?? 10_000), requests: Number(second ?? 500) });
  if (what === "loop") return loopRows([10, 100, 300], Number(first ?? 50));
  throw new Error(
    `Measuring ${what ?? "nothing"} failed: only "upload", "lists" and "loop" are known.`,
  );
}

async function main(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await rows(), undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

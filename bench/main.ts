// Measures one thing alone: `node --import tsx bench/main.ts upload 512 3`, or `... upload 4096 1 sparse`.
import { uploadRows } from "./upload";

const [what, mebibytes = "512", rounds = "3", kind] = process.argv.slice(2);

async function main(): Promise<void> {
  if (what !== "upload")
    throw new Error(`Measuring ${what ?? "nothing"} failed: only "upload" is known.`);
  const bench = { mebibytes: Number(mebibytes), rounds: Number(rounds), sparse: kind === "sparse" };
  process.stdout.write(`${JSON.stringify(await uploadRows(bench), undefined, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

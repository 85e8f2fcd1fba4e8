// `npm run bench`: the time of each layer and each phase, as ratios to a bare kwokctl cluster's start in the
// same run, since machines differ and are noisy. Prints JSON; progress goes to stderr.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import * as path from "node:path";
import { Argument, Command } from "commander";
import { loopRows } from "../bench/autoscaler-loop";
import { nodeLatencyRows } from "../bench/node-latency";
import { previewRows } from "../bench/preview";
import { listsRows } from "../bench/prism-lists";
import { round } from "../bench/rows";
import { uploadRows } from "../bench/upload";
import { type ScalingTestReport } from "../scaling-test/report";
import { runTypeScript } from "../toolchain/typescript";
import { makeConsole } from "./console";
import { down } from "./down";
import { readRunRecord } from "./files";
import { currentLab, type Lab } from "./lab";
import { prepareTools } from "./prepare";

const SLOT = "13";
const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
const KUBERNETES = "v1.36.3";

/** Seconds until kwokctl's own cluster is ready, and its end. */
function bareCluster(bin: string): number {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-kwokctl-"));
  const environment = { ...process.env, KWOK_WORKDIR: folder, KWOK_KUBE_VERSION: KUBERNETES };
  const run = (...args: string[]) =>
    execFileSync(path.join(bin, "kwokctl"), ["--name", "bench", ...args], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: 120_000,
    });
  const binaries = [
    ...PROGRAMS.map((name) => `--${name}-binary=${path.join(bin, name)}`),
    `--kwok-controller-binary=${path.join(bin, "kwok")}`,
  ];
  const kubeconfig = path.join(folder, "kubeconfig");
  try {
    const start = performance.now();
    run(
      "create",
      "cluster",
      "--runtime=binary",
      "--wait=60s",
      "--kubeconfig",
      kubeconfig,
      ...binaries,
    );
    return (performance.now() - start) / 1000;
  } finally {
    run("delete", "cluster", "--kubeconfig", kubeconfig);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of a run as JSON shows them: with the ratio to the baseline. Pure. */
export function measured(name: string, seconds: number, baseline: number) {
  return { name, seconds: round(seconds), ratio: round(seconds / baseline) };
}

function upOnce(lab: Lab): number {
  const start = performance.now();
  const result = spawnSync(process.execPath, [...runTypeScript, "lab/main.ts", "up"], {
    cwd: lab.repository,
    stdio: ["ignore", process.stderr, process.stderr],
    env: { ...process.env, LAB_SLOT: SLOT, LAB_DIR: lab.directory },
  });
  if (result.status !== 0) throw new Error(`lab up failed with ${result.status ?? "a signal"}.`);
  return (performance.now() - start) / 1000;
}

/** The layers of an `up`, the phases of its second scaling test, and a bare cluster to compare with. */
async function labFigures(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-lab-"));
  const lab = currentLab({ ...process.env, LAB_SLOT: SLOT, LAB_DIR: directory });
  const console = makeConsole(process.stderr);
  try {
    await prepareTools(lab, console);
    const baseline = bareCluster(path.join(directory, "bin"));
    const first = upOnce(lab);
    const layers = readRunRecord(lab)?.layers ?? [];
    const second = upOnce(lab);
    const file = path.join(directory, "reports", "scaling-test.json");
    const report = JSON.parse(readFileSync(file, "utf8")) as ScalingTestReport;
    const previews = previewRows(lab, 3);
    const nodes = await nodeLatencyRows(lab, 3);
    return {
      baseline: { name: "kwokctl create cluster", seconds: round(baseline) },
      runs: [measured("up", first, baseline), measured("up again", second, baseline)],
      previews,
      nodes,
      layers: layers.map(({ name, seconds }) => measured(name, seconds, baseline)),
      phases: report.phases.map(({ round, name, seconds }) =>
        measured(`${round}. ${name}`, seconds, baseline),
      ),
      shares: Object.entries<number>({ ...report.rounds[0]?.scaleFromZero?.shares }).map(
        ([name, seconds]) => measured(name, seconds, baseline),
      ),
      backToZero: report.rounds.map(({ round, backToZero }) =>
        measured(`${round}. back to zero`, backToZero?.seconds ?? 0, baseline),
      ),
      scaleFromZero: measured("Pending to answering", report.scaleFromZeroSeconds ?? 0, baseline),
    };
  } finally {
    process.env["LAB_SLOT"] = SLOT;
    process.env["LAB_DIR"] = directory;
    await down(lab, "dev", console);
  }
}

const FIGURES: Record<string, () => Promise<unknown>> = {
  lab: labFigures,
  upload: () => uploadRows({ mebibytes: 512, rounds: 3, sparse: false }),
  loop: () => loopRows([10, 100, 300], 50),
  lists: () => listsRows({ few: 100, many: 10_000, requests: 300 }),
};

/** Measures what is named, or all of it, one after the other. */
async function bench(names: string[]): Promise<void> {
  const result: Record<string, unknown> = {
    machine: { cpus: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
  };
  for (const [name, figures] of Object.entries(FIGURES))
    if (names.length === 0 || names.includes(name)) result[name] = await figures();
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
}

const command = new Command("bench")
  .description(
    "Measures, as ratios to a baseline of the same run. JSON on stdout, progress on stderr.",
  )
  .addArgument(
    new Argument("[figures...]", "what to measure; without any, all of it").choices(
      Object.keys(FIGURES),
    ),
  )
  .addHelpText(
    "after",
    `
  lab     layers, phases, empty previews and node latency of a whole lab, next to a bare kwokctl cluster
  upload  an image's PUT, next to curl's
  loop    the autoscaler's loop at 10, 100 and 300 nodes
  lists   Prism Central's lists at 10,000 objects, next to 100`,
  )
  .showSuggestionAfterError()
  .action(bench);

command.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);

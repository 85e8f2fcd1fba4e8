// The report as one page that needs nothing else: no script, no request, light and dark. Pure.

import { countRows, PLOTS, SHARES, shareBar, stepPlot } from "./plots";
import { sections as problemSections, table } from "./parts";
import { STYLE } from "./style";
import { afterStart, duration, escape, journey, LABELS, number, sinceLabel } from "./text";
import { timeline } from "./timeline";
import type { Duration, Phase, Round, ScalingTestReport } from "./types";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole page. */
export function html(report: ScalingTestReport): string {
  const title = `Scaling test of ${report.cluster}: ${report.passed ? "passed" : "failed"}`;
  const { failures, rounds, savings } = report;
  const links = [
    ...(failures.length > 0 ? [["problems", "What went wrong"]] : []),
    ["figures", "Figures"],
    ...rounds.map(({ round, replicas }) => [
      `round-${round}`,
      `Round ${round}: 0 → ${replicas} → 0`,
    ]),
    ["counts", "Counts over time"],
    ...(savings ? [["savings", "VM-hours saved"]] : []),
    ["evidence", "Evidence"],
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    '<a class="skip" href="#content">Skip to the report</a>',
    header(report, links),
    '<main id="content">',
    ...problemSections(report),
    figures(report),
    ...rounds.map((round) => roundSection(report, round)),
    counts(report),
    savingsSection(report),
    evidence(report),
    "</main>",
    footer(report),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** A time as people write it. */
const moment = (time: string) =>
  `<time datetime="${escape(time)}">${escape(time.slice(0, 19).replace("T", " "))} UTC</time>`;

function header(report: ScalingTestReport, links: string[][]): string {
  const verdict = report.passed ? "✓ Passed, all budgets kept" : "✗ Failed";
  const items = links.map(
    ([id = "", text = ""]) => `<li><a href="#${id}">${escape(text)}</a></li>`,
  );
  return `<header>
<h1>From zero and back: ${escape(journey(report))}</h1>
<p class="soft">Cluster ${escape(report.cluster)}, profile ${escape(report.profile)},
${moment(report.startedAt)} to ${moment(report.finishedAt)}</p>
<p class="verdict ${report.passed ? "passed" : "failed"}">${verdict}</p>
<nav aria-label="Parts of the report"><ul>${items.join("")}</ul></nav>
</header>`;
}

const budget = ({
  budgetSeconds,
  withinBudget,
}: Pick<Duration, "budgetSeconds" | "withinBudget">) =>
  `budget ${duration(budgetSeconds)}, ${withinBudget ? "kept" : "over"}`;

function figures(report: ScalingTestReport): string {
  const { rounds, savings } = report;
  const items = rounds.flatMap(
    ({ round, replicas, scaleFromZero, allAnsweredSeconds, backToZero }) => {
      const all =
        replicas > 1 && allAnsweredSeconds !== undefined
          ? `; all ${replicas} after ${duration(allAnsweredSeconds)}`
          : "";
      const ways: [string, Duration | undefined, string][] = [
        [`Round ${round}: Pending to the first answer`, scaleFromZero, all],
        [`Round ${round}: back at zero`, backToZero, ""],
      ];
      return ways.flatMap(([label, way, more]) =>
        way ? [figure(label, duration(way.seconds), budget(way) + more)] : [],
      );
    },
  );
  if (savings)
    items.push(
      figure("VM-hours saved", `${number(savings.savedPercent)} %`, "against always on; see below"),
    );
  return `<section aria-labelledby="figures"><h2 id="figures">Figures</h2>
<dl class="figures">${items.join("\n")}</dl></section>`;
}

const figure = (label: string, value: string, small: string) =>
  `<div><dt>${escape(label)}</dt><dd>${escape(value)}<small>${escape(small)}</small></dd></div>`;

function roundSection(report: ScalingTestReport, round: Round): string {
  const id = `round-${round.round}`;
  const phases = report.phases.filter((phase) => phase.round === round.round);
  return `<section aria-labelledby="${id}"><h2 id="${id}">Round ${round.round}: 0 → ${round.replicas} → 0</h2>
<figure><figcaption>When each phase was reached; a bar begins where its time is counted from.</figcaption>
${timeline(report, round)}</figure>
${table({
  caption: `Phases of round ${round.round} with their budgets`,
  head: ["Phase", "Reached", "#Took", "Counted from", "#Budget", "Kept", "Evidence"],
  rows: phases.map((phase) => phaseRow(report, phase)),
})}
${sharesPart(round)}
${machinesPart(report, round)}</section>`;
}

function phaseRow(report: ScalingTestReport, phase: Phase): string[] {
  const kept = phase.withinBudget
    ? '<span class="kept">✓ kept</span>'
    : '<span class="over">✗ over</span>';
  const id = `evidence-${phase.round}-${phase.name}`;
  const label = LABELS[phase.name];
  const kinds = [...new Set(phase.evidence.map(({ kind }) => kind))].join(", ");
  return [
    escape(label),
    `<time datetime="${escape(phase.time)}">${escape(afterStart(report, phase.time))}</time>`,
    escape(duration(phase.seconds)),
    escape(sinceLabel(phase.since)),
    escape(duration(phase.budgetSeconds)),
    kept,
    `<a href="#${id}" aria-label="${escape(kinds)}: evidence of ${escape(label)}, round ${phase.round}">` +
      `${escape(kinds)}</a>`,
  ];
}

function sharesPart({ round, scaleFromZero }: Round): string {
  const shares = scaleFromZero?.shares;
  if (!shares) return "";
  const rows = SHARES.map(([name, label], index) => [
    `<span class="key key-${index + 1}"></span>${escape(label)}`,
    escape(duration(shares[name])),
  ]);
  return `<h3>Where the time to the first answer went</h3>
${shareBar(shares, round)}
${table({ caption: `Shares of round ${round}'s ${duration(scaleFromZero.seconds)}`, head: ["Share", "#Time"], rows, narrow: true })}`;
}

function machinesPart(report: ScalingTestReport, { machines, round }: Round): string {
  if (machines.length === 0) return "";
  const at = (time: string | undefined) => escape(time ? afterStart(report, time) : "not seen");
  return `<h3>Machines</h3>
${table({
  caption: `Machines of round ${round}, by Prism Central's task log`,
  head: ["Machine", "VM", "#Asked for", "#Created", "#Powered on", "#Deleted"],
  rows: machines.map((life) => [
    `<code>${escape(life.machine)}</code>`,
    `<code>${escape(life.vm)}</code>`,
    at(life.requestedAt),
    at(life.createdAt),
    at(life.poweredOnAt),
    at(life.deletedAt),
  ]),
})}`;
}

function counts(report: ScalingTestReport): string {
  const plots = PLOTS.map(
    (plot) =>
      `<figure><figcaption>${escape(plot.title)}</figcaption>\n${stepPlot(report, plot)}</figure>`,
  );
  const rows = countRows(report).map((sample) => [
    `<time datetime="${escape(sample.time)}">${escape(afterStart(report, sample.time))}</time>`,
    ...[sample.vms, sample.nodes, sample.readyNodes, sample.pods, sample.readyPods].map(String),
  ]);
  return `<section aria-labelledby="counts"><h2 id="counts">Counts over time</h2>
${plots.join("\n")}
<details><summary>The same as a table</summary>
${table({
  caption: "Counts at each change, by the API server's and Prism Central's own lists",
  head: ["At", "#VMs", "#Nodes", "#Ready nodes", "#Pods", "#Ready pods"],
  rows,
})}
</details></section>`;
}

function savingsSection({ savings }: ScalingTestReport): string {
  if (!savings) return "";
  return `<section aria-labelledby="savings"><h2 id="savings">VM-hours saved</h2>
<p>${escape(savings.assumption)}</p>
${table({
  caption: "Against always on",
  narrow: true,
  head: ["", "#VM-hours"],
  rows: [
    ["Always on", number(savings.alwaysOnVmHours)],
    ["Used", number(savings.usedVmHours)],
    ["Saved", `${number(savings.savedVmHours)} (${number(savings.savedPercent)} %)`],
  ],
})}</section>`;
}

function evidence(report: ScalingTestReport): string {
  const parts = report.phases.map((phase) => {
    const items = phase.evidence.map(
      ({ kind, name, uid, time, detail }) =>
        `<li>${escape(kind)} <code>${escape(name)}</code>${uid ? ` <code>${escape(uid)}</code>` : ""}, ` +
        `<time datetime="${escape(time)}">${escape(time)}</time>${detail ? `: ${escape(detail)}` : ""}</li>`,
    );
    return `<h3 id="evidence-${phase.round}-${phase.name}">Round ${phase.round}: ${escape(LABELS[phase.name])}</h3>
<ul class="evidence">${items.join("\n")}</ul>`;
  });
  return `<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>
<p>Each time is its source's own: a condition or event of the Kubernetes API, a task of Prism Central, an answer of the
function. Compute all of it again with <code>npm run lab -- verify FILE</code>.</p>
${parts.join("\n")}</section>`;
}

const footer = (report: ScalingTestReport) =>
  `<footer class="soft"><p>Format ${report.version}. The same as JSON and Markdown lies beside this file.</p></footer>`;

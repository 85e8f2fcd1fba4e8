// Parts of the page that others use. Pure; cells are HTML already.

import { escape } from "./text";
import type { ScalingTestReport } from "./types";

export interface Table {
  caption: string;
  /** A head that begins with # is that of numbers. */
  head: string[];
  rows: string[][];
  /** No wider than needed. */
  narrow?: boolean;
}

/** A table in a frame of its own that can be scrolled by keyboard. */
export function table({ caption, head, rows, narrow = false }: Table): string {
  const isNumber = (column: number) => head[column]?.startsWith("#") === true;
  const mark = (column: number) => (isNumber(column) ? ' class="number"' : "");
  const heads = head.map((text, column) =>
    text === ""
      ? "<td></td>"
      : `<th scope="col"${mark(column)}>${escape(text.replace(/^#/, ""))}</th>`,
  );
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? `<th scope="row">${cell}</th>` : `<td${mark(column)}>${cell}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escape(caption)}"><table${narrow ? ' class="narrow"' : ""}>
<caption>${escape(caption)}</caption>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>${lines.join("\n")}</tbody></table></div>`;
}

/** What went wrong and what is in the way; nothing when the test has passed. */
export function sections({ failures, blockers }: ScalingTestReport): string[] {
  if (failures.length === 0) return [];
  const list = failures.map((failure) => `<li>${escape(failure)}</li>`).join("\n");
  const rows = blockers.map(({ kind, subject, message, source }) => [
    `<strong>${escape(kind)}</strong>`,
    `<code>${escape(subject)}</code>`,
    escape(message),
    escape(source),
  ]);
  const blocked = table({
    caption: "What is in the way",
    head: ["Kind", "Subject", "What", "Source"],
    rows,
  });
  return [
    `<section aria-labelledby="problems"><h2 id="problems">What went wrong</h2>
<ul class="problems">${list}</ul>
${rows.length > 0 ? blocked : ""}</section>`,
  ];
}

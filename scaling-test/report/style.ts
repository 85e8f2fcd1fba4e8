// The page's looks: light and dark by the reader's own setting, AA contrast in both, and on paper.

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f8fb; --card: #ffffff; --line: #d5dde6; --ink: #17212d; --soft: #4c5b6b;
  --up: #0a5fb4; --down: #0b766b; --ok: #12683a; --bad: #b3261e; --ok-back: #e3f4ea; --bad-back: #fdeceb;
  --share-1: #5b3fb0; --share-2: #0a5fb4; --share-3: #0b766b; --share-4: #9a5b00; --share-5: #a1266b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e141b; --card: #161e28; --line: #334252; --ink: #e8eef5; --soft: #a9b7c6;
    --up: #6db3f8; --down: #4fd0bf; --ok: #67d695; --bad: #ff938a; --ok-back: #12301f; --bad-back: #3a1715;
    --share-1: #b7a3f5; --share-2: #6db3f8; --share-3: #4fd0bf; --share-4: #f0b354; --share-5: #f08fc2;
  }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1.25rem; }
header { padding-top: 2.5rem; padding-bottom: 0; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 0 0 1rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
a { color: var(--up); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--up); outline-offset: 3px; border-radius: 4px; }
.skip { position: absolute; left: -100rem; top: .5rem; background: var(--card); padding: .5rem 1rem; }
.skip:focus { left: 1rem; }
.soft { color: var(--soft); }
.verdict { display: inline-block; font-weight: 700; padding: .15rem .75rem; border-radius: 99rem; margin: .75rem 0 0; }
.passed { color: var(--ok); background: var(--ok-back); border: 1px solid var(--ok); }
.failed { color: var(--bad); background: var(--bad-back); border: 1px solid var(--bad); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 1rem 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.25rem 1.5rem; margin: 0 0 1.25rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 0; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures dd small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .4rem; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 1.5rem; }
table.narrow { width: auto; min-width: 20rem; }
.kept { color: var(--ok); } .over { color: var(--bad); font-weight: 650; }
code { font: .875em ui-monospace, "Liberation Mono", Menlo, monospace; overflow-wrap: anywhere; }
figure { margin: 0 0 1rem; }
figcaption { color: var(--soft); font-size: .875rem; margin-bottom: .25rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 13px; font-family: inherit; }
svg .axis { fill: var(--soft); font-size: 12px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .band { fill: var(--line); opacity: .45; }
svg .up { fill: var(--up); } svg .down { fill: var(--down); }
svg .step { fill: none; stroke: var(--up); stroke-width: 2.5; stroke-linejoin: round; }
svg .area { fill: var(--up); opacity: .14; }
svg .ready { fill: none; stroke: var(--down); stroke-width: 2; stroke-dasharray: 5 4; }
svg .share-1 { fill: var(--share-1); } svg .share-2 { fill: var(--share-2); } svg .share-3 { fill: var(--share-3); }
svg .share-4 { fill: var(--share-4); } svg .share-5 { fill: var(--share-5); }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .5rem; }
.key-1 { background: var(--share-1); } .key-2 { background: var(--share-2); } .key-3 { background: var(--share-3); }
.key-4 { background: var(--share-4); } .key-5 { background: var(--share-5); }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--up); width: fit-content; }
.evidence { padding-left: 1.1rem; margin: .25rem 0 0; } .evidence li { margin-bottom: .35rem; }
.problems li { margin-bottom: .5rem; }
@media (forced-colors: active) { svg .up, svg .down { fill: CanvasText; } svg .step { stroke: CanvasText; } }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #333; --line: #bbb;
    --up: #0a5fb4; --down: #0b766b; --ok: #12683a; --bad: #b3261e; --ok-back: #fff; --bad-back: #fff; }
  nav, .skip { display: none; }
  section { break-inside: avoid-page; border: 0; padding: 0; }
  details::details-content { content-visibility: visible; height: auto; }
  * { print-color-adjust: exact; }
}
`;

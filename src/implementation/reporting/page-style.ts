// The style of the page of a report: light and dark by what the reader prefers, readable on a narrow screen and on paper. Colours have a contrast
// of 4.5 : 1 and more against what is behind them (WCAG 2.2, 1.4.3), and no state is told by colour alone.

export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --band: #f4f6f8; --text: #1b2129; --quiet: #545e6b; --line: #d3d9e0;
  --good: #1a7f3c; --bad: #b3261e; --busy: #0b5cad; --back-state: #7a4a00; --planned: #8b96a3; --now: #b3261e; }
@media screen and (prefers-color-scheme: dark) { :root { --back: #14181d; --band: #1c2229; --text: #e6eaef; --quiet: #a5b0bc; --line: #353d47;
  --good: #5ccb85; --bad: #ff8f86; --busy: #74b6ff; --back-state: #e6b566; --planned: #76818e; --now: #ff8f86; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .6rem; }
p { margin: .25rem 0 .75rem; }
code, .hash { font: .86em/1.4 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace; }
.quiet { color: var(--quiet); }
.meter { height: .75rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--band); overflow: hidden; margin: 1rem 0; }
.meter > span { display: block; height: 100%; background: var(--good); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; }
.scroll:focus-visible { outline: 2px solid var(--busy); }
table { border-collapse: collapse; width: 100%; font-size: .92rem; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--band); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 11rem; }
td.text { min-width: 8rem; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
td ul { margin: .2rem 0 0; padding-left: 1.1rem; }
.badge { display: inline-block; padding: 0 .45rem; border: 1px solid currentColor; border-radius: .75rem; font-size: .85rem; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); } .back { color: var(--back-state); }
details { border-bottom: 1px solid var(--line); padding: .45rem 0; }
summary { cursor: pointer; font-weight: 600; }
details ul { margin: .3rem 0; padding-left: 1.3rem; }
ol.links, ul.plain { padding-left: 1.3rem; }
.gantt { display: block; width: 100%; min-width: 44rem; height: auto; font-family: inherit; }
.gantt .band { fill: var(--band); } .gantt .gap { fill: none; } .gantt .label { fill: var(--text); font-size: 12.5px; } .gantt .state { fill: var(--quiet); font-size: 10.5px; }
.gantt .axis { fill: var(--quiet); font-size: 11px; } .gantt .tick { stroke: var(--line); stroke-width: 1; }
.gantt .planned { fill: var(--planned); } .gantt .actual { fill: var(--quiet); }
.gantt .good .actual { fill: var(--good); } .gantt .bad .actual { fill: var(--bad); } .gantt .busy .actual { fill: var(--busy); }
.gantt .back .actual { fill: var(--back-state); } .gantt .open { fill-opacity: .3; stroke: var(--busy); stroke-dasharray: 4 2; }
.gantt .critical .label { font-weight: 700; } .gantt .critical .planned { stroke: var(--text); stroke-width: 1.2; }
.gantt .arrow { fill: none; stroke: var(--planned); stroke-width: 1.2; } .gantt .head { fill: var(--planned); }
.gantt .now { stroke: var(--now); stroke-width: 1.5; stroke-dasharray: 5 3; } .gantt .now-text { fill: var(--now); font-size: 11px; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .86rem; color: var(--quiet); padding: 0; list-style: none; }
.legend i { display: inline-block; width: 1.6rem; height: .5rem; border-radius: 2px; margin-right: .4rem; background: var(--planned); }
.legend .was { height: .7rem; background: var(--good); } .legend .will { height: .7rem; background: transparent; border: 1px dashed var(--busy); }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } body { padding: 1rem .75rem 2rem; } }
@media print { :root { color-scheme: light; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  table { font-size: 8pt; } .badge { font-size: 7pt; } th, td { padding: .25rem .35rem; } tbody th, td.text { min-width: 0; overflow-wrap: anywhere; } thead th, td.number { white-space: normal; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } .scroll { overflow: visible; border: 0; } .gantt { min-width: 0; }
  tr, details, .gantt g { break-inside: avoid; } h2 { break-after: avoid; } details > * { display: block; } }
`;

import { classOf, ganttOf } from "./gantt.ts";
import { html, Markup } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { ChangeReport, PlanReport } from "./report.ts";
import { momentText, percentText, sizeText, spanText } from "./report-text.ts";
import {
  actualText,
  CALIBRATION_HEAD,
  calibrationTexts,
  causeTexts,
  estimateText,
  slipOfChange,
  summaryOf,
} from "./summary.ts";

// A report as one HTML page: nothing is loaded, nothing runs, and everything that is drawn stands there in words as well.
// It is read by eyes on two themes, narrow screens and paper, and by screen readers: tables have heads, and what scrolls has a name.

/** What a page that is served may do: be looked at. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function pageOf(report: PlanReport): string {
  const { name, plan, status, at, description, error } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Report of ${name}</title>
        <style>
          ${new Markup(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${name}</h1>
          <p class="quiet">
            ${badge(status)} as of ${momentText(at)} · plan
            <code>${plan}</code>${report.edition > 1 ? html` · edition ${report.edition}` : undefined}
          </p>
          ${description === undefined ? undefined : html`<p>${description}</p>`}
          ${error === undefined ? undefined : html`<p class="bad"><strong>${error}</strong></p>`} ${meter(report)}
          <dl>
            ${summaryOf(report).map(
              ({ label, text }) =>
                html`<dt>${label}</dt>
                  <dd>${text}</dd>`,
            )}
          </dl>
          ${timeSection(report)} ${section("Blocked", list(report.blocked.map(({ text }) => html`${text}`)))}
          ${report.changes.length > 0 ? changeSections(report.changes) : section("Steps", stepsTable(report))}
          ${section("Approvals", approvalsTable(report))}
          ${section("Taken back", list(report.takenBack.map(({ step, state, text }) => html`<code>${step}</code> ${badge(state)} ${text}`)))}
          ${section("Calibration of estimates", calibrationTable(report))}
        </main>
      </body>
    </html> `;
  return page.source;
}

function meter({ percent, done, total, percentBy }: PlanReport): Markup {
  const text = `${percentText(percent)} done by weight: ${done} of ${total} ${percentBy}`;
  const width = Math.min(100, Math.round(percent * 10) / 10);
  return html`<div class="meter" role="img" aria-label="${text}"><span style="width:${width}%"></span></div>`;
}

function section(title: string, body: Markup | undefined): Markup | undefined {
  return body === undefined
    ? undefined
    : html`<section>
        <h2>${title}</h2>
        ${body}
      </section>`;
}

function list(lines: readonly Markup[]): Markup | undefined {
  return lines.length === 0
    ? undefined
    : html`<ul class="plain">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`;
}

function timeSection(report: PlanReport): Markup | undefined {
  const chart = ganttOf(report);
  if (chart === undefined) return undefined;
  return section(
    "Time",
    html`${scrolled("Chart of planned and actual time", chart)}
      <ul class="legend">
        <li><i></i>planned</li>
        <li><i class="was"></i>actual, by state</li>
        <li><i class="will"></i>expected</li>
        <li>outlined, bold: critical</li>
      </ul>`,
  );
}

/** Also by keys: a region that scrolls can be reached. */
function scrolled(label: string, inside: Markup): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${inside}</div>`;
}

interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Markup;
}

function table<Row>(label: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup | undefined {
  if (rows.length === 0) return undefined;
  const body = rows.map(
    (row) =>
      html`<tr>
        ${columns.map(({ cell }) => cell(row))}
      </tr>`,
  );
  const head = columns.map((column) => html`<th scope="col">${column.head}</th>`);
  return scrolled(
    label,
    html`<table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>`,
  );
}

function rowHead(inside: Markup): Markup {
  return html`<th scope="row">${inside}</th>`;
}

function text(inside: string): Markup {
  return html`<td class="text">${inside}</td>`;
}

function number(inside: string | number): Markup {
  return html`<td class="number">${inside}</td>`;
}

function badge(state: string): Markup {
  return html`<span class="badge ${classOf(state)}">${state}</span>`;
}

function changeSections(changes: readonly ChangeReport[]): Markup {
  const columns: readonly Column<ChangeReport>[] = [
    { head: "Change", cell: ({ title, id }) => rowHead(html`${title}<br /><code class="quiet">${id}</code>`) },
    { head: "State", cell: ({ state }) => html`<td>${badge(state)}</td>` },
    { head: "Weight", cell: ({ weight }) => number(weight) },
    { head: "Risk", cell: ({ risk }) => html`<td>${risk}</td>` },
    { head: "Estimate (o / m / p)", cell: (change) => number(estimateText(change)) },
    { head: "Actual", cell: (change) => text(actualText(change)) },
    { head: "Slip", cell: slipCell },
  ];
  const details = changes.flatMap(detailOf);
  return html`${section("Changes", table("Changes", columns, changes))}${details.length === 0 ? undefined : section("Change by change", html`${details}`)}`;
}

/** With the greatest of its causes; the others stand below. */
function slipCell(change: ChangeReport): Markup {
  const [cause] = causeTexts(change);
  return html`<td class="text">
    ${slipOfChange(change)}${cause === undefined ? undefined : html`<br /><span class="quiet">${cause}</span>`}
  </td>`;
}

function detailOf(change: ChangeReport): readonly Markup[] {
  const { files, acceptance, commit, patchBytes, error, outside, remedy, gap } = change;
  const patch = patchBytes === undefined ? undefined : html`, patch of ${sizeText(patchBytes)}`;
  const lines = [
    ...(error === undefined ? [] : [html`<span class="bad">failed: ${error}</span>`]),
    ...causeTexts(change).map((cause) => html`slip ${cause}`),
    ...(commit === undefined ? [] : [html`commit <code>${commit}</code>${patch}`]),
    ...files.map(
      ({ path, change: kind, before, after }) =>
        html`${kind} <code>${path}</code> <span class="hash quiet">${hash(before)} → ${hash(after)}</span>`,
    ),
    ...(acceptance === undefined
      ? []
      : [html`acceptance: ${badge(acceptance.verdict)} ${acceptance.evidence.join("; ")}`]),
    ...(outside === undefined ? [] : [html`expected ${outside}`]),
  ];
  if (lines.length === 0) return [];
  const items = lines.map((line) => html`<li>${line}</li>`);
  return [
    html`<details open>
      <summary>${change.title} <span class="quiet">(${gap}, by ${remedy})</span></summary>
      <ul>
        ${items}
      </ul>
    </details>`,
  ];
}

const HASH_CHARS = 10;

function hash(oid: string | undefined): string {
  return oid?.slice(0, HASH_CHARS) ?? "none";
}

function stepsTable({ steps, stepsLeftOut }: PlanReport): Markup | undefined {
  const columns: readonly Column<PlanReport["steps"][number]>[] = [
    { head: "Step", cell: ({ step, title }) => rowHead(html`<code>${step}</code> ${title}`) },
    { head: "State", cell: ({ state }) => html`<td>${badge(state)}</td>` },
    { head: "Tool", cell: ({ tool, kind }) => html`<td>${tool ?? kind}</td>` },
    { head: "Attempts", cell: ({ attempts }) => number(attempts) },
    { head: "Planned", cell: ({ plannedStartAt, plannedEndAt }) => number(spanText(plannedEndAt - plannedStartAt)) },
    {
      head: "Took",
      cell: ({ startAt, endAt }) =>
        number(startAt === undefined || endAt === undefined ? "—" : spanText(endAt - startAt)),
    },
    { head: "Error", cell: ({ error }) => text(error ?? "") },
  ];
  const found = table("Steps", columns, steps);
  return stepsLeftOut === 0
    ? found
    : html`${found}
        <p>and ${stepsLeftOut} more</p>`;
}

function approvalsTable({ approvals }: PlanReport): Markup | undefined {
  const moment = (at: number | undefined): Markup => number(at === undefined ? "—" : momentText(at));
  const columns: readonly Column<PlanReport["approvals"][number]>[] = [
    { head: "Question", cell: ({ step }) => rowHead(html`<code>${step}</code>`) },
    { head: "State", cell: ({ state }) => html`<td>${badge(state)}</td>` },
    { head: "Role", cell: ({ role }) => html`<td>${role ?? "anybody"}</td>` },
    { head: "By", cell: ({ by }) => html`<td>${by.length === 0 ? "—" : by.join(", ")}</td>` },
    { head: "Asked", cell: ({ askedAt }) => moment(askedAt) },
    { head: "Decided", cell: ({ decidedAt }) => moment(decidedAt) },
    { head: "Covers", cell: ({ covers }) => text(covers.join(", ")) },
    { head: "Note", cell: ({ note, error }) => text(note ?? error ?? "") },
  ];
  return table("Approvals", columns, approvals);
}

function calibrationTable({ calibration }: PlanReport): Markup | undefined {
  if (calibration.length === 0) return undefined;
  const head = CALIBRATION_HEAD.map((one) => html`<th scope="col">${one}</th>`);
  const rows = calibration.map(
    (row) =>
      html`<tr>
        ${rowHead(html`${row.class}`)}${calibrationTexts(row).map(number)}
      </tr>`,
  );
  const inside = html`<table>
    <thead>
      <tr>
        ${head}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return html`<p class="quiet">
      Of finished changes of all plans. Estimates are calibrated where half stay within P50 and nine of ten within P90.
    </p>
    ${scrolled("Calibration of estimates", inside)}`;
}

import { shortText } from "#src/implementation/short-text.ts";
import { html, type Markup } from "./markup.ts";
import type { PlanReport } from "./report.ts";
import { momentText, spanText } from "./report-text.ts";

// The chart of a report: a row a change (or step) with what was planned above what was, on one axis of time, with a line for now. It
// stands in the page as SVG and is drawn with the page's own colours; the table beside it says the same in words.

interface Bar {
  readonly id: string;
  readonly label: string;
  readonly state: string;
  readonly plannedStart: number;
  readonly plannedEnd: number;
  readonly start?: number;
  readonly end?: number;
  readonly expectedEnd?: number;
  readonly isCritical: boolean;
  readonly needs: readonly string[];
}

const WIDTH = 960;
const LABELS = 230;
const RIGHT = 12;
const ROW = 34;
const TOP = 26;
const BOTTOM = 34;
const MAX_ROWS = 200;
const MAX_LABEL_CHARS = 26;
const LEAST_BAR = 2;
const TICKS = 5;

/** Undefined where nothing has a time yet. */
export function ganttOf(report: PlanReport): Markup | undefined {
  const bars = (report.changes.length > 0 ? barsOfChanges(report) : barsOfSteps(report)).slice(0, MAX_ROWS);
  if (report.startedAt === undefined || bars.length === 0) return undefined;
  const axis = axisOf(bars, report);
  const height = TOP + bars.length * ROW + BOTTOM;
  const now = report.endedAt === undefined ? nowLine(axis, report.at, height) : [];
  const rowOf = new Map(bars.map(({ id }, row) => [id, row]));
  return html`<svg
    class="gantt"
    role="img"
    aria-labelledby="gantt-title gantt-desc"
    viewBox="0 0 ${WIDTH} ${height}"
    xmlns="http://www.w3.org/2000/svg"
  >
    <title id="gantt-title">Planned and actual time of ${report.name}</title>
    <desc id="gantt-desc">${descriptionOf(bars)}</desc>
    ${bars.map((_, row) => band(row))} ${ticks(axis, height)}
    ${bars.flatMap((bar) => arrows(bar, { rowOf, bars, axis }))} ${bars.map((bar, row) => rowOfBar(bar, row, axis))}
    ${now}
  </svg>`;
}

function barsOfChanges({ changes, steps }: PlanReport): readonly Bar[] {
  const needsOf = new Map(steps.map(({ step, needs }) => [step, needs]));
  const ownerOf = new Map(changes.flatMap(({ id, steps: own }) => own.map((step) => [step, id] as const)));
  return changes.map((change) => ({
    ...{ id: change.id, label: change.title, state: change.state, isCritical: change.isCritical },
    ...{ plannedStart: change.plannedStartAt, plannedEnd: change.plannedEndAt },
    ...timesOf(change),
    needs: change.steps
      .flatMap((step) => needsOf.get(step) ?? [])
      .flatMap((need) => otherOwner(ownerOf.get(need), change.id)),
  }));
}

function otherOwner(owner: string | undefined, own: string): readonly string[] {
  return owner === undefined || owner === own ? [] : [owner];
}

function barsOfSteps({ steps }: PlanReport): readonly Bar[] {
  return steps.map((step) => ({
    ...{
      id: step.step,
      label: step.step,
      state: step.isTakenBack ? "taken back" : step.state,
      isCritical: step.isCritical,
    },
    ...{ plannedStart: step.plannedStartAt, plannedEnd: step.plannedEndAt, needs: step.needs },
    ...timesOf(step),
  }));
}

interface Times {
  readonly startAt?: number;
  readonly endAt?: number;
  readonly expectedEndAt?: number;
}

function timesOf({ startAt, endAt, expectedEndAt }: Times): Pick<Bar, "start" | "end" | "expectedEnd"> {
  return {
    ...(startAt === undefined ? {} : { start: startAt }),
    ...(endAt === undefined ? {} : { end: endAt }),
    ...(expectedEndAt === undefined ? {} : { expectedEnd: expectedEndAt }),
  };
}

interface Axis {
  readonly from: number;
  readonly to: number;
}

function axisOf(bars: readonly Bar[], { startedAt = 0, at, endedAt }: PlanReport): Axis {
  const ends = bars.flatMap(({ plannedEnd, end, expectedEnd }) => [
    plannedEnd,
    end ?? plannedEnd,
    expectedEnd ?? plannedEnd,
  ]);
  const to = Math.max(...ends, endedAt ?? at);
  return { from: startedAt, to: Math.max(to, startedAt + 1) };
}

function x({ from, to }: Axis, at: number): number {
  const share = (Math.min(Math.max(at, from), to) - from) / (to - from);
  return Math.round((LABELS + share * (WIDTH - LABELS - RIGHT)) * 10) / 10;
}

function ticks(axis: Axis, height: number): readonly Markup[] {
  return Array.from({ length: TICKS }, (_, tick) => {
    const at = axis.from + ((axis.to - axis.from) * tick) / (TICKS - 1);
    const place = x(axis, at);
    const anchor = tick === 0 ? "start" : tick === TICKS - 1 ? "end" : "middle";
    const label = tick === 0 ? "start" : `+${spanText(at - axis.from)}`;
    return html`<line class="tick" x1="${place}" y1="${TOP - 6}" x2="${place}" y2="${height - BOTTOM + 4}" /><text
        class="axis"
        x="${place}"
        y="${height - BOTTOM + 20}"
        text-anchor="${anchor}"
        >${label}</text
      >`;
  });
}

function nowLine(axis: Axis, at: number, height: number): readonly Markup[] {
  const place = x(axis, at);
  const anchor = place > WIDTH - 60 ? "end" : "middle";
  return [
    html`<line class="now" x1="${place}" y1="${TOP - 8}" x2="${place}" y2="${height - BOTTOM + 4}" /><text
        class="now-text"
        x="${place}"
        y="${TOP - 12}"
        text-anchor="${anchor}"
        >now</text
      >`,
  ];
}

/** Behind every other row, so that labels and bars are read together. */
function band(row: number): Markup {
  return html`<rect
    class="${row % 2 === 0 ? "band" : "gap"}"
    x="0"
    y="${TOP + row * ROW}"
    width="${WIDTH}"
    height="${ROW}"
  />`;
}

function rowOfBar(bar: Bar, row: number, axis: Axis): Markup {
  const y = TOP + row * ROW;
  const { plannedStart, plannedEnd, label, state, isCritical } = bar;
  const planned = rect(axis, plannedStart, plannedEnd);
  const short = shortText(label, MAX_LABEL_CHARS);
  return html`<g class="row ${classOf(state)} ${isCritical ? "critical" : ""}"
    ><title>${titleOf(bar)}</title> <text class="label" x="8" y="${y + 15}">${short}</text
    ><text class="state" x="8" y="${y + 28}">${isCritical ? `${state} · critical` : state}</text>
    <rect class="planned" x="${planned.x}" y="${y + 7}" width="${planned.width}" height="7" rx="2" />
    ${actualBar(bar, y, axis)}</g
  >`;
}

/** Nothing before it has begun: when it will is in the table. */
function actualBar({ start, end, expectedEnd }: Bar, y: number, axis: Axis): Markup | undefined {
  const until = end ?? expectedEnd;
  if (start === undefined || until === undefined) return undefined;
  const actual = rect(axis, start, until);
  return html`<rect
    class="actual ${end === undefined ? "open" : ""}"
    x="${actual.x}"
    y="${y + 17}"
    width="${actual.width}"
    height="10"
    rx="2"
  />`;
}

function rect(axis: Axis, from: number, to: number) {
  const left = Math.min(x(axis, from), WIDTH - RIGHT - LEAST_BAR);
  return { x: left, width: Math.max(LEAST_BAR, Math.round((x(axis, to) - left) * 10) / 10) };
}

/** One of few words, for the colours of the page. */
export function classOf(state: string): string {
  return CLASSES.get(state) ?? "quiet";
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ...["done", "succeeded", "approved", "met"].map((state) => [state, "good"] as const),
  ...["failed", "refused", "left", "blocked", "unmet", "broken"].map((state) => [state, "bad"] as const),
  ...["making", "merging", "running", "open", "asked"].map((state) => [state, "busy"] as const),
  ["taken back", "back"],
]);

interface Drawing {
  readonly rowOf: ReadonlyMap<string, number>;
  readonly bars: readonly Bar[];
  readonly axis: Axis;
}

/** From the planned end of what it needs down to its own planned start. */
function arrows(bar: Bar, { rowOf, bars, axis }: Drawing): readonly Markup[] {
  const to = rowOf.get(bar.id) ?? 0;
  return [...new Set(bar.needs)].flatMap((need) => {
    const from = rowOf.get(need);
    const before = from === undefined ? undefined : bars[from];
    if (from === undefined || before === undefined) return [];
    const [x1, y1] = [rect(axis, before.plannedStart, before.plannedEnd), TOP + from * ROW + 10.5];
    const [x2, y2] = [x(axis, bar.plannedStart), TOP + to * ROW + 10.5];
    const left = Math.round((x1.x + x1.width) * 10) / 10;
    const bend = Math.max(left + 4, x2 - 6);
    return [
      html`<path class="arrow" d="M${left} ${y1}H${bend}V${y2}H${x2}" /><path
          class="head"
          d="M${x2} ${y2}l-5 -3v6z"
        />`,
    ];
  });
}

function titleOf({ id, label, state, plannedStart, plannedEnd, start, end, expectedEnd }: Bar): string {
  const until = end ?? expectedEnd;
  const actual = start === undefined ? "" : `; began ${momentText(start)}`;
  const ended = until === undefined ? "" : `; ${end === undefined ? "expected to end" : "ended"} ${momentText(until)}`;
  return `${id}: ${label} (${state}); planned ${momentText(plannedStart)} to ${momentText(plannedEnd)}${actual}${ended}`;
}

function descriptionOf(bars: readonly Bar[]): string {
  return `${bars.length} rows; in each the thin bar is what was planned and the thick one what was. The table below says the same.`;
}

import type { StepProgress } from "#projections/progress.ts";
import type { StepStateName } from "#machines/step-chart.ts";
import type { Style } from "#src/cli/terminal.ts";
import { durationText, lineText } from "#src/cli/text.ts";

// One step as one line: mark, name, tool, what happens or happened to it. The same on the live screen and in `show`.
// A row is made of parts with styles; who prints it turns them into colours, or leaves them out.

export interface Segment {
  readonly text: string;
  readonly style?: Style;
}

export interface RowOptions {
  readonly indent: number;
  /** Width of the column of names. */
  readonly nameChars: number;
  readonly widthChars: number;
  readonly now: number;
  /** What the live channel said last about it. */
  readonly live?: LiveNote;
}

export interface LiveNote {
  readonly percent?: number;
  readonly message?: string;
}

const MARKS: Readonly<Record<StepStateName, Segment>> = {
  pending: { text: "·", style: "dim" },
  running: { text: "▶", style: "cyan" },
  between: { text: "↻", style: "yellow" },
  waiting: { text: "◷", style: "blue" },
  open: { text: "▷", style: "cyan" },
  unknown: { text: "?", style: "magenta" },
  succeeded: { text: "✔", style: "green" },
  failed: { text: "✘", style: "red" },
  skipped: { text: "–", style: "dim" },
  cancelled: { text: "■", style: "yellow" },
};

const INDENT_CHARS = 2;
const MAX_INDENTS = 6;
const BAR_CHARS = 12;
const TOOL_CHARS = 14;
const TOOK_CHARS = 7;

/** At most `widthChars` characters in all. */
export function stepRow(step: StepProgress, options: RowOptions): readonly Segment[] {
  const pad = " ".repeat(Math.min(options.indent, MAX_INDENTS) * INDENT_CHARS);
  const name = (pad + lineText(step.step, Math.max(1, options.nameChars - pad.length))).padEnd(options.nameChars);
  const isQuiet = step.state === "pending" || step.state === "skipped";
  const tool = lineText(step.tool ?? `(${step.kind})`, TOOL_CHARS).padEnd(TOOL_CHARS);
  const segments: Segment[] = [
    { text: " " },
    MARKS[step.state],
    { text: ` ${name} `, ...(isQuiet ? { style: "dim" as const } : {}) },
    { text: `${tool} `, style: "dim" },
    ...detail(step, options),
  ];
  return clipped(segments, options.widthChars);
}

/** The same line, cut to a width. */
export function clipped(segments: readonly Segment[], widthChars: number): readonly Segment[] {
  let left = widthChars;
  return segments.flatMap((segment) => {
    if (left <= 0) return [];
    const text = segment.text.length <= left ? segment.text : `${segment.text.slice(0, left - 1)}…`;
    left -= text.length;
    return [{ ...segment, text }];
  });
}

function detail(step: StepProgress, options: RowOptions): readonly Segment[] {
  const { state, durationMs } = step;
  if (state === "pending") return [];
  if (state === "skipped") return [{ text: "skipped", style: "dim" }];
  const took = { text: durationMs === undefined ? "" : durationText(durationMs).padEnd(TOOK_CHARS) };
  return [
    took,
    ...(state === "running" ? barOf(options.live) : []),
    ...membersOf(step),
    ...attemptOf(step),
    ...outcomeOf(step, options.now),
  ];
}

function membersOf({ kind, members }: StepProgress): readonly Segment[] {
  if (members === undefined || kind === "call") return [];
  const { total, ended, failed } = members;
  const counted: Segment = { text: kind === "repeat" ? `${ended} times ` : `${ended}/${total} items `, style: "cyan" };
  return failed === 0 ? [counted] : [counted, { text: `${failed} failed `, style: "red" }];
}

function outcomeOf(step: StepProgress, now: number): readonly Segment[] {
  const { state, dueAt } = step;
  if (state === "running" || state === "open" || state === "succeeded") return [];
  if (state === "waiting") return [{ text: waitingText(step, now), style: "yellow" }, ...errorOf(step)];
  if (state === "between") {
    return [{ text: dueText(dueAt, now), style: "yellow" }, ...errorOf(step)];
  }
  return [{ text: `${state} `, ...styleOf(MARKS[state]) }, ...errorOf(step)];
}

function styleOf({ style }: Segment): Pick<Segment, "style"> {
  return style === undefined ? {} : { style };
}

const OPEN: ReadonlySet<StepStateName> = new Set(["running", "between", "unknown"]);

/** Only where it is not simply the first attempt of the step's own call; before a retry the one to come. */
function attemptOf({ attempt, fallback, attempts, state, dueAt }: StepProgress): readonly Segment[] {
  const which = fallback === undefined ? "" : `fallback ${fallback + 1} `;
  const of = fallback === undefined && attempts !== undefined && OPEN.has(state) ? ` of ${attempts}` : "";
  const shown = state === "between" && dueAt !== undefined ? attempt + 1 : attempt;
  const again = shown > 1 ? `attempt ${shown}${of} ` : "";
  return which + again === "" ? [] : [{ text: which + again, style: "yellow" }];
}

function barOf(live: LiveNote | undefined): readonly Segment[] {
  if (live === undefined) return [];
  const message: Segment[] =
    live.message === undefined ? [] : [{ text: `${lineText(live.message, 80)} `, style: "dim" }];
  if (live.percent === undefined) return message;
  const share = Math.min(100, Math.max(0, live.percent)) / 100;
  const full = Math.round(share * BAR_CHARS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CHARS - full);
  return [{ text: `${bar} ${String(Math.round(share * 100)).padStart(3)}% `, style: "cyan" }, ...message];
}

/** A tool step waits only where it asks for itself, before it does what nothing takes back. */
function waitingText({ kind, dueAt }: StepProgress, now: number): string {
  if (kind === "wait") return dueText(dueAt, now);
  if (kind === "signal") return "for its signal ";
  return `for approval${dueAt === undefined ? "" : `, expires ${dueText(dueAt, now).trimEnd()}`} `;
}

function dueText(dueAt: number | undefined, now: number): string {
  if (dueAt === undefined) return "next ";
  return dueAt <= now ? "due " : `in ${durationText(dueAt - now)} `;
}

function errorOf({ error }: StepProgress): readonly Segment[] {
  return error === undefined ? [] : [{ text: `${error.category}: ${lineText(error.message, 200)}`, style: "dim" }];
}

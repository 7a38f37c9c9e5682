import type { StepProgress } from "#projections/progress.ts";
import { clipped, stepRow, type Segment } from "#src/cli/step-row.ts";
import type { Board, BoardPlan } from "#src/cli/screen/board.ts";
import { selectWindow, type Window } from "#src/cli/screen/window.ts";
import { tagOf } from "#projections/plans-view.ts";
import { durationText, lineText } from "#src/cli/text.ts";

// A frame: the lines that fit a screen of a given size at a given moment. Pure, so that a test can look at it.
// It is never as high as the screen: a terminal that scrolls cannot be drawn over.

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

export type Line = readonly Segment[];

/** Left free at the end of a line and of the screen, so that no terminal scrolls. */
const MARGIN = 1;
const MIN_LINES_A_PLAN = 4;
const MIN_NAME_CHARS = 12;
const MAX_NAME_CHARS = 32;
const INDENT_CHARS = 2;
const BAR_CHARS = 20;

export function frameOf(board: Board, size: FrameSize, now: number): readonly Line[] {
  const plans = [...board.plans.values()];
  const notice: Line[] =
    board.trouble === undefined ? [] : [[{ text: lineText(board.trouble, size.columns - MARGIN), style: "yellow" }]];
  const free = size.rows - MARGIN - notice.length;
  const shown = plans.slice(-Math.max(1, Math.floor(free / MIN_LINES_A_PLAN)));
  const each = Math.floor((free - (shown.length < plans.length ? 1 : 0)) / Math.max(1, shown.length));
  const more: Line[] =
    shown.length < plans.length ? [[{ text: ` … ${plans.length - shown.length} more plans`, style: "dim" }]] : [];
  const lines = [
    ...shown.flatMap((plan) => planLines(plan, { columns: size.columns, rows: each }, now)),
    ...more,
    ...notice,
  ];
  return lines.map((line) => clipped(line, size.columns - MARGIN));
}

function planLines(plan: BoardPlan, size: FrameSize, now: number): readonly Line[] {
  const { tree, steps } = plan;
  const room = size.rows - 1;
  const window = selectWindow(tree, steps, tree.length <= room ? room : room - 1);
  // Rows inside come and go: the column is as wide for them from the start.
  const least = steps.some(({ members }) => members !== undefined) ? MIN_NAME_CHARS : 0;
  const nameChars = window.rows.reduce((most, row) => {
    return Math.max(most, (steps[row.step]?.step.length ?? 0) + row.indent * INDENT_CHARS);
  }, least);
  const options = { nameChars: Math.min(MAX_NAME_CHARS, nameChars), widthChars: size.columns - MARGIN, now };
  const lineOf = (progress: StepProgress, indent: number): Line => {
    const live = plan.notes.get(progress.step);
    return stepRow(
      { ...upTo(progress, now), step: nameInside(progress.step) },
      { ...options, indent, ...(live === undefined ? {} : { live }) },
    );
  };
  const spare = { lines: room - window.rows.length - (window.hidden.size > 0 ? 1 : 0) };
  const rows = window.rows.flatMap(({ step, indent }) => {
    const progress = steps[step];
    if (progress === undefined) return [];
    const inside = insideLines(plan, step, spare).map((inner) => lineOf(inner, indent + 1));
    return [lineOf(progress, indent), ...inside];
  });
  return [headLine(plan, size.columns, now), ...rows, ...hiddenLine(window)];
}

/** `notes/3/do` stands below `notes`, as `3/do`. */
function nameInside(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

/** Rows inside an open step, as far as lines are left: `spare` is used up. */
function insideLines({ inside }: BoardPlan, step: number, spare: { lines: number }): readonly StepProgress[] {
  const rows = [...(inside.get(step)?.values() ?? [])].slice(0, Math.max(0, spare.lines));
  spare.lines -= rows.length;
  return rows;
}

/** The row was selected when its last fact came; time goes on. */
function upTo(step: StepProgress, now: number): StepProgress {
  if (step.startedAt === undefined || step.endedAt !== undefined) return step;
  return { ...step, durationMs: Math.max(0, now - step.startedAt) };
}

function headLine({ head }: BoardPlan, columns: number, now: number): Line {
  const { name, status, ended, total, startedAt, durationMs } = head;
  const share = total === 0 ? 0 : ended / total;
  const full = Math.round(share * BAR_CHARS);
  const isOver = tagOf({ status }) === "ended";
  const took = isOver ? durationMs : Math.max(0, now - startedAt);
  const style = status === "succeeded" ? "green" : status === "failed" ? "red" : "cyan";
  const tail = ` ${ended}/${total} steps  ${durationText(took)}`;
  const room = columns - MARGIN - BAR_CHARS - tail.length - status.length - 3;
  return [
    { text: lineText(name, Math.max(4, room)), style: "bold" },
    { text: ` ${status} `, style },
    { text: "█".repeat(full), style },
    { text: "░".repeat(BAR_CHARS - full), style: "dim" },
    { text: tail },
  ];
}

function hiddenLine({ hidden }: Window): readonly Line[] {
  if (hidden.size === 0) return [];
  const total = [...hidden.values()].reduce((sum, count) => sum + count, 0);
  const states = [...hidden].map(([state, count]) => `${count} ${state}`).join(", ");
  return [[{ text: ` … ${total} more: ${states}`, style: "dim" }]];
}

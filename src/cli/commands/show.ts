import type { Progress, StepProgress } from "#projections/progress.ts";
import { selectProgress } from "#projections/progress.ts";
import { selectCriticalPath } from "#projections/critical-path.ts";
import { selectTimeline } from "#projections/timeline.ts";
import { stepTree } from "#projections/step-tree.ts";
import { Fault } from "#events/fault.ts";
import type { Payload } from "#events/payload.ts";
import { draftedOf, isEnded, type PlanView } from "#machines/state.ts";
import type { PlanReader } from "#src/api/plan-reader.ts";
import { reading, type ReadFlags } from "#src/cli/commands/reading.ts";
import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";
import { valueText } from "#src/cli/result-text.ts";
import { stepRow } from "#src/cli/step-row.ts";
import type { Terminal } from "#src/cli/terminal.ts";
import { durationText, safeText, timeText } from "#src/cli/text.ts";
import { systemClock } from "#src/ports/system/clock.ts";

// `show` and `replay`: a plan's state now, or as it was after any of its facts.
// Both are the same fold and the same selects; only the revision and the moment differ.

export interface ReplayFlags extends ReadFlags {
  readonly to: number;
}

export async function show(reference: string, flags: ReadFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async ({ plans }) => {
    const state = await plans.state(await plans.find(reference));
    await print(state, plans, { terminal, json: flags.json === true, now: systemClock.now() });
    return EXIT.ok;
  });
}

/** Folds the facts up to a revision; times are those of that moment. Fault: `bad-revision`. */
export async function replay(reference: string, flags: ReplayFlags, terminal: Terminal): Promise<ExitCode> {
  return reading(flags, async ({ plans }) => {
    const plan = await plans.find(reference);
    const entries = await plans.history(plan);
    const last = entries.at(-1)?.event.revision ?? 0;
    const entry = entries[flags.to];
    if (entry === undefined)
      throw new Fault("bad-revision", `plan ${plan} has revisions 0 to ${last}, not ${flags.to}`);
    const state = await plans.state(plan, flags.to);
    if (flags.json !== true) terminal.out(terminal.paint("dim", `revision ${flags.to} of ${last}: ${entry.fact.type}`));
    await print(state, plans, { terminal, json: flags.json === true, now: entry.event.origin.occurredAt });
    return EXIT.ok;
  });
}

interface Printing {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly now: number;
}

async function print(state: PlanView, plans: PlanReader, { terminal, json, now }: Printing): Promise<void> {
  const progress = selectProgress(state, now);
  const value = async (source: Payload | undefined) => (source === undefined ? undefined : plans.value(source));
  const response = await value(state.response);
  if (json) {
    const timeline = selectTimeline(state, now);
    const criticalPath = state.drafted === undefined ? undefined : selectCriticalPath(state, now);
    const outputs = await value(state.outputs);
    const { revision, error } = state;
    terminal.out(JSON.stringify({ revision, ...progress, outputs, response, error, timeline, criticalPath }));
    return;
  }
  printHead(progress, terminal);
  printSteps(state, progress, { terminal, json, now });
  if (state.error !== undefined) terminal.out(`  ${state.error.code}: ${safeText(state.error.message)}`);
  if (response !== undefined) terminal.out(`\n${valueText(response)}`);
  if (!isEnded(state)) terminal.out(terminal.paint("dim", `why it waits: planwright why ${state.planId}`));
}

function printHead({ plan, name, status, total, ended, startedAt, durationMs }: Progress, terminal: Terminal): void {
  const began = startedAt === 0 ? "" : `, began ${timeText(startedAt)}, ${durationText(durationMs)}`;
  terminal.out(`${terminal.paint("bold", name)} ${status}: ${ended} of ${total} steps ended${began}`);
  terminal.out(terminal.paint("dim", plan));
}

const MAX_NAME_CHARS = 32;

function printSteps(state: PlanView, { steps }: Progress, { terminal, now }: Printing): void {
  if (state.drafted === undefined) return;
  const tree = stepTree(draftedOf(state).graph);
  const longest = tree.reduce(
    (most, { step, indent }) => Math.max(most, (steps[step]?.step.length ?? 0) + 2 * indent),
    0,
  );
  const nameChars = Math.min(MAX_NAME_CHARS, longest);
  const widthChars = terminal.columns;
  const printRow = (progress: StepProgress, indent: number): void => {
    const segments = stepRow(progress, { indent, nameChars, widthChars, now });
    const line = segments.map(({ text, style }) => (style === undefined ? text : terminal.paint(style, text)));
    terminal.out(line.join("").trimEnd());
  };
  for (const { step, indent } of tree) {
    const progress = steps[step];
    if (progress === undefined) continue;
    printRow(progress, indent);
    for (const inner of rowsInside(steps.slice(tree.length), progress.step)) printRow(inner, indent + 1);
  }
}

const MAX_ROWS_INSIDE = 30;

/** Of what is inside a step, what has not ended well: the rest is in its counts. */
function rowsInside(inner: readonly StepProgress[], step: string): readonly StepProgress[] {
  const wanted = inner.filter(({ step: path, state, startedAt }) => {
    return path.startsWith(`${step}/`) && state !== "succeeded" && state !== "skipped" && startedAt !== undefined;
  });
  return wanted.slice(0, MAX_ROWS_INSIDE);
}

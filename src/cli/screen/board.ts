import type { Fact } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import type { PlanView } from "#machines/state.ts";
import { findStep, stepIndex } from "#machines/step-path.ts";
import { selectHead, selectStep, type ProgressHead, type StepProgress } from "#projections/progress.ts";
import { selectTree, type TreeRow } from "#projections/step-tree.ts";
import type { LiveNote } from "#src/cli/step-row.ts";
import type { LiveMessage } from "#src/ports/bus.ts";

// What the screen knows about the plans that it shows: their rows as of the last durable fact, and what the live channel
// said since. A fact costs one row, whatever the size of the plan.

export interface BoardPlan {
  readonly plan: PlanId;
  readonly tree: TreeRow[];
  /** By the numbers of the tree. */
  readonly steps: StepProgress[];
  /** Rows of steps inside an open step, by the number of the outermost one and by path. */
  readonly inside: Map<number, Map<string, StepProgress>>;
  readonly notes: Map<string, LiveNote>;
  head: ProgressHead;
}

export class Board {
  readonly plans = new Map<PlanId, BoardPlan>();
  trouble: string | undefined;

  apply(state: PlanView, facts: readonly Fact[], now: number): void {
    const known = this.plans.get(state.planId);
    // A revised plan may have other steps.
    if (known === undefined || facts.some(({ type }) => type === "PlanRevised")) {
      this.plans.set(state.planId, begun(state, now));
      return;
    }
    for (const { data } of facts) {
      if (!("step" in data)) continue;
      const [outer = ""] = data.step.split("/");
      const index = stepIndex(state, outer);
      const row = selectStep(state, index, now);
      // A rollback begins.
      if (known.steps[index] === undefined) known.tree.push({ step: index, indent: 0 });
      known.steps[index] = row;
      if (row.state !== "running") known.notes.delete(row.step);
      if (row.state !== "open") known.inside.delete(index);
      else if (outer !== data.step) noteInside(known, index, { state, path: data.step, now });
    }
    known.head = selectHead(state, now);
  }

  note(message: LiveMessage): void {
    const plan = this.plans.get(message.plan);
    if (plan === undefined) return;
    const before = plan.notes.get(message.step) ?? {};
    const text = noteText(message, before.message);
    const percent = message.kind === "progress" ? message.percent : undefined;
    plan.notes.set(message.step, {
      ...before,
      ...(text === undefined ? {} : { message: text }),
      ...(percent === undefined ? {} : { percent }),
    });
  }
}

const MAX_WRITTEN_CHARS = 80;

/** What a tool says; of what it is writing, the end. */
function noteText(message: LiveMessage, before = ""): string | undefined {
  if (message.kind !== "progress" || message.text === undefined) return message.message;
  const { from, piece } = message.text;
  return `${from === 0 ? "" : before}${piece}`.slice(-MAX_WRITTEN_CHARS);
}

interface Inside {
  readonly state: PlanView;
  readonly path: string;
  readonly now: number;
}

/** Of what is inside an open step, the screen keeps what has not ended well. */
function noteInside({ inside, notes }: BoardPlan, outer: number, { state, path, now }: Inside): void {
  const rows = inside.get(outer) ?? new Map<string, StepProgress>();
  inside.set(outer, rows);
  const found = findStep(state, path);
  const row = found === undefined ? undefined : selectStep(state, found.index, now);
  if (row?.state !== "running") notes.delete(path);
  if (row === undefined || row.state === "succeeded" || row.state === "skipped") rows.delete(path);
  else rows.set(path, row);
}

function begun(state: PlanView, now: number): BoardPlan {
  const tree = [...selectTree(state)];
  const steps: StepProgress[] = [];
  for (const { step } of tree) steps[step] = selectStep(state, step, now);
  return { plan: state.planId, tree, steps, inside: new Map(), notes: new Map(), head: selectHead(state, now) };
}

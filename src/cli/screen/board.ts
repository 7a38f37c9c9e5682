import type { Fact } from "#events/catalog.ts";
import type { PlanId } from "#events/ids.ts";
import { draftedOf, planStateOf, stepIndex, type PlanView } from "#machines/state.ts";
import { selectProgress, selectStep, type Progress, type StepProgress } from "#projections/progress.ts";
import { stepTree, type TreeRow } from "#projections/step-tree.ts";
import type { LiveNote } from "#src/cli/step-row.ts";
import type { LiveMessage } from "#src/ports/bus.ts";

// What the screen knows about the plans that it shows: their rows as of the last durable fact, and what the live channel
// said since. A fact costs one row, whatever the size of the plan.

export interface BoardPlan {
  readonly plan: PlanId;
  readonly tree: readonly TreeRow[];
  readonly steps: StepProgress[];
  readonly notes: Map<string, LiveNote>;
  head: Omit<Progress, "steps">;
}

export class Board {
  readonly plans = new Map<PlanId, BoardPlan>();
  trouble: string | undefined;

  apply(state: PlanView, facts: readonly Fact[], now: number): void {
    const known = this.plans.get(state.planId);
    if (known === undefined) {
      this.plans.set(state.planId, begun(state, now));
      return;
    }
    for (const { data } of facts) {
      if (!("step" in data)) continue;
      const index = stepIndex(state, data.step);
      const row = selectStep(state, index, now);
      known.steps[index] = row;
      if (row.state !== "running") known.notes.delete(row.step);
    }
    known.head = { ...known.head, ...headOf(state) };
  }

  note(message: LiveMessage): void {
    const plan = this.plans.get(message.plan);
    if (plan === undefined) return;
    const before = plan.notes.get(message.step) ?? {};
    const { message: text } = message;
    const percent = message.kind === "progress" ? message.percent : undefined;
    plan.notes.set(message.step, {
      ...before,
      ...(text === undefined ? {} : { message: text }),
      ...(percent === undefined ? {} : { percent }),
    });
  }
}

function begun(state: PlanView, now: number): BoardPlan {
  const { steps, ...head } = selectProgress(state, now);
  const { planId: plan } = state;
  return { plan, tree: stepTree(draftedOf(state).graph), steps: [...steps], notes: new Map(), head };
}

function headOf(
  state: PlanView,
): Pick<Progress, "status" | "counts" | "ended"> & { endedAt?: number; durationMs: number } {
  const counts = { ...state.in };
  const { startedAt, endedAt } = state.header.context;
  return {
    status: planStateOf(state),
    counts,
    ended: counts.succeeded + counts.failed + counts.skipped + counts.cancelled,
    durationMs: endedAt === 0 ? 0 : endedAt - startedAt,
  };
}

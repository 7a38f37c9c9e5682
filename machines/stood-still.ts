import { restore } from "#machines/indexes.ts";
import type { Scope } from "#machines/scope.ts";
import { recordAt, type PlanState } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// What follows for a scope when the clock stood still: nothing of that time counts.

/** Every wait and deadline of a scope, and of everything inside it, is due so much later. */
export function shiftClock(state: PlanState, scope: Scope, { shiftMs, at }: Shift): void {
  if (shiftMs > 0) for (const index of stepsInside(state, scope)) shiftStep(recordAt(state, index), shiftMs);
  restore(state, scope, at);
}

interface Shift {
  readonly shiftMs: number;
  readonly at: number;
}

function shiftStep(record: StepRecord, shiftMs: number): void {
  if (record.endedAt > 0) return;
  if (record.readyAt > 0) record.readyAt += shiftMs;
  const { value, context } = record.chart;
  if (value === "waiting" && context.dueAt > 0) {
    record.chart = { value, context: { ...context, dueAt: context.dueAt + shiftMs } };
  }
}

function* stepsInside(state: PlanState, { base, block }: Scope): Generator<number> {
  for (let index = base; index < base + block.steps.length; index++) {
    yield index;
    for (const inner of recordAt(state, index).expansion?.scopes.values() ?? []) yield* stepsInside(state, inner);
  }
}

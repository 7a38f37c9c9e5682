import { Fault } from "#events/fault.ts";
import {
  contextAfter,
  PRISTINE_CONTEXT,
  STEP_STATES,
  stepChart,
  type StepContext,
  type StepEvent,
  type StepStateName,
} from "#machines/step-chart.ts";
import { STEP_EXAMPLES, variantOf, type StepVariant } from "#machines/step-variants.ts";
import { transitionOf } from "#machines/transition.ts";

// The step chart as a table: every answer that XState gives about it, asked once when this module loads.
//
// Whether step@1 accepts a fact, and where that leads, depends on the state and on the variant of the fact, and on
// nothing else. So XState is asked for every pair, and folding a fact is a look-up: the figures are in
// src/decisions/0005-chart-as-table.md, and a test holds the table against XState's public `transition()`.
//
// S1. A fact that the chart does not accept is the fault `event-refused`; nothing is ignored.

/** What a record keeps of its chart. */
export interface StepSnapshot {
  readonly value: StepStateName;
  readonly context: StepContext;
}

export const PRISTINE_STEP: StepSnapshot = { value: "pending", context: PRISTINE_CONTEXT };

export function moveStep(snapshot: StepSnapshot, event: StepEvent): StepSnapshot {
  const value = table.get(snapshot.value)?.get(variantOf(event));
  if (value === undefined) {
    throw new Fault("event-refused", `${stepChart.id} does not accept ${event.type} in state ${snapshot.value}`);
  }
  return { value, context: contextAfter(snapshot.context, event) };
}

type Row = ReadonlyMap<StepVariant, StepStateName>;

const table: ReadonlyMap<StepStateName, Row> = new Map(STEP_STATES.map((state) => [state, rowOf(state)]));

function rowOf(value: StepStateName): Row {
  const move = transitionOf<ReturnType<typeof stepChart.resolveState>, StepEvent>(stepChart);
  const snapshot = stepChart.resolveState({ value, context: PRISTINE_CONTEXT });
  const row = new Map<StepVariant, StepStateName>();
  for (const example of STEP_EXAMPLES) {
    const event = { ...example, at: 0 };
    if (snapshot.can(event)) row.set(variantOf(example), move(snapshot, event).value);
  }
  return row;
}

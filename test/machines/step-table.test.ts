import { describe, expect, it } from "vitest";
import { transition } from "xstate";
import { catalog } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import {
  PRISTINE_CONTEXT,
  STEP_STATES,
  stepChart,
  type StepContext,
  type StepStateName,
} from "#machines/step-chart.ts";
import { moveStep } from "#machines/step-table.ts";
import { STEP_EXAMPLES, variantOf } from "#machines/step-variants.ts";
import { STEP_EVENTS } from "./chart-examples.ts";
import { WORKER } from "./plans.ts";

/** A step in the middle of its life: a table that forgot or kept the wrong part of a context would show here. */
const lived: StepContext = {
  attempt: 3,
  tries: 2,
  alternative: 0,
  executor: WORKER,
  dispatchedAt: 900,
  timeoutMs: 70,
  idempotent: true,
  dueAt: 950,
  delayedMs: 300,
  lastDelayMs: 200,
};
const events = [...STEP_EVENTS, ...STEP_EXAMPLES.map((example) => ({ ...example, at: 1_234 }))];

/** Moves that the chart allows from a state, each as XState's public `transition()` says; everything else is refused. */
function movesFrom(value: StepStateName, context: StepContext): number {
  let moved = 0;
  for (const event of events) {
    const snapshot = stepChart.resolveState({ value, context });
    const [expected] = transition(stepChart, snapshot, event);
    const place = `${value} ${variantOf(event)}`;
    expect(snapshot.can(event), place).toBe(expected !== snapshot);
    const move = () => moveStep({ value, context }, event);
    if (!snapshot.can(event)) expect(move, place).toThrow(Fault);
    else {
      moved++;
      expect(move(), place).toEqual({ value: expected.value, context: expected.context });
    }
  }
  return moved;
}

describe("the table of the step chart", () => {
  const lives = [PRISTINE_CONTEXT, lived].flatMap((context) => STEP_STATES.map((value) => ({ value, context })));

  it.each(lives)("answers as XState's public transition() does, for every event, in a step that is $value", (life) => {
    expect(movesFrom(life.value, life.context)).toBeGreaterThan(0);
  });

  it("keeps what the chart itself would of an attempt and of a wait that begin", () => {
    const pristine = stepChart.resolveState({ value: "pending", context: PRISTINE_CONTEXT });
    const begun = STEP_EVENTS.filter(({ type }) => type === "StepDispatched" || type === "StepWaitStarted");
    for (const event of begun) {
      const [{ context }] = transition(stepChart, pristine, event);
      expect(context, event.type).toEqual(moveStep({ value: "pending", context: PRISTINE_CONTEXT }, event).context);
      expect(context, event.type).not.toEqual(PRISTINE_CONTEXT);
    }
    expect(begun).toHaveLength(2);
  });

  it("refuses with chart, state and event", () => {
    const refusal = { code: "event-refused", message: "step@1 does not accept StepOutcomeResolved in state pending" };
    const move = () => moveStep({ value: "pending", context: PRISTINE_CONTEXT }, STEP_EVENTS.at(-1)!);
    expect(move).toThrow(expect.objectContaining(refusal));
  });

  it("has examples that the log would take", () => {
    for (const { type, data } of STEP_EXAMPLES)
      expect(catalog[type].schema.safeParse(data).error, type).toBeUndefined();
  });

  it("has one example of every variant, and one at least of every fact about steps", () => {
    const variants = STEP_EXAMPLES.map(variantOf);
    expect(new Set(variants).size).toBe(variants.length);
    expect(new Set(STEP_EVENTS.map(variantOf))).toEqual(new Set(variants));
    const types = Object.entries(catalog).flatMap(([type, { subject }]) => (subject === "step" ? [type] : []));
    expect(new Set(STEP_EXAMPLES.map(({ type }) => type))).toEqual(new Set(types));
  });
});

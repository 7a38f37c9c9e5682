// One example of every fact that a chart tells apart, and the walk over what a chart's definition allows: what the tests
// of reachability and of the transition function range over.
import { getStateNodes } from "xstate/graph";
import { fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import type { planChart } from "#machines/plan-chart.ts";
import { type PlanEvent } from "#machines/plan-chart.ts";
import type { stepChart } from "#machines/step-chart.ts";
import { type StepEvent } from "#machines/step-chart.ts";
import {
  cancelRequested,
  dispatched,
  failed,
  GIVEN_AT,
  late,
  lost,
  planFailed,
  planOf,
  started,
  timedOut,
  tool,
} from "./plans.ts";

const at = GIVEN_AT;
const error = errorOf("unavailable", "down", "down");
const AFTER = [
  { kind: "retry", dueAt: 1_500, delayMs: 500 },
  { kind: "fallback", index: 0 },
  { kind: "unknown", policy: "ask" },
  { kind: "final" },
  { kind: "cancelled" },
] as const;
const RESOLUTIONS = [
  { kind: "done", output: inline(1) },
  { kind: "retry", dueAt: 1_500 },
  { kind: "fail", error },
  { kind: "ask" },
] as const;

export const STEP_EVENTS: readonly StepEvent[] = [
  dispatched("a"),
  fact("StepSucceeded", { step: "a", attempt: 1, output: inline(1) }),
  ...AFTER.flatMap((next) => [failed("a", { next }), timedOut("a", { next }), lost("a", { next })]),
  late("a", { adopted: true }),
  late("a", { undoDue: true }),
  fact("StepSkipped", { step: "a", reason: { kind: "when" } }),
  fact("StepExpanded", { step: "a", from: 0, to: 1 }),
  fact("StepWindowClosed", { step: "a", from: 0, to: 1, outputs: [] }),
  fact("StepWaitStarted", { step: "a", dueAt: 1_500 }),
  fact("StepReviewed", { step: "a", hash: "0", by: "os:alice", verdict: "approved" }),
  fact("StepWaitEnded", { step: "a" }),
  fact("StepWaitEnded", { step: "a", starts: true }),
  fact("StepCancelRequested", { step: "a", because: "b" }),
  fact("StepCancelled", { step: "a", attempt: 1 }),
  fact("StepOutcomeGiven", { step: "a", outcome: { kind: "done", output: inline(1) } }),
  fact("StepOutcomeGiven", { step: "a", outcome: { kind: "skipped" } }),
  ...RESOLUTIONS.map((resolution) => fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution })),
].map((example) => ({ ...example, at }) as StepEvent);

export const PLAN_EVENTS: readonly PlanEvent[] = [
  ...started(planOf([tool("a")], { deadlineMs: 1_000 })),
  fact("PlanRevised", {
    epoch: 1,
    edition: 2,
    definition: inline(null),
    definitionHash: "",
    steps: 1,
    changes: [],
    words: [],
  }),
  fact("PlanPaused", { epoch: 1 }),
  fact("PlanResumed", { epoch: 1, shiftMs: 500 }),
  fact("SignalReceived", { epoch: 1, number: 1, name: "go", payload: inline(1), by: "os:alice" }),
  fact("SignalExpired", { epoch: 1, number: 1 }),
  fact("PlanCommented", { epoch: 1, text: "why", by: "os:alice" }),
  cancelRequested(),
  cancelRequested({ cause: "deadline" }),
  fact("PlanCancelled", { epoch: 1 }),
  fact("PlanSucceeded", { epoch: 1 }),
  planFailed(error, "a"),
  fact("PlanRollbackStarted", { epoch: 1, cause: "requested", number: 1, irreversible: [] }),
  fact("PlanRolledBack", { epoch: 1 }),
  fact("PlanReopened", { epoch: 1, deadlineAt: 5_000 }),
].map((example) => ({ ...example, at }) as PlanEvent);

export interface Edge {
  readonly from: string;
  readonly event: string;
  readonly hasEffect: boolean;
}

/** Every transition that a chart's definition names, and every state. */
export function definitionOf(chart: typeof planChart | typeof stepChart) {
  const nodes = getStateNodes(chart);
  const edges = nodes.flatMap((node) =>
    [...node.transitions.entries()].flatMap(([event, transitions]) =>
      transitions.map(({ target, actions }): Edge => {
        return { from: node.key, event, hasEffect: target !== undefined || actions.length > 0 };
      }),
    ),
  );
  return { nodes, edges };
}

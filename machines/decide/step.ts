import { contentHash } from "#events/canonical.ts";
import { tokenOf } from "#events/claims.ts";
import { fact } from "#events/catalog.ts";
import type { StepDefinition, ToolCall } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Surroundings } from "#machines/decide/decision.ts";
import { waitUntil } from "#machines/decide/wait.ts";
import { evaluate, evaluateCondition } from "#machines/evaluate.ts";
import { fitOf } from "#machines/decide/fallback-fit.ts";
import { claimsOf, standingClaims } from "#machines/decide/claims.ts";
import { leaveFor, openApproval } from "#machines/decide/approve.ts";
import { openCall, openEach } from "#machines/decide/expand.ts";
import { dispatchUndo, openRollback } from "#machines/decide/undo.ts";
import { openSignal } from "#machines/decide/signal.ts";
import { boundsOf, facts, refused, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { stepPath } from "#machines/scope.ts";
import { definitionAt, recordAt, type PlanState } from "#machines/state.ts";

// Starts one step whose needs are satisfied, or an alternative of it that is due: condition, then value, wait or call.
// Arguments are resolved here, once an attempt, and recorded in the fact.

export function startStep(state: PlanState, index: number, around: Surroundings): StartOutcome {
  const step = definitionAt(state, index);
  const { scope } = recordAt(state, index);
  const path = stepPath(scope, step.id);
  const starting = { state, index, step, path, scope, around };
  if (step.when === undefined || recordAt(state, index).chart.value !== "pending") return begin(starting);
  const condition = evaluateCondition(state, { scope, key: `${step.id}/when`, source: step.when }, around.blobs);
  switch (condition.kind) {
    case "needs-blobs":
      return condition;
    case "error":
      return facts(fact("StepFailed", { step: path, attempt: 0, error: condition.error, next: { kind: "final" } }));
    case "value":
      return condition.value ? begin(starting) : facts(fact("StepSkipped", { step: path, reason: { kind: "when" } }));
  }
}

function begin(starting: Starting): StartOutcome {
  const { state, index, step } = starting;
  const { alternative } = recordAt(state, index).chart.context;
  if (alternative >= 0) {
    const fallback = step.fallback[alternative];
    if (fallback !== undefined)
      return "tool" in fallback ? dispatch(starting, fallback) : settle(starting, fallback.value);
  }
  if (starting.scope.block.isUndo) return step.kind === "each" ? openRollback(starting, step) : dispatchUndo(starting);
  return leaveFor(starting) ?? beginKind(starting, step);
}

function beginKind<K extends StepDefinition["kind"]>(starting: Starting, step: StepOf<K> & { kind: K }): StartOutcome {
  return KINDS[step.kind](starting, step);
}

type StepOf<K> = Extract<StepDefinition, { kind: K }>;

const KINDS: { readonly [K in StepDefinition["kind"]]: (starting: Starting, step: StepOf<K>) => StartOutcome } = {
  tool: (starting, step) => dispatch(starting, step.call),
  value: (starting, step) => settle(starting, step.value),
  wait,
  signal: openSignal,
  approve: openApproval,
  each: openEach,
  repeat: ({ path }, { max }) => facts(fact("StepExpanded", { step: path, from: 0, to: 1, total: max })),
  call: openCall,
};

function dispatch(starting: Starting, call: ToolCall): StartOutcome {
  const { state, index, step, path, scope, around } = starting;
  if (around.slots.executorFor(call.tool, standingClaims(step)) === undefined) return { kind: "no-slot" };
  const claims = claimsOf(starting);
  if (claims.kind === "needs-blobs") return claims;
  if (claims.kind === "error") return refused(starting, claims.error);
  const executor = around.slots.executorFor(call.tool, claims.value);
  if (executor === undefined) return { kind: "no-slot" };
  const { context } = recordAt(state, index).chart;
  const source = { scope, key: `${step.id}/with/${context.alternative}`, source: call.with ?? {} };
  const args = evaluate(state, source, around.blobs);
  if (args.kind === "needs-blobs") return args;
  if (args.kind === "error") return refused(starting, args.error);
  return facts(
    fact("StepDispatched", {
      step: path,
      attempt: context.attempt + 1,
      alternative: context.alternative,
      tool: call.tool,
      toolVersion: call.version,
      executor,
      args: inline(args.value),
      argsHash: contentHash({ tool: call.tool, version: call.version, args: args.value }),
      ...boundsOf(call),
      epoch: around.moment.epoch,
      edition: state.header.context.edition,
      ...(claims.value.length === 0 ? {} : { tokens: claims.value.map(tokenOf) }),
      ...(step.estimateMs === undefined ? {} : { estimateMs: step.estimateMs }),
    }),
  );
}

function settle(starting: Starting, source: Json): StartOutcome {
  const { state, index, step, path, scope, around } = starting;
  const { context } = recordAt(state, index).chart;
  const value = evaluate(state, { scope, key: `${step.id}/value/${context.alternative}`, source }, around.blobs);
  if (value.kind === "needs-blobs") return value;
  if (value.kind === "error") return refused(starting, value.error);
  const output = inline(value.value);
  const fit = fitOf({ step, context }, output, around.blobs);
  if (fit.kind === "needs-blobs") return fit;
  if (fit.kind === "error") return refused(starting, fit.error);
  return facts(fact("StepSucceeded", { step: path, attempt: 0, output }));
}

function wait(starting: Starting, step: Extract<StepDefinition, { kind: "wait" }>): StartOutcome {
  const { state, path, scope, around } = starting;
  if ("forMs" in step.wait) {
    return facts(fact("StepWaitStarted", { step: path, dueAt: around.moment.now + step.wait.forMs }));
  }
  const until = evaluate(state, { scope, key: `${step.id}/until`, source: step.wait.until }, around.blobs);
  if (until.kind === "needs-blobs") return until;
  const dueAt = until.kind === "error" ? until : waitUntil(until.value);
  if (dueAt.kind === "error") return refused(starting, dueAt.error);
  return facts(fact("StepWaitStarted", { step: path, dueAt: dueAt.value }));
}

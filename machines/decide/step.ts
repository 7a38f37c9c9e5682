import { contentHash } from "#events/canonical.ts";
import { fact, type Fact } from "#events/catalog.ts";
import type { StepDefinition, ToolCall } from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Surroundings } from "#machines/decide/decision.ts";
import { afterRefusal } from "#machines/decide/next.ts";
import { waitUntil } from "#machines/decide/wait.ts";
import { evaluate, evaluateCondition } from "#machines/evaluate.ts";
import { definitionAt, isStarting, recordAt, type PlanState } from "#machines/state.ts";

// Starts one step whose needs are satisfied, or an alternative of it that is due: condition, then value, wait or call.
// Arguments are resolved here, once an attempt, and recorded in the fact.

export type StartOutcome =
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] }
  | { readonly kind: "no-slot" };

interface Starting {
  readonly state: PlanState;
  readonly index: number;
  readonly step: StepDefinition;
  readonly around: Surroundings;
}

export function startStep(state: PlanState, index: number, around: Surroundings): StartOutcome {
  const step = definitionAt(state, index);
  const starting = { state, index, step, around };
  if (step.when === undefined || recordAt(state, index).chart.value !== "pending") return begin(starting);
  const condition = evaluateCondition(state, { key: `${index}/when`, source: step.when }, around.blobs);
  switch (condition.kind) {
    case "needs-blobs":
      return condition;
    case "error":
      return facts(fact("StepFailed", { step: step.id, attempt: 0, error: condition.error, next: { kind: "final" } }));
    case "value":
      return condition.value
        ? begin(starting)
        : facts(fact("StepSkipped", { step: step.id, reason: { kind: "when" } }));
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
  switch (step.kind) {
    case "tool":
      return dispatch(starting, step.call);
    case "value":
      return settle(starting, step.value);
    case "wait":
      return wait(starting, step);
  }
}

function dispatch(starting: Starting, call: ToolCall): StartOutcome {
  const { state, index, step, around } = starting;
  const executor = around.slots.executorFor(call.tool);
  if (executor === undefined) return { kind: "no-slot" };
  const { context } = recordAt(state, index).chart;
  const source = { key: `${index}/with/${context.alternative}`, source: call.with ?? {} };
  const args = evaluate(state, source, around.blobs);
  if (args.kind === "needs-blobs") return args;
  if (args.kind === "error") return refused(starting, args.error);
  return facts(
    fact("StepDispatched", {
      step: step.id,
      attempt: context.attempt + 1,
      alternative: context.alternative,
      tool: call.tool,
      toolVersion: call.version,
      executor,
      args: inline(args.value),
      argsHash: contentHash({ tool: call.tool, version: call.version, args: args.value }),
      idempotent: call.idempotent,
      timeoutMs: call.timeoutMs,
      epoch: around.moment.epoch,
      edition: state.header.context.edition,
      ...(step.estimateMs === undefined ? {} : { estimateMs: step.estimateMs }),
    }),
  );
}

function settle(starting: Starting, source: Json): StartOutcome {
  const { state, index, step, around } = starting;
  const { alternative } = recordAt(state, index).chart.context;
  const value = evaluate(state, { key: `${index}/value/${alternative}`, source }, around.blobs);
  if (value.kind === "needs-blobs") return value;
  if (value.kind === "error") return refused(starting, value.error);
  return facts(fact("StepSucceeded", { step: step.id, attempt: 0, output: inline(value.value) }));
}

function wait(starting: Starting, step: Extract<StepDefinition, { kind: "wait" }>): StartOutcome {
  const { state, index, around } = starting;
  if ("forMs" in step.wait) {
    return facts(fact("StepWaitStarted", { step: step.id, dueAt: around.moment.now + step.wait.forMs }));
  }
  const until = evaluate(state, { key: `${index}/until`, source: step.wait.until }, around.blobs);
  if (until.kind === "needs-blobs") return until;
  const dueAt = until.kind === "error" ? until : waitUntil(until.value);
  if (dueAt.kind === "error") return refused(starting, dueAt.error);
  return facts(fact("StepWaitStarted", { step: step.id, dueAt: dueAt.value }));
}

/** An expression without a value fails the step before any attempt; the fallbacks still apply. */
function refused({ state, index, step }: Starting, error: ErrorInfo): StartOutcome {
  const attempted = { step, context: recordAt(state, index).chart.context, starting: isStarting(state) };
  const next = afterRefusal(attempted);
  return facts(fact("StepFailed", { step: step.id, attempt: 0, error, next }));
}

function facts(...decided: readonly Fact[]): StartOutcome {
  return { kind: "facts", facts: decided };
}

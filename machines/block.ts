import {
  DEFAULT_EACH_CONCURRENCY,
  DEFAULT_IDEMPOTENT_ATTEMPTS,
  DEFAULT_TIMEOUT_MS,
  MAX_DEPTH,
  type CalledPlan,
  type PlanDefinition,
  type StepDefinition,
  type ToolStep,
} from "#events/definition.ts";
import type { ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import type { Template } from "#machines/expressions/template.ts";
import { stepGraph, type StepGraph } from "#machines/graph.ts";

// A list of steps made ready to run: the plan's own, the body of an `each` or a `repeat`, a called plan. A block follows
// from the definition alone; what happens in it is in the scopes that are opened on it.

export interface Block {
  readonly steps: readonly StepDefinition[];
  readonly graph: StepGraph;
  /** Templates compiled so far, by their place in the block. */
  readonly templates: Map<string, CompiledTemplate>;
  /** What a failure for good does to the other steps of the block: a body always stops. */
  readonly onFailure: "stop" | "continue";
  /** The blocks of the steps that have one, by the step's number. */
  readonly inner: readonly (Block | undefined)[];
  /** Template of what the block gives; undefined for nothing. */
  readonly output: Json | undefined;
  /** JSON Schemas of parts of that, by name. */
  readonly returns?: CalledPlan["returns"];
  /** A called plan reads its own inputs and steps, and nothing around it. */
  readonly isClosed: boolean;
  /** Its steps take others back. */
  readonly isUndo: boolean;
}

/** A template ready to be evaluated, or why it never will be. */
export type CompiledTemplate = { readonly compiled: Template } | { readonly error: ErrorInfo };

/** Faults: `unknown-plan` where a step calls what the definition does not bring, `recursive-call`, `too-deep`. */
export function planBlock(definition: PlanDefinition): Block {
  return calledBlock(definition, { calls: definition.calls ?? {}, within: [], known: new Map(), depth: 0 });
}

/** The block of a rollback: one step, whose members are the undo calls. */
export function undoBlock(number: number): Block {
  const fields = { needs: [], join: "all" as const, fallback: [] };
  const call = { tool: "", version: "", idempotent: true, timeoutMs: DEFAULT_TIMEOUT_MS };
  const retry = { attempts: 1, delayMs: 0, maxDelayMs: 0, backoff: "fixed" as const, jitter: "none" as const };
  const undo: StepDefinition = { kind: "tool", id: "do", ...fields, call, retry, unknown: "retry" };
  const body = { steps: [undo] };
  const bounds = { concurrency: DEFAULT_EACH_CONCURRENCY, tolerate: { share: 1 } };
  const all: StepDefinition = {
    kind: "each",
    id: undoPath(number),
    ...fields,
    items: null,
    as: "call",
    body,
    ...bounds,
  };
  const own = { templates: new Map(), onFailure: "continue" as const, output: undefined, isClosed: true, isUndo: true };
  const inner = { ...own, steps: body.steps, graph: stepGraph(body), inner: [] };
  return { ...own, templates: new Map(), steps: [all], graph: stepGraph({ steps: [all] }), inner: [inner] };
}

/** The definition of a tool step by its path, also of one that has left memory. */
export function toolStepAt(block: Block, path: string): ToolStep | undefined {
  let within: Block | undefined = block;
  let step: StepDefinition | undefined;
  for (const segment of path.split("/")) {
    if (/^\d+$/.test(segment)) continue;
    const local: number = within?.graph.indexOf.get(segment.split("~")[0] ?? "") ?? -1;
    step = within?.steps[local];
    within = within?.inner[local];
  }
  return step?.kind === "tool" ? step : undefined;
}

/** The path of the step that a rollback's undo calls are inside of. */
function undoPath(number: number): string {
  return `${UNDO_PREFIX}${number}`;
}

/** Which rollback a path is inside of; undefined for a step of the plan itself. */
export function rollbackOf(path: string): number | undefined {
  return path.startsWith(UNDO_PREFIX) ? Number.parseInt(path.slice(UNDO_PREFIX.length), 10) : undefined;
}

/** No step id has a colon. */
const UNDO_PREFIX = "undo:";

/** The step that answers for an unknown outcome, where the plan names one. */
function answerBlock(step: ToolStep, shared: Shared): Block | undefined {
  const answer = answerOf(step);
  if (answer === undefined) return undefined;
  const { id, call, retry } = answer;
  const inner: ToolStep = { kind: "tool", id, needs: [], join: "all", fallback: [], call, retry, unknown: "retry" };
  return blockOf([inner], { onFailure: "stop", output: `\${steps.${id}.output}`, isClosed: false }, shared);
}

function answerOf({
  unknown,
  undo,
}: ToolStep): (Pick<ToolStep, "call" | "retry"> & { readonly id: string }) | undefined {
  if (unknown === "undo") return undo && { id: "undo", ...undo };
  return typeof unknown === "object" ? { id: "verify", call: unknown.verify, retry: ANSWER_RETRY } : undefined;
}

/** A tool that looks is asked again like any idempotent one. */
const ANSWER_RETRY: ToolStep["retry"] = {
  attempts: DEFAULT_IDEMPOTENT_ATTEMPTS,
  delayMs: 500,
  maxDelayMs: 30_000,
  backoff: "exponential",
  jitter: "full",
};

type Calls = NonNullable<PlanDefinition["calls"]>;

interface Shared {
  readonly calls: Calls;
  /** Plans that are being prepared, outermost first. */
  readonly within: readonly string[];
  readonly known: Map<string, Block>;
  readonly depth: number;
}

function calledBlock(plan: CalledPlan, shared: Shared): Block {
  const onFailure = plan.onFailure === "continue" ? "continue" : "stop";
  const { outputs: output, returns } = plan;
  return blockOf(
    plan.steps,
    { onFailure, output, isClosed: true, ...(returns === undefined ? {} : { returns }) },
    shared,
  );
}

type BlockFields = Pick<Block, "onFailure" | "output" | "returns" | "isClosed">;

function blockOf(steps: readonly StepDefinition[], fields: BlockFields, around: Shared): Block {
  const shared = { ...around, depth: around.depth + 1 };
  if (shared.depth > MAX_DEPTH) throw new Fault("too-deep", `steps stand inside each other deeper than ${MAX_DEPTH}`);
  const inner = steps.map((step) => innerBlock(step, shared));
  return { steps, graph: stepGraph({ steps }), templates: new Map(), inner, isUndo: false, ...fields };
}

function innerBlock(step: StepDefinition, shared: Shared): Block | undefined {
  if (step.kind === "each" || step.kind === "repeat") {
    const { steps, output } = step.body;
    return blockOf(steps, { onFailure: "stop", output, isClosed: false }, shared);
  }
  if (step.kind === "tool") return answerBlock(step, shared);
  if (step.kind !== "call") return undefined;
  const { calls, within, known } = shared;
  const prepared = known.get(step.plan);
  if (prepared !== undefined) return prepared;
  if (within.includes(step.plan)) {
    throw new Fault("recursive-call", `plans call each other: ${[...within, step.plan].join(" → ")}`);
  }
  const plan = Object.hasOwn(calls, step.plan) ? calls[step.plan] : undefined;
  if (plan === undefined)
    throw new Fault("unknown-plan", `${step.id} calls ${step.plan}, which the plan does not bring`);
  const block = calledBlock(plan, { ...shared, within: [...within, step.plan] });
  known.set(step.plan, block);
  return block;
}

import { isJsonObject } from "#events/json.ts";
import type { Json } from "#events/json.ts";
import { assignable } from "#machines/expressions/assignable.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { APPROVED_OUTPUT } from "./approved-output.ts";
import { checkCall } from "./arguments.ts";
import { checkClaims } from "./check-claims.ts";
import { checkPlanCall } from "./check-plan-call.ts";
import { checkRevises } from "./check-revising.ts";
import { checkUndo, checkUnknown } from "./check-outcome.ts";
import { within, withVariables } from "./scopes.ts";
import type { CheckContext } from "./check-context.ts";
import type { FallbackSource, ToolStepSource, ValueStepSource, WaitStepSource } from "./source-schema.ts";
import type { BlockDraft, StepDraft } from "./step-draft.ts";
import type { Kind } from "./vocabulary.ts";
import { describeJson } from "#machines/expressions/describe-json.ts";
import { readCondition } from "./templates.ts";
import { checkReturned } from "./schema-words.ts";
import { checkFits } from "./type-fit.ts";
import { unreachableFallbacks } from "./unreachable-fallbacks.ts";
import { pathText } from "./finding.ts";
import type { Path } from "./finding.ts";

// The types of one step: its arguments, its condition, what its fallbacks give, and what it gives itself. Everything that
// is wrong in a step is found, whatever else in it is wrong.

const ANYTHING: JsonSchema = {};
const TIME: JsonSchema = { anyOf: [{ type: "string" }, { type: "number" }] };
const NOTHING: JsonSchema = { type: "null" };

/** The schema of the step's output; `{}` where it cannot be known. The steps it reads must have been checked before. */
export function checkStep(draft: StepDraft, context: CheckContext): JsonSchema {
  if (draft.kind === "opaque") return ANYTHING;
  const { when } = draft.source;
  if (when !== undefined) readCondition({ value: when, path: [...draft.path, "when"] }, context.report, context.scope);
  for (const at of unreachableFallbacks(draft.source.fallback)) {
    const message = "no failure leads to this fallback: for whatever it is for, a value before it ends the step";
    context.report.warning([...draft.path, "fallback", at], { code: "fallback-unreachable", message });
  }
  return checkKind(draft, context);
}

function checkKind<K extends Kind>(draft: KnownDraft<K> & { readonly kind: K }, context: CheckContext): JsonSchema {
  return KINDS[draft.kind](draft, context);
}

type KnownDraft<K = unknown> = Extract<Exclude<StepDraft, { kind: "opaque" }>, { kind: K }>;

const KINDS: { readonly [K in Kind]: (draft: KnownDraft<K>, context: CheckContext) => JsonSchema } = {
  tool: ({ source, path }, context) => checkToolStep(source, path, context),
  value: ({ source, path }, context) => checkValueStep(source, path, context),
  wait: ({ source, path }, context) => checkWaitStep(source, path, context),
  each: checkEach,
  repeat: checkRepeat,
  call: (draft, context) => withFallbacks(checkPlanCall(draft.source, draft.path, context), draft, context),
  signal: ({ source, path }, context) => {
    checkFits({ value: source.signal, path: [...path, "signal"] }, TEXT, context);
    return ANYTHING;
  },
  approve: checkApproveStep,
};

const TEXT: JsonSchema = { type: "string" };

function checkApproveStep(draft: DraftOf<"approve">, context: CheckContext): JsonSchema {
  const { show } = draft.source.approve;
  if (show !== undefined) checkFits({ value: show, path: [...draft.path, "approve", "show"] }, ANYTHING, context);
  return withFallbacks(APPROVED_OUTPUT, draft, context);
}

function checkToolStep(source: ToolStepSource, path: Path, context: CheckContext): JsonSchema {
  const tool = checkCall({ ...source, path }, context);
  const output = checkReturns(source, { path, given: tool?.outputSchema ?? ANYTHING }, context);
  checkUndo(source, { path, output }, context);
  checkUnknown(source, { path, output }, context);
  checkClaims(source, path, context);
  checkRevises(source, path, context);
  if (source.key !== undefined) checkFits({ value: source.key, path: [...path, "key"] }, TEXT, context);
  source.fallback.forEach((alternative, index) => {
    checkFallback(alternative, { path: [...path, "fallback", index], output }, context);
  });
  return output;
}

/** What the step says that it gives, else what its tool does. */
function checkReturns(
  { tool, returns }: ToolStepSource,
  { path, given }: { readonly path: Path; readonly given: JsonSchema },
  { report }: CheckContext,
): JsonSchema {
  if (returns === undefined) return given;
  checkReturned(returns, [...path, "returns"], report);
  const fit = assignable(given, returns);
  if (!fit.ok) {
    const place = fit.path.length === 0 ? "" : `${pathText(fit.path)}: `;
    const message = `${tool} never gives this: ${place}${fit.message}`;
    report.error([...path, "returns"], { code: fit.code, message, suggestion: fit.suggestion });
  }
  return returns;
}

/** Steps that read the output were checked against the schema of the step's own tool, so a fallback has to fit it. */
function checkFallback(
  alternative: FallbackSource,
  { path, output }: { path: Path; output: JsonSchema },
  context: CheckContext,
): JsonSchema {
  if ("value" in alternative) {
    const template = checkFits({ value: alternative.value, path: [...path, "value"] }, output, context);
    return template?.type ?? ANYTHING;
  }
  const tool = checkCall({ ...alternative, path }, context);
  if (tool === undefined) return ANYTHING;
  const fit = assignable(tool.outputSchema, output);
  if (!fit.ok) {
    const place = fit.path.length === 0 ? "" : `${pathText(fit.path)}: `;
    const message = `the output of ${tool.name} does not fit the step's own: ${place}${fit.message}`;
    context.report.error([...path, "tool"], { code: "fallback-output", message });
  }
  return tool.outputSchema;
}

function checkValueStep(source: ValueStepSource, path: Path, context: CheckContext): JsonSchema {
  const template = checkFits({ value: source.value, path: [...path, "value"] }, ANYTHING, context);
  return withFallbacks(widened(template?.type ?? ANYTHING), { source, path }, context);
}

function checkWaitStep(source: WaitStepSource, path: Path, context: CheckContext): JsonSchema {
  if ("until" in source.wait) checkTime(source.wait.until, [...path, "wait", "until"], context);
  return withFallbacks(NOTHING, { source, path }, context);
}

type DraftOf<K> = Extract<StepDraft, { kind: K }>;

/** A list of what is inside gives; null for an item that failed, or was skipped. */
function checkEach(draft: DraftOf<"each">, context: CheckContext): JsonSchema {
  const { source, path, block } = draft;
  const item = itemOf(source.each, [...path, "each"], context);
  const inner = checkBlock(draft, { [source.as]: item, index: INDEX }, context);
  const [only] = block.drafts;
  const maySkip = only !== undefined && only.kind !== "opaque" && only.source.when !== undefined;
  const mayFail = "share" in source.tolerate ? source.tolerate.share > 0 : source.tolerate.count > 0;
  const items = maySkip || mayFail || block.drafts.length > 1 ? { anyOf: [inner, NOTHING] } : inner;
  return withFallbacks({ type: "array", items }, draft, context);
}

function itemOf(list: Json, path: Path, context: CheckContext): JsonSchema {
  const fit = checkFits({ value: list, path }, ANYTHING, context);
  if (fit === undefined) return ANYTHING;
  const { type } = fit;
  if (type.type !== undefined && type.type !== "array") {
    const what =
      fit.constant === undefined
        ? `this is of type ${JSON.stringify(type.type)}`
        : `this is ${describeJson(fit.constant)}`;
    context.report.error(path, { code: "each-over-non-list", message: `each goes over a list, ${what}` });
  }
  return isJsonObject(type.items) ? type.items : ANYTHING;
}

/** The output of the last iteration. */
function checkRepeat(draft: DraftOf<"repeat">, context: CheckContext): JsonSchema {
  const { source, path } = draft;
  const inner = checkBlock(draft, { index: INDEX, previous: ANYTHING }, context);
  const scope = withVariables(context.scope, { output: inner, index: INDEX });
  readCondition({ value: source.until, path: [...path, "until"] }, context.report, scope);
  return withFallbacks(inner, draft, context);
}

const INDEX: JsonSchema = { type: "integer", minimum: 0 };

/** The steps of a block, each after those that it reads; gives the schema of what the block gives. */
function checkBlock(
  { id, block }: { readonly id: string; readonly block: BlockDraft },
  variables: Readonly<Record<string, JsonSchema>>,
  context: CheckContext,
): JsonSchema {
  const dependencies = context.dependencies.inside.get(id);
  if (dependencies === undefined) return ANYTHING;
  const steps: Record<string, JsonSchema> = Object.fromEntries(block.drafts.map((draft) => [draft.id, {}]));
  const scope = within(context.scope, { steps, variables, lists: listsAmong(block.drafts) });
  const inner = { ...context, scope, dependencies };
  for (const draft of dependencies.order) steps[draft.id] = checkStep(draft, inner);
  return checkFits({ value: block.output, path: block.outputPath }, ANYTHING, inner)?.type ?? ANYTHING;
}

/** Ids of the steps that go over lists, and so have errors. */
export function listsAmong(drafts: readonly StepDraft[]): ReadonlySet<string> {
  return new Set(drafts.filter(({ kind }) => kind === "each").map(({ id }) => id));
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function checkTime(until: string, path: Path, context: CheckContext): void {
  const isTime = RFC_3339.test(until) && !Number.isNaN(Date.parse(until));
  if (until.includes("${") || isTime) {
    checkFits({ value: until, path }, TIME, context);
    return;
  }
  const message = "a time is written as RFC 3339 says, such as 2030-01-31T12:00:00Z, or an expression that gives one";
  context.report.error(path, { code: "bad-time", message });
}

/** No tool says what such a step gives, so its fallbacks are further possibilities. */
function withFallbacks(
  own: JsonSchema,
  { source, path }: { readonly source: { readonly fallback: readonly FallbackSource[] }; readonly path: Path },
  context: CheckContext,
): JsonSchema {
  if (source.fallback.length === 0) return own;
  const others = source.fallback.map((alternative, index) =>
    checkFallback(alternative, { path: [...path, "fallback", index], output: ANYTHING }, context),
  );
  return { anyOf: [own, ...others.map(widened)] };
}

/** A constant text is a text: comparing it with another one is how plans are switched by hand. */
function widened(schema: JsonSchema): JsonSchema {
  return schema.type === "string" ? { type: "string" } : schema;
}

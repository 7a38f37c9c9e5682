import { assignable } from "#machines/expressions/assignable.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { checkCall } from "./arguments.ts";
import type { CheckContext } from "./check-context.ts";
import type { FallbackSource, ToolStepSource, ValueStepSource, WaitStepSource } from "./source-schema.ts";
import type { StepDraft } from "./step-draft.ts";
import { readCondition } from "./templates.ts";
import { checkFits } from "./type-fit.ts";
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
  switch (draft.kind) {
    case "tool":
      return checkToolStep(draft.source, draft.path, context);
    case "value":
      return checkValueStep(draft.source, draft.path, context);
    case "wait":
      return checkWaitStep(draft.source, draft.path, context);
  }
}

function checkToolStep(source: ToolStepSource, path: Path, context: CheckContext): JsonSchema {
  const tool = checkCall({ ...source, path }, context);
  const output = tool?.outputSchema ?? ANYTHING;
  source.fallback.forEach((alternative, index) => {
    checkFallback(alternative, { path: [...path, "fallback", index], output }, context);
  });
  return output;
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
  { source, path }: { source: ValueStepSource | WaitStepSource; path: Path },
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

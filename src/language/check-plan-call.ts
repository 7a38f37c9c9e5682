import type { Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { CallablePlan, CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import type { CallStepSource } from "./source-schema.ts";
import { checkFits } from "./type-fit.ts";

// The border between two plans: what a call gives against the inputs that the called plan declares, before either of
// them runs.

/** The schema of the called plan's outputs; `{}` where there is no such plan, which is reported. */
export function checkPlanCall(source: CallStepSource, path: Path, context: CheckContext): JsonSchema {
  const { calls, report } = context;
  const given = source.with ?? {};
  const called = calls.find(source.call);
  if ("code" in called) {
    report.error([...path, "call"], called);
    checkFits({ value: given, path: [...path, "with"] }, {}, context);
    return {};
  }
  for (const [name, value] of Object.entries(given))
    checkGiven(called, { value, path: [...path, "with", name] }, context);
  for (const [name, input] of Object.entries(called.definition.inputs)) {
    if (Object.hasOwn(given, name) || input.default !== undefined) continue;
    const message = `the plan ${called.key} wants the input ${name}`;
    report.error([...path, "with"], { code: "missing-input", message });
  }
  return called.outputs;
}

function checkGiven(
  { key, definition: { inputs } }: CallablePlan,
  { value, path }: { readonly value: Json; readonly path: Path },
  context: CheckContext,
): void {
  const name = String(path.at(-1));
  const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (input === undefined) {
    const message = `the plan ${key} has no input ${JSON.stringify(name)}`;
    const suggestion = nearestName(name, Object.keys(inputs));
    context.report.error(path, { code: "unknown-input", message, suggestion }, { key: true });
  }
  checkFits({ value, path }, input?.schema ?? {}, context);
}

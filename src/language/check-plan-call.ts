import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nearestName } from "#machines/expressions/nearest-name.ts";
import type { CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import type { CallStepSource } from "./source-schema.ts";
import { checkFits } from "./type-fit.ts";

// The border between two plans: what a call gives against the inputs that the called plan declares.

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
  const { inputs } = called.definition;
  for (const [name, value] of Object.entries(given)) {
    const place = [...path, "with", name];
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) {
      const message = `the plan ${called.key} has no input ${JSON.stringify(name)}`;
      const suggestion = nearestName(name, Object.keys(inputs));
      report.error(place, { code: "unknown-input", message, suggestion }, { key: true });
    }
    checkFits({ value, path: place }, input?.schema ?? {}, context);
  }
  for (const [name, input] of Object.entries(inputs)) {
    if (Object.hasOwn(given, name) || input.default !== undefined) continue;
    const message = `the plan ${called.key} wants the input ${name}`;
    report.error([...path, "with"], { code: "missing-input", message });
  }
  return called.outputs;
}

import type { Json } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { isRevising } from "#machines/revision.ts";
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
  remarkOnRevising(called, path, context);
  for (const [name, value] of Object.entries(given))
    checkGiven(called, { value, path: [...path, "with", name] }, context);
  for (const [name, input] of Object.entries(called.definition.inputs)) {
    if (Object.hasOwn(given, name) || input.default !== undefined) continue;
    const message = `the plan ${called.key} wants the input ${name}`;
    report.error([...path, "with"], { code: "missing-input", message });
  }
  return called.outputs;
}

/** A called plan's steps are inside of another step: only a plan that is started by itself is written while it runs, or replanned. */
function remarkOnRevising(called: CallablePlan, path: Path, { report }: CheckContext): void {
  const { key, definition } = called;
  const place = [...path, "call"];
  const revising = definition.steps.find(isRevising);
  if (revising !== undefined) {
    const message = `the step ${revising.id} of ${key} writes how its plan goes on; of a plan that is called nothing does: start it by itself`;
    report.error(place, { code: "revises-called", message });
  }
  if (definition.replan === undefined) return;
  const message = `\`replan\` of ${key} has no effect in a call: where a step of it fails, the call does; say it in the plan that calls`;
  report.warning(place, { code: "replan-called", message });
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

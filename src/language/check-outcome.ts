import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { KnownResults } from "#machines/expressions/known-results.ts";
import { checkCall } from "./arguments.ts";
import type { CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import { withVariables } from "./scopes.ts";
import type { ToolStepSource } from "./source-schema.ts";
import { readCondition } from "./templates.ts";
import { checkFits } from "./type-fit.ts";

// What a step says about its own outcome: the call that takes it back, and who answers where nobody knows whether it had
// its effect.

const NOTHING: JsonSchema = { type: "null" };

/** An undo reads what the step gave; where nobody knows what became of the step, that is null. */
export function checkUndo(
  { undo, irreversible }: ToolStepSource,
  { path, output }: { readonly path: Path; readonly output: JsonSchema },
  context: CheckContext,
): void {
  if (undo === undefined) return;
  if (irreversible === true) {
    const message = "a step that is irreversible has no undo: one of the two is wrong";
    context.report.error([...path, "irreversible"], { code: "irreversible-with-undo", message }, { key: true });
  }
  const scope = withVariables(context.scope, { output: orNothing(output) });
  checkCall({ ...undo, path: [...path, "undo"] }, { ...context, scope });
}

/** One for each schema: what is read of a schema is kept with it, and many steps have the same tool. */
function orNothing(schema: JsonSchema): JsonSchema {
  return WITH_NOTHING.get(schema, () => ({ anyOf: [schema, NOTHING] }));
}

const WITH_NOTHING = new KnownResults<JsonSchema, JsonSchema>();

/** A tool that looks gives `output`; what it finds must be what the step would have given. */
export function checkUnknown(
  { unknown, undo }: ToolStepSource,
  { path, output }: { readonly path: Path; readonly output: JsonSchema },
  context: CheckContext,
): void {
  if (unknown === "undo" && undo === undefined) {
    const message = "unknown: undo takes the step back by its undo, and it has none";
    context.report.error([...path, "unknown"], { code: "undo-missing", message });
  }
  if (typeof unknown === "string") return;
  const tool = checkCall({ ...unknown.verify, path: [...path, "unknown", "verify"] }, context);
  const scope = withVariables(context.scope, { output: tool?.outputSchema ?? {} });
  readCondition({ value: unknown.done, path: [...path, "unknown", "done"] }, context.report, scope);
  checkFits({ value: unknown.output, path: [...path, "unknown", "output"] }, output, { ...context, scope });
}

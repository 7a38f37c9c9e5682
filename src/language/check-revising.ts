import { typeScope } from "#machines/expressions/type-scope.ts";
import { checkCall } from "./arguments.ts";
import type { CheckContext } from "./check-context.ts";
import type { Path } from "./finding.ts";
import { withVariables } from "./scopes.ts";
import type { ReplanSource } from "./plan-fields.ts";
import type { ToolStepSource } from "./source-schema.ts";
import { readTemplate } from "./templates.ts";

// Plans that are written while they run: a step whose output says how its plan goes on, and the call that is made where steps failed
// for good. Both may happen again after their answer was lost, and both speak of a plan's own steps.

/** What the engine gives the tool that replans, beside the plan's own arguments. */
const REPLAN_ARGUMENT = "failure";

export function checkRevises({ revises, undo }: ToolStepSource, path: Path, { report }: CheckContext): void {
  if (revises !== true) return;
  // `steps`, `<id>`: any other path leads into a step.
  if (path.length > 2) {
    const message = "only a plan's own steps revise it; this one is inside another step";
    report.error([...path, "revises"], { code: "revises-inside", message }, { key: true });
  }
  if (undo !== undefined) {
    const message = "how a plan goes on is nothing to take back: a step that revises has no undo";
    report.error([...path, "undo"], { code: "revises-with-undo", message }, { key: true });
  }
}

/** Gives the inputs that its arguments read; they read nothing else: which steps there are by then, nobody knows. */
export function checkReplan(source: ReplanSource, context: CheckContext): readonly string[] {
  const { scope } = context;
  const inputs = {
    ...typeScope({ inputs: {}, steps: {} }),
    inputs: scope.inputs,
  };
  const given = { ...source.with, [REPLAN_ARGUMENT]: `\${${REPLAN_ARGUMENT}}` };
  checkCall(
    { ...source, with: given, path: ["replan"] },
    { ...context, scope: withVariables(inputs, { [REPLAN_ARGUMENT]: {} }) },
  );
  const template = readTemplate({ value: source.with ?? {}, path: ["replan", "with"] }, context.report);
  return template?.references.inputs ?? [];
}

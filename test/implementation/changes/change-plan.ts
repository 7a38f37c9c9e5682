import type { JsonObject, Json } from "#events/json.ts";
import { literal } from "#src/language/literal.ts";
import { changeOf } from "./some-change.ts";

/** Changes as a plan, in the shape in which `plan-changes` writes one. */
export interface PlannedChange {
  readonly id: string;
  readonly actions: readonly Json[];
  readonly needs?: readonly string[];
  readonly more?: JsonObject;
}

export function changePlan(changes: readonly PlannedChange[]): JsonObject {
  const where = { repository: ".", plan: "k" };
  const steps = changes.flatMap(({ id, actions, needs = [], more = {} }): [string, Json][] => [
    [
      id,
      {
        tool: "change.make",
        needs: ["ready", ...needs.map((need) => `${need}_merge`)],
        with: { ...where, change: literal(changeOf(actions, { id, ...more })) },
      },
    ],
    [
      `${id}_merge`,
      {
        tool: "change.merge",
        needs: [id],
        with: { ...where, change: id, made: `\${steps.${id}.output}` },
        undo: {
          tool: "change.revert",
          with: { ...where, change: id, record: "${output == null ? null : output.record}" },
        },
      },
    ],
  ]);
  return {
    plan: "changes_test",
    onFailure: "continue",
    replan: { tool: "change.replan", with: where },
    steps: { ready: { tool: "change.ready", with: { ...where, checks: [] } }, ...Object.fromEntries(steps) },
  };
}

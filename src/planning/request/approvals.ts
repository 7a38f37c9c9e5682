import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { PlannableTools } from "#src/planning/validation/grounds.ts";

// What nothing takes back waits for somebody's word: before each such step of a plan that was not written by a person an approval is
// put, which shows what will be done with which arguments.

/** The same steps, with approvals between; `known` are steps of before that approve. */
export function withApprovals(steps: JsonObject, tools: PlannableTools, known: readonly string[] = []): JsonObject {
  const ids = new Set(Object.keys(steps));
  const approving = new Set([...known, ...ids].filter((id) => known.includes(id) || isApproval(steps[id])));
  return Object.fromEntries(
    Object.entries(steps).flatMap(([id, step]): readonly [string, Json][] => {
      if (!isJsonObject(step) || !isIrreversible(step, tools)) return [[id, step]];
      const { needs, tool = "" } = step;
      const before: readonly Json[] = Array.isArray(needs) ? needs : [];
      // It is agreed to there, or asked about again where it is not what was agreed to.
      if (before.some((need) => typeof need === "string" && approving.has(need))) {
        return [[id, { ...step, irreversible: true }]];
      }
      const approval = freeId(`approve_${id}`, ids);
      const show = { tool, with: step["with"] ?? {} };
      return [
        [
          approval,
          { approve: { show }, description: `somebody has to agree to ${typeof tool === "string" ? tool : id}` },
        ],
        [id, { ...step, irreversible: true, needs: [...before, approval] }],
      ];
    }),
  );
}

function isApproval(step: Json | undefined): boolean {
  return step !== undefined && isJsonObject(step) && Object.hasOwn(step, "approve");
}

function isIrreversible({ tool, fallback, undo }: JsonObject, tools: PlannableTools): boolean {
  if (undo !== undefined) return false;
  const alternatives: readonly Json[] = Array.isArray(fallback) ? fallback : [];
  const named = [tool, ...alternatives.map((one) => (isJsonObject(one) ? one["tool"] : undefined))];
  return named.some((name) => typeof name === "string" && tools.get(name)?.sideEffects === "irreversible");
}

function freeId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number += 1) id = `${wanted}_${number}`;
  taken.add(id);
  return id;
}

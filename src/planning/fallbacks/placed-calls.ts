import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";

// The tool steps of a plan as it is written, wherever they stand, and the same plan with one of them changed. What a called plan does is its
// own: it is written elsewhere.

export interface PlacedCall {
  /** Names from the plan's own mapping to the step's: `steps`, `notes`, `do`. */
  readonly path: readonly string[];
  /** Of the step, as expressions beside it call it. */
  readonly id: string;
  readonly step: JsonObject;
}

/** How deep steps are followed into others: more is not accepted by the language either. */
const MAX_DEPTH = 8;
/** The id of a step that is the only one inside another. */
const ONLY_STEP = "do";

export function placedCalls(source: JsonObject): readonly PlacedCall[] {
  return stepsIn(source["steps"], ["steps"], 0);
}

function stepsIn(steps: Json | undefined, path: readonly string[], depth: number): readonly PlacedCall[] {
  if (!isJsonObject(steps) || depth >= MAX_DEPTH) return [];
  return Object.entries(steps).flatMap(([id, step]) => stepAt(step, { path: [...path, id], id }, depth));
}

function stepAt(step: Json, place: Omit<PlacedCall, "step">, depth: number): readonly PlacedCall[] {
  if (!isJsonObject(step)) return [];
  if (typeof step["tool"] === "string") return [{ ...place, step }];
  return ["do", "repeat"].flatMap((word) => {
    const block = step[word];
    const path = [...place.path, word];
    if (!isJsonObject(block)) return [];
    if ("steps" in block) return stepsIn(block["steps"], [...path, "steps"], depth + 1);
    return stepAt(block, { path, id: ONLY_STEP }, depth + 1);
  });
}

/** The plan with another step in this place. */
export function withStepAt(source: JsonObject, path: readonly string[], step: JsonObject): JsonObject {
  const [name, ...inner] = path;
  if (name === undefined) return step;
  const part = source[name];
  return { ...source, [name]: isJsonObject(part) ? withStepAt(part, inner, step) : step };
}

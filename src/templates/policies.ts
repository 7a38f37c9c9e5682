import type { Json, JsonObject } from "#events/json.ts";
import { isJsonObject } from "#events/json.ts";
import type { Policies } from "#src/templates/template.ts";

// Words that hold where nobody says something else: a template's over those of the template that it extends, a step's over both.
//
// P1. A word counts as a whole: a `retry` of the child leaves nothing of its parent's `retry`.
// P2. `null` takes an inherited word away.
// P3. The policies of tools hold for every step that calls one, also inside of `each` and `repeat`; who waits, asks or calls another plan
//     keeps its own words.

export const NO_POLICIES: Policies = { plan: {}, tool: {} };

/** What holds for the child. */
export function inherited(parent: Policies, child: Policies): Policies {
  return { plan: { ...parent.plan, ...child.plan }, tool: { ...parent.tool, ...child.tool } };
}

/** A plan's body with the policies. */
export function planWithPolicies(body: JsonObject, { plan, tool }: Policies): JsonObject {
  const steps = isJsonObject(body.steps) ? { steps: eachStep(body.steps, tool) } : {};
  return { ...given(plan), ...body, ...steps };
}

export function stepWithPolicies(step: JsonObject, tool: JsonObject): JsonObject {
  const within = (["do", "repeat"] as const).flatMap((word): [string, Json][] => {
    const inner = step[word];
    return isJsonObject(inner) ? [[word, blockWithPolicies(inner, tool)]] : [];
  });
  const own = { ...step, ...Object.fromEntries(within) };
  return Object.hasOwn(step, "tool") ? { ...own, ...missing(tool, step) } : own;
}

function blockWithPolicies(block: JsonObject, tool: JsonObject): JsonObject {
  if (isJsonObject(block.steps)) return { ...block, steps: eachStep(block.steps, tool) };
  return stepWithPolicies(block, tool);
}

function eachStep(steps: JsonObject, tool: JsonObject): JsonObject {
  const entries = Object.entries(steps).map(([id, step]): [string, Json] => [
    id,
    isJsonObject(step) ? stepWithPolicies(step, tool) : step,
  ]);
  return Object.fromEntries(entries);
}

/** After the step's own words, so that the words that tell what it does come first. */
function missing(policies: JsonObject, step: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given(policies)).filter(([word]) => !Object.hasOwn(step, word)));
}

/** P2. */
function given(policies: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(policies).filter(([, value]) => value !== null));
}

import type { Claim } from "#events/claims.ts";
import type { StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import type { Starting } from "#machines/decide/starting.ts";
import { evaluate, type Evaluated } from "#machines/evaluate.ts";

// What an attempt of a step holds while it runs. Pool and resources are written in the step; its concurrency key is a
// template, so that items of one customer, or runs against one host, count together.

const NONE: Evaluated<readonly Claim[]> = { kind: "value", value: [] };

export function claimsOf({ step, scope, state, around }: Starting): Evaluated<readonly Claim[]> {
  if (step.kind !== "tool") return NONE;
  const own = standingClaims(step);
  if (step.key === undefined) return own.length === 0 ? NONE : { kind: "value", value: own };
  const key = evaluate(state, { scope, key: `${step.id}/key`, source: step.key }, around.blobs);
  if (key.kind !== "value") return key;
  if (typeof key.value === "string" && key.value !== "") {
    return { kind: "value", value: [...own, { kind: "key", name: key.value, amount: 1 }] };
  }
  const message = `a concurrency key is a text, not ${JSON.stringify(key.value).slice(0, 100)}`;
  return { kind: "error", error: errorOf("validation", "bad-key-value", message) };
}

/** Those that depend on nothing: what the call that takes a step back holds as well. */
export function standingClaims(step: StepDefinition): Claim[] {
  if (step.kind !== "tool") return [];
  const { pool, uses } = step;
  const claims: Claim[] = pool === undefined ? [] : [{ kind: "pool", name: pool, amount: 1 }];
  for (const [name, amount] of Object.entries(uses ?? {})) claims.push({ kind: "resource", name, amount });
  return claims;
}

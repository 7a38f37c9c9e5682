import type { Json } from "#events/json.ts";
import { inline, refsOf, valueOf, type ListPart, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import { failureIn } from "#machines/decide/failures.ts";
import { evaluate, notAtHand, singleOutput, type Evaluated } from "#machines/evaluate.ts";
import type { Scope } from "#machines/scope.ts";
import type { PlanState } from "#machines/state.ts";

// What members gave, in their order: runs of small values in one list, and a blob as it is, without reading it. The same
// for a window that closes and for a step that ends, so that where windows were cut shows nowhere.

/** One entry a member; null for one that failed, or whose output was to come from a step that was skipped. */
export function outputsOf(state: PlanState, scopes: readonly Scope[], blobs: Blobs): Evaluated<readonly ListPart[]> {
  const parts: ListPart[] = [];
  const missing: string[] = [];
  let run: Json[] = [];
  const endRun = (): void => {
    if (run.length > 0) parts.push({ items: { inline: run }, count: run.length });
    run = [];
  };
  for (const scope of scopes) {
    const output = outputOf(state, scope, blobs);
    if (output.kind === "error") return output;
    if (output.kind === "needs-blobs") missing.push(...output.refs);
    else if ("blob" in output.value) {
      endRun();
      parts.push({ item: output.value });
    } else {
      const value = valueOf(output.value, blobs);
      if (value === undefined) missing.push(...refsOf(output.value));
      else run.push(value);
    }
  }
  if (missing.length > 0) return notAtHand([...new Set(missing)], blobs);
  endRun();
  return { kind: "value", value: parts };
}

/** Longest message of one item, in UTF-16 code units: an item that failed has its whole error in its own record. */
const MAX_ITEM_MESSAGE_CHARS = 200;

/** Of the members that failed; undefined where none did. */
export function errorsOf(state: PlanState, scopes: readonly Scope[]): ListPart | undefined {
  const failed = scopes.filter(({ result }) => result === "failed");
  if (failed.length === 0) return undefined;
  const errors = failed.map((scope) => {
    const { category, code, message } = failureIn(state, scope);
    return { index: scope.member, category, code, message: message.slice(0, MAX_ITEM_MESSAGE_CHARS) };
  });
  return { items: { inline: errors }, count: errors.length };
}

/** What one member gave; null where it failed, or where its output was to come from a step that was skipped. */
export function outputOf(state: PlanState, scope: Scope, blobs: Blobs): Evaluated<Payload> {
  const { block } = scope;
  if (scope.result === "failed" || block.output === undefined) return { kind: "value", value: inline(null) };
  const id = singleOutput(block.output);
  const local = id === undefined ? undefined : block.graph.indexOf.get(id);
  if (local !== undefined) return { kind: "value", value: state.steps[scope.base + local]?.output ?? inline(null) };
  const result = evaluate(state, { scope, key: "output", source: block.output }, blobs);
  if (result.kind === "value") return { kind: "value", value: inline(result.value) };
  if (result.kind === "error" && result.error.code === "missing-output") return { kind: "value", value: inline(null) };
  return result;
}

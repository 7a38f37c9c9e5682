import { isJsonList } from "#events/json.ts";
import { listOf, refsOf, valueOf, type ListPart } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { Rejection } from "#machines/decide/decision.ts";
import { irreversibleOf, rollbackRefusal } from "#machines/decide/rollback.ts";
import { undoCallOf, undoLayers, type UndoCall } from "#machines/decide/undo-calls.ts";
import { draftedOf, pathAt, type PlanView } from "#machines/state.ts";
import { stepsOfPart, withoutUndoIn, type Part } from "#machines/undoing.ts";

// What a rollback would take back if it were asked for now, before anybody asks.
//
// B1. Everything here is what the decision itself uses: the same part, the same calls in the same layers, the same steps
//     named as irreversible. It can change only by what happens in between: what still runs is told to stop, and may end
//     as one more success to take back.

export interface RollbackPreview {
  /** Why the plan cannot be rolled back now, or not in this part; the rest then says what there would be to do. */
  readonly refusal?: Pick<Rejection, "code" | "reason">;
  /** Calls that undo, in the order in which they run: those of a layer beside each other, each layer after the one before. */
  readonly layers: readonly (readonly UndoCall[])[];
  /** Steps that have happened for good; a rollback wants to be told that they may stay. */
  readonly irreversible: readonly string[];
  /** Steps that may have had an effect and that have no call to undo them: they stay as they are, and nobody is asked. */
  readonly withoutUndo: readonly string[];
  /** Steps with an attempt under way: it is told to stop, and its answer waited for, before anything is undone. */
  readonly running: readonly string[];
}

export type PreviewedRollback =
  | { readonly kind: "preview"; readonly preview: RollbackPreview }
  /** Outputs that undo calls read are kept as blobs: load them and ask again. */
  | { readonly kind: "needs-blobs"; readonly refs: readonly string[] };

/** Of a part of the plan, or of all of it. O(steps + needs). */
export function selectRollback(state: PlanView, part: Part, blobs: Blobs): PreviewedRollback {
  const refusal = rollbackRefusal({ type: "RollbackPlan", ...bounds(part) }, state);
  const refused = refusal === undefined ? {} : { refusal: { code: refusal.code, reason: refusal.reason } };
  if (state.root === undefined) {
    return { kind: "preview", preview: { ...refused, layers: [], irreversible: [], withoutUndo: [], running: [] } };
  }
  const within = stepsOfPart(draftedOf(state), part);
  const collected = undoLayers(state, { scopes: [state.root], within }, blobs);
  if (collected.kind === "needs-blobs") return collected;
  const calls = callsOf(collected.value, blobs);
  if ("refs" in calls) return { kind: "needs-blobs", refs: calls.refs };
  const preview = {
    ...refused,
    layers: calls.layers,
    irreversible: irreversibleOf(state, bounds(part)),
    withoutUndo: withoutUndoIn(state, state.root, within),
    running: [...state.running].map((index) => pathAt(state, index)),
  };
  return { kind: "preview", preview };
}

function bounds({ from, to }: Part): { readonly from?: string; readonly to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

type Calls = { readonly layers: readonly (readonly UndoCall[])[] } | { readonly refs: readonly string[] };

/** The layers as calls; a layer without any is none. */
function callsOf(layers: readonly (readonly ListPart[])[], blobs: Blobs): Calls {
  const refs: string[] = [];
  const read = layers.map((parts) => {
    const list = listOf(parts);
    const entries = valueOf(list, blobs);
    if (entries === undefined) refs.push(...refsOf(list));
    return isJsonList(entries) ? entries.flatMap((entry) => undoCallOf(entry) ?? []) : [];
  });
  return refs.length > 0 ? { refs } : { layers: read.filter((calls) => calls.length > 0) };
}

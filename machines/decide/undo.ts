import { contentHash } from "#events/canonical.ts";
import { tokenOf } from "#events/claims.ts";
import { fact } from "#events/catalog.ts";
import { DEFAULT_TIMEOUT_MS, type EachStep } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import { countOf, inline, listOf, refsOf, valueOf, type ListPart } from "#events/payload.ts";
import { entryOf } from "#machines/list-entry.ts";
import { standingClaims } from "#machines/decide/claims.ts";
import { windowEnd } from "#machines/decide/windows.ts";
import { boundsOf, facts, refused, type Bounds, type Starting, type StartOutcome } from "#machines/decide/starting.ts";
import { undoCallOf, undoLayers, type UndoCall } from "#machines/decide/undo-calls.ts";
import { notAtHand } from "#machines/evaluate.ts";
import { draftedOf, recordAt, type PlanState } from "#machines/state.ts";
import { toolStepAt } from "#machines/block.ts";
import { stepsOfPart } from "#machines/undoing.ts";

// How a rollback runs: its one step lists all undo calls once nothing of the plan runs any more, and every call is a member
// of that step, with attempts and retries like any other. A layer begins when the one before it has ended.

/** Lists what is to be taken back; with nothing to do the rollback is over at once. */
export function openRollback({ state, path, scope, around }: Starting, step: EachStep): StartOutcome {
  // What still runs is told to stop; its answer may be one more success to take back.
  if (state.running.size > 0) return { kind: "no-slot" };
  const { root } = state;
  const rollback = state.rollbacks.find((known) => known.scope === scope);
  if (root === undefined || rollback === undefined) return { kind: "no-slot" };
  const within = stepsOfPart(draftedOf(state), rollback);
  const layers = undoLayers(state, { scopes: [root], within }, around.blobs);
  if (layers.kind === "needs-blobs") return layers;
  const total = countOf(layers.value.flat());
  if (total === 0) return facts(fact("StepSucceeded", { step: path, attempt: 0, output: inline([]) }));
  const to = windowEnd(step, 0, total);
  const items = listOf(layers.value.flat());
  return facts(fact("StepExpanded", { step: path, from: 0, to, total, items, barriers: barriersOf(layers.value) }));
}

/** Sends one undo call to an executor. */
export function dispatchUndo(starting: Starting): StartOutcome {
  const found = callAt(starting);
  if (found.kind !== "call") return found;
  const { call } = found;
  const { state, index, path, around } = starting;
  // A window that was closed lists all that was ever done in it.
  if (state.undone.has(call.step))
    return facts(fact("StepSucceeded", { step: path, attempt: 0, output: inline(null) }));
  const of = toolStepAt(draftedOf(state).block, call.step);
  const claims = of === undefined ? [] : standingClaims(of);
  const executor = around.slots.executorFor(call.tool, claims);
  if (executor === undefined) return { kind: "no-slot" };
  if (call.args === undefined) return refused(starting, problemOf(call));
  const args = valueOf(call.args, around.blobs);
  if (args === undefined) return unlessMissing(starting, refsOf(call.args));
  const { attempt, alternative } = recordAt(state, index).chart.context;
  const bounds = undoBoundsOf(state, call);
  return facts(
    fact("StepDispatched", {
      step: path,
      attempt: attempt + 1,
      alternative,
      tool: call.tool,
      toolVersion: call.version,
      executor,
      args: call.args,
      argsHash: contentHash({ tool: call.tool, version: call.version, args }),
      ...bounds,
      epoch: around.moment.epoch,
      edition: state.header.context.edition,
      ...(claims.length === 0 ? {} : { tokens: claims.map(tokenOf) }),
      undoes: call.step,
    }),
  );
}

/** A definition that no longer has the step says nothing: the call is then as any undo. */
function undoBoundsOf(state: PlanState, { step }: UndoCall): Bounds {
  const { call } = toolStepAt(draftedOf(state).block, step)?.undo ?? {};
  return boundsOf(call ?? { idempotent: true, timeoutMs: DEFAULT_TIMEOUT_MS });
}

/** The entry of the rollback's list that this member stands for. */
function callAt(starting: Starting): StartOutcome | { readonly kind: "call"; readonly call: UndoCall } {
  const { state, scope, around } = starting;
  const items = recordAt(state, scope.parent).expansion?.items ?? inline([]);
  const entry = entryOf(items, scope.member, around.blobs);
  if (entry.kind === "missing") return unlessMissing(starting, entry.refs);
  const call = undoCallOf(entry.value);
  return call === undefined ? refused(starting, problemOf(call)) : { kind: "call", call };
}

/** Asks for blobs; a call that cannot do without one that is gone fails by name. */
function unlessMissing(starting: Starting, refs: readonly string[]): StartOutcome {
  const asked = notAtHand(refs, starting.around.blobs);
  return asked.kind === "error" ? refused(starting, asked.error) : asked;
}

function problemOf(call: UndoCall | undefined) {
  const { code = "no-arguments", message = "the call has no arguments" } = call?.problem ?? {};
  return errorOf("validation", code, `${call?.step ?? "a step"} cannot be taken back: ${message}`);
}

/** Where every layer but the first begins: when all before it has ended. */
function barriersOf(layers: readonly (readonly ListPart[])[]): number[] {
  let end = 0;
  return layers.slice(0, -1).map((parts) => (end += countOf(parts)));
}

import { Fault } from "#events/fault.ts";
import { draftedOf, pathAt, planStateOf, type PlanView } from "#machines/state.ts";
import { effectsIn, irreversibleIn, stepsOfPart, type Part } from "#machines/undoing.ts";

// What a rollback would do, before anybody asks for it: by the same rules as the law's own decision.

export interface RollbackPreview {
  /** Steps that would be taken back, with the tool that does it. */
  readonly undone: readonly { readonly step: string; readonly tool: string }[];
  /** Steps that are not repeatable and have no undo: what they have done stays. */
  readonly stays: readonly string[];
  /** Steps that nothing takes back; a rollback wants them accepted. */
  readonly irreversible: readonly string[];
  /** Steps with windows of items that have left memory: what can be taken back inside them is taken back as well. */
  readonly windows: readonly string[];
}

/** Faults: `unknown-step`, `plan-unknown`. */
export function selectRollback(state: PlanView, part: Part): RollbackPreview {
  const { root } = state;
  if (root === undefined) throw new Fault("plan-unknown", `plan ${state.planId} is ${planStateOf(state)}, not started`);
  const drafted = draftedOf(state);
  for (const id of [part.from, part.to]) {
    if (id === undefined || drafted.graph.indexOf.has(id)) continue;
    throw new Fault("unknown-step", `plan ${state.planId} has no step ${id} of its own to roll back from or to`);
  }
  const within = stepsOfPart(drafted, part);
  const effects = [...effectsIn(state, root, within)].map(({ index, step, record }) => ({
    step: pathAt(state, index),
    tool: record.undo?.tool ?? step.undo?.call.tool,
    isIrreversible: step.irreversible === true,
    isRepeatable: step.call.idempotent,
  }));
  return {
    undone: effects.flatMap(({ step, tool }) => (tool === undefined ? [] : [{ step, tool }])),
    stays: effects.flatMap(({ step, tool, isIrreversible, isRepeatable }) =>
      tool === undefined && !isIrreversible && !isRepeatable ? [step] : [],
    ),
    irreversible: irreversibleIn(state, root, within),
    windows: windowsIn(state, within),
  };
}

function windowsIn(state: PlanView, within: ReadonlySet<number>): readonly string[] {
  const { indexOf } = draftedOf(state).graph;
  return state.steps.flatMap((record, index) => {
    if (record?.expansion === undefined || record.expansion.closed.length === 0) return [];
    const path = pathAt(state, index);
    const own = indexOf.get(path.split("/")[0] ?? "");
    return own !== undefined && within.has(own) ? [path] : [];
  });
}

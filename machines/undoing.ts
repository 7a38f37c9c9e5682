import type { ToolStep } from "#events/definition.ts";
import type { Block } from "#machines/block.ts";
import { topologicalOrder, type StepGraph } from "#machines/graph.ts";
import type { Scope } from "#machines/scope.ts";
import { definitionAt, pathAt, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// What a rollback takes back, and what it cannot: the same for the decision and for the preview of it.
//
// U1. A step is taken back when it has succeeded, when its outcome is unknown, and when it ended otherwise but one of its
//     attempts fell silent: in each case its effect may be there, so undo must accept that nothing had happened.
//     An effect that was taken back, or is known not to be there, is not taken back again.
// U2. A part of a plan is closed under dependents: nothing that is left stands on something that was taken back.

export interface Part {
  /** Only this step of the plan's own, and what depends on it. */
  readonly from?: string | undefined;
  /** Everything but this step and what it depends on. */
  readonly to?: string | undefined;
}

/** Numbers of the plan's own steps in a part of it; all without a bound. O(steps + needs). */
export function stepsOfPart({ graph }: { readonly graph: StepGraph }, { from, to }: Part): ReadonlySet<number> {
  const all = graph.needs.map((_, index) => index);
  const first = from === undefined ? undefined : graph.indexOf.get(from);
  const last = to === undefined ? undefined : graph.indexOf.get(to);
  const begun = first === undefined ? new Set(all) : reachable(graph.dependents, first);
  if (last === undefined) return begun;
  const kept = reachable(graph.needs, last);
  return new Set([...begun].filter((index) => !kept.has(index)));
}

interface Target {
  readonly index: number;
  readonly step: ToolStep;
  readonly record: Readonly<StepRecord>;
}

/** The tool steps of a scope, and of all inside it, whose effect may be there. */
function* effectsIn(state: PlanView, scope: Scope, within?: ReadonlySet<number>): Generator<Target> {
  for (let local = 0; local < scope.block.steps.length; local++) {
    if (within !== undefined && !within.has(local)) continue;
    const index = scope.base + local;
    const record = state.steps[index];
    if (record === undefined) continue;
    const step = definitionAt(state, index);
    if (step.kind === "tool" && mayHaveEffect(record)) yield { index, step, record };
    for (const inner of record.expansion?.scopes.values() ?? []) yield* effectsIn(state, inner);
  }
}

/** Paths of irreversible steps that may have happened; of a window that has left memory, of the block instead. */
export function irreversibleIn(state: PlanView, scope: Scope, within?: ReadonlySet<number>): string[] {
  return effectsNamed(state, { scope, within }, (step) => step.irreversible === true);
}

/** The same of steps that have no call to undo them, and do not say that they are irreversible. */
export function withoutUndoIn(state: PlanView, scope: Scope, within?: ReadonlySet<number>): string[] {
  return effectsNamed(state, { scope, within }, (step) => step.undo === undefined && step.irreversible !== true);
}

interface Reach {
  readonly scope: Scope;
  readonly within: ReadonlySet<number> | undefined;
}

function effectsNamed(state: PlanView, { scope, within }: Reach, isMeant: (step: ToolStep) => boolean): string[] {
  const present = [...effectsIn(state, scope, within)].filter(({ step }) => isMeant(step));
  // Where so many are named that not all are shown, those that stand for many come first.
  return [...closedNamed(state, { scope, within }, isMeant), ...present.map(({ index }) => pathAt(state, index))];
}

export function mayHaveEffect({ chart, attempts, isUndone }: Readonly<StepRecord>): boolean {
  const standing = attempts.filter(({ isVoid }) => isVoid !== true);
  if (isUndone || standing.length === 0) return false;
  if (chart.value === "succeeded" || chart.value === "unknown") return true;
  return standing.some(({ result, late }) => {
    const isSilent = result === "lost" || result === "timed-out";
    return isSilent && late?.kind !== "failed" && late?.kind !== "cancelled";
  });
}

/** The steps of a scope, those first that nothing needs. */
export function backwards({ block }: Scope): readonly number[] {
  const sorted = topologicalOrder(block.graph);
  return "cycle" in sorted ? [] : [...sorted.order].reverse();
}

function closedNamed(state: PlanView, { scope, within }: Reach, isMeant: (step: ToolStep) => boolean): string[] {
  return scope.block.steps.flatMap((_, local) => {
    const { expansion } = state.steps[scope.base + local] ?? {};
    if (expansion === undefined || (within !== undefined && !within.has(local))) return [];
    const inside = [...expansion.scopes.values()].flatMap((inner) => {
      return closedNamed(state, { scope: inner, within: undefined }, isMeant);
    });
    if (expansion.closed.length === 0) return inside;
    return [...inside, ...toolsNamed(expansion.block, `${pathAt(state, scope.base + local)}/*`, isMeant)];
  });
}

function toolsNamed({ steps, inner }: Block, path: string, isMeant: (step: ToolStep) => boolean): string[] {
  return steps.flatMap((step, local) => {
    if (step.kind === "tool") return isMeant(step) ? [`${path}/${step.id}`] : [];
    const block = inner[local];
    return block === undefined ? [] : toolsNamed(block, `${path}/${step.id}${block.isClosed ? "" : "/*"}`, isMeant);
  });
}

function reachable(edges: StepGraph["needs"], from: number): Set<number> {
  const found = new Set([from]);
  for (const index of found) for (const next of edges[index] ?? []) found.add(next);
  return found;
}

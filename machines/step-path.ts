import { Fault } from "#events/fault.ts";
import { rollbackOf } from "#machines/block.ts";
import { NO_MEMBER, type Scope } from "#machines/scope.ts";
import type { PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// From the path that facts and people call a step by to the step: `notes`, `notes/3/parse`, `undo:1/4/do`. A path names
// what is in memory; a step whose window was closed has none any more.

export function stepIndex(state: PlanView, path: string): number {
  const found = findStep(state, path);
  if (found === undefined) throw new Fault("unknown-step", `plan ${state.planId} has no step ${path}`);
  return found.index;
}

/** A step by its path, for whoever may have got it wrong. O(depth). */
export function findStep(state: PlanView, path: string): { index: number; record: Readonly<StepRecord> } | undefined {
  const number = rollbackOf(path);
  const root = number === undefined ? state.root : state.rollbacks[number - 1]?.scope;
  if (root === undefined) return undefined;
  if (!path.includes("/")) return stepIn(state, root, path);
  const segments = path.split("/");
  const last = segments.pop() ?? "";
  const scope = scopeAt(state, root, segments);
  return scope === undefined ? undefined : stepIn(state, scope, last);
}

function stepIn(state: PlanView, { block, base }: Scope, id: string): ReturnType<typeof findStep> {
  const local = block.graph.indexOf.get(id);
  const record = local === undefined ? undefined : state.steps[base + local];
  return local === undefined || record === undefined ? undefined : { index: base + local, record };
}

/** The scope that a path leads to from another: a step, and a number where the step has many members. */
function scopeAt(state: PlanView, from: Scope, segments: readonly string[]): Scope | undefined {
  let scope: Scope | undefined = from;
  for (let at = 0; at < segments.length && scope !== undefined; at++) {
    const scopes = membersAt(state, scope, segments[at] ?? "");
    scope = scopes?.get(NO_MEMBER) ?? scopes?.get(memberNumber(segments[++at]));
  }
  return scope;
}

/** The members of a step that a segment names: `notes`, or `notes~2` after it has begun anew. */
function membersAt(state: PlanView, scope: Scope, segment: string): ReadonlyMap<number, Scope> | undefined {
  const [id = "", generation = "1"] = segment.split("~");
  const record = stepIn(state, scope, id)?.record;
  return record?.generation === Number(generation) ? record.expansion?.scopes : undefined;
}

function memberNumber(segment: string | undefined): number {
  return segment !== undefined && /^\d+$/.test(segment) ? Number(segment) : Number.NaN;
}

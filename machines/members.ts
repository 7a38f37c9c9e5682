import { Fault } from "#events/fault.ts";
import { isFailing, NO_MEMBER, type Expansion, type OpenWindow, type Scope } from "#machines/scope.ts";
import { definitionAt, isLive, recordAt, type PlanState } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";

// The members of a step that is open: items of an `each`, iterations of a `repeat`, the one plan of a `call`. They open in
// windows, begin in order as far as `concurrency` allows, and leave memory when their window is closed.
//
// M1. What has to be decided about members is never searched for: `settling` has every open step that wants a decision.

/** Most windows of one step that are open at a time: one slow item holds up only what comes so much later. */
const MAX_OPEN_WINDOWS = 8;

/** Instead of an attempt: the plan's own answer has failed, and a person is asked. */
export const ASKED = -1;

/** Iterations that stay in memory for whoever looks; older ones are closed. */
const MAX_ITERATIONS_OPEN = 64;

/** Counts a member whose scope has settled. */
export function memberEnded(expansion: Expansion, scope: Scope): void {
  countEnded(expansion, scope, scope.failed > 0 ? "failed" : "succeeded");
}

/** Nobody waits for what members find out that have not ended: the question was answered otherwise. */
export function abandonMembers({ expansion }: StepRecord): void {
  for (const scope of expansion?.scopes.values() ?? []) {
    if (expansion !== undefined && scope.result === "open") countEnded(expansion, scope, "failed");
  }
}

function countEnded(expansion: Expansion, scope: Scope, result: "failed" | "succeeded"): void {
  scope.result = result;
  expansion.ended++;
  if (result === "failed") expansion.failed++;
  const window = expansion.windows.find(({ from, to }) => from <= memberOf(scope) && memberOf(scope) < to);
  if (window !== undefined) window.left--;
}

/** The next member that may begin, or go on, which has done so with this. */
export function nextMember(expansion: Expansion): Scope | undefined {
  const { begun, ended, opened, concurrency, scopes, barriers } = expansion;
  if (isFailing(expansion) || begun - expansion.held - ended >= concurrency) return undefined;
  const held = expansion.held === 0 ? undefined : [...scopes.values()].find(({ isHeld }) => isHeld);
  if (held !== undefined) {
    held.isHeld = false;
    expansion.held--;
    return held;
  }
  if (begun >= opened || (barriers.has(begun) && ended < begun)) return undefined;
  expansion.begun++;
  return scopes.get(begun) ?? scopes.get(NO_MEMBER);
}

/** Enters or removes an open step among those that want a decision. */
export function reviewMembers(state: PlanState, index: number): void {
  if (wantsDecision(state, index)) state.settling.add(index);
  else state.settling.delete(index);
}

/** The windows that can be closed now: from the first member to the one after the last. */
export function closableWindow(state: PlanState, index: number): Pick<OpenWindow, "from" | "to"> | undefined {
  const { windows, total } = expansionAt(state, index);
  const { kind } = definitionAt(state, index);
  const [first] = windows;
  if (first === undefined) return undefined;
  if (kind === "each") return total > first.to - first.from ? windows.find(({ left }) => left === 0) : undefined;
  const last = windows.at(-1);
  return last !== undefined && windows.length > MAX_ITERATIONS_OPEN ? { from: first.from, to: last.from } : undefined;
}

/** Whether another window of items should open: too few items of the open ones are left to begin. */
export function wantsWindow(state: PlanState, index: number): boolean {
  const { opened, begun, total, concurrency, windows } = expansionAt(state, index);
  if (definitionAt(state, index).kind !== "each" || opened >= total) return false;
  return opened - begun < concurrency && windows.length < MAX_OPEN_WINDOWS;
}

export function expansionAt(state: PlanState, index: number): Expansion {
  const { expansion } = recordAt(state, index);
  if (expansion !== undefined) return expansion;
  throw new Fault("event-refused", `step number ${index} of plan ${state.planId} has no members`);
}

function wantsDecision(state: PlanState, index: number): boolean {
  const { expansion, chart, scope, givenUpFor } = recordAt(state, index);
  if (chart.value === "unknown") return wantsAnswer(state, index);
  if (expansion === undefined || chart.value !== "open" || !isLive(state, scope)) return false;
  if (givenUpFor !== undefined) return expansion.busy === 0;
  if (isFailing(expansion)) return expansion.busy === 0;
  const isAtEnd = expansion.ended === expansion.opened;
  return isAtEnd || closableWindow(state, index) !== undefined || wantsWindow(state, index);
}

/** An unknown outcome that the plan itself can answer: nobody has begun to, or the answer is there. */
function wantsAnswer(state: PlanState, index: number): boolean {
  const { expansion, chart, scope, answering } = recordAt(state, index);
  const canBeAnswered = scope.block.inner[index - scope.base] !== undefined && chart.context.alternative < 0;
  if (!canBeAnswered || answering === ASKED || !isLive(state, scope)) return false;
  return answering !== chart.context.attempt || expansion === undefined || expansion.ended === expansion.opened;
}

/** The plan of a call is its member 0, although its path has no number. */
function memberOf({ member }: Scope): number {
  return Math.max(0, member);
}

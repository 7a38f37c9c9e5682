import { fact } from "#events/catalog.ts";
import type { EachStep, RepeatStep } from "#events/definition.ts";
import { errorOf, type ErrorInfo } from "#events/errors.ts";
import { Fault } from "#events/fault.ts";
import { inline, listOf, refsOf, valueOf, type Payload } from "#events/payload.ts";
import type { Advance, Surroundings } from "#machines/decide/decision.ts";
import { windowEnd } from "#machines/decide/windows.ts";
import { failureIn } from "#machines/decide/failures.ts";
import { errorsOf, outputOf, outputsOf } from "#machines/decide/member-outputs.ts";
import { undoLayers } from "#machines/decide/undo-calls.ts";
import { afterRefusal, attemptedAt } from "#machines/decide/next.ts";
import { facts } from "#machines/decide/starting.ts";
import { answerUnknown } from "#machines/decide/verify.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { Block } from "#machines/block.ts";
import { evaluateCondition, notAtHand, type Evaluated } from "#machines/evaluate.ts";
import { closableWindow, expansionAt, wantsWindow } from "#machines/members.ts";
import { outputsMisfit } from "#machines/returned.ts";
import { isFailing, type Scope } from "#machines/scope.ts";
import { definitionAt, pathAt, recordAt, type PlanState } from "#machines/state.ts";

// What follows for an open step when its members end: the next window or iteration, the close of a window, its own end.
// One call decides one of these; whatever else there is to decide is found again from `settling`.

interface Settling {
  readonly state: PlanState;
  readonly index: number;
  readonly path: string;
  readonly around: Surroundings;
}

/** One decision about a step of `settling`. */
export function settleMembers(state: PlanState, index: number, around: Surroundings): Advance {
  const { chart, givenUpFor } = recordAt(state, index);
  if (chart.value === "unknown") return answerUnknown(state, index, around);
  const settling = { state, index, path: pathAt(state, index), around };
  if (givenUpFor !== undefined) return facts(fact("StepCancelled", { step: settling.path, attempt: 0 }));
  const step = definitionAt(state, index);
  const expansion = expansionAt(state, index);
  if (isFailing(expansion)) return fail(settling, failureOf(settling));
  const closable = closableWindow(state, index);
  if (closable !== undefined) return close(settling, closable);
  if (step.kind === "repeat") return repeat(settling, step);
  return step.kind === "each" && expansion.ended < expansion.total ? openNext(settling, step) : succeed(settling);
}

function openNext({ state, index, path }: Settling, step: EachStep): Advance {
  const { opened, total } = expansionAt(state, index);
  if (!wantsWindow(state, index)) throw new Fault("nothing-to-settle", `${path} wants no decision about its members`);
  return facts(fact("StepExpanded", { step: path, from: opened, to: windowEnd(step, opened, total) }));
}

function close(settling: Settling, { from, to }: { readonly from: number; readonly to: number }): Advance {
  const { state, index, path } = settling;
  const scopes = membersOf(settling, from, to);
  const isEach = definitionAt(state, index).kind === "each";
  const outputs = isEach ? outputsOf(state, scopes, settling.around.blobs) : { kind: "value" as const, value: [] };
  if (outputs.kind === "needs-blobs") return outputs;
  if (outputs.kind === "error") return fail(settling, outputs.error);
  const undo = undoLayers(state, { scopes, isInTurn: !isEach }, settling.around.blobs);
  if (undo.kind === "needs-blobs") return undo;
  const errors = errorsOf(state, scopes);
  const said = errors === undefined ? {} : { errors };
  const kept = undo.value.length === 0 ? {} : { undo: undo.value.map((parts) => [...parts]) };
  return facts(fact("StepWindowClosed", { step: path, from, to, outputs: [...outputs.value], ...said, ...kept }));
}

function succeed(settling: Settling): Advance {
  const { state, index, path, around } = settling;
  const { kind } = definitionAt(state, index);
  const { windows, closed, scopes } = expansionAt(state, index);
  const members = windows.flatMap(({ from, to }) => membersOf(settling, from, to));
  if (kind !== "each") return succeedAs(settling, [...scopes.values()].at(-1));
  const own = outputsOf(state, members, around.blobs);
  if (own.kind === "needs-blobs") return own;
  if (own.kind === "error") return fail(settling, own.error);
  const earlier = [...closed].sort((a, b) => a.from - b.from);
  const output = listOf([...earlier.flatMap(({ outputs }) => outputs), ...own.value]);
  const errors = [...earlier.map((window) => window.errors), errorsOf(state, members)].filter((it) => it !== undefined);
  const said = errors.length === 0 ? {} : { errors: listOf(errors) };
  return facts(fact("StepSucceeded", { step: path, attempt: 0, output, ...said }));
}

/** Gives what its only, or last, member gave. */
function succeedAs(settling: Settling, member: Scope | undefined): Advance {
  const given = lastOutput(settling.state, member, settling.around.blobs);
  if (given.kind === "needs-blobs") return given;
  if (given.kind === "error") return fail(settling, given.error);
  const misfit = misfitOf(given.value, member?.block.returns, settling.around.blobs);
  if (misfit?.kind === "needs-blobs") return misfit;
  if (misfit !== undefined) return fail(settling, misfit.error);
  return facts(fact("StepSucceeded", { step: settling.path, attempt: 0, output: given.value }));
}

/** Of a called plan that says what it returns. */
function misfitOf(
  output: Payload,
  returns: Block["returns"],
  blobs: Blobs,
): Exclude<Evaluated, { kind: "value" }> | undefined {
  if (returns === undefined) return undefined;
  const value = valueOf(output, blobs);
  if (value === undefined) return notAtHand(refsOf(output), blobs);
  const error = outputsMisfit(returns, value);
  return error === undefined ? undefined : { kind: "error", error };
}

function lastOutput(state: PlanState, member: Scope | undefined, blobs: Blobs): Evaluated<Payload> {
  return member === undefined ? { kind: "value", value: inline(null) } : outputOf(state, member, blobs);
}

function repeat(settling: Settling, step: RepeatStep): Advance {
  const { state, index, path, around } = settling;
  const { scopes, ended } = expansionAt(state, index);
  const { scope } = recordAt(state, index);
  const given = lastOutput(state, [...scopes.values()].at(-1), around.blobs);
  if (given.kind === "needs-blobs") return given;
  if (given.kind === "error") return fail(settling, given.error);
  const output = given.value;
  const value = valueOf(output, around.blobs);
  if (value === undefined) {
    const asked = notAtHand(refsOf(output), around.blobs);
    return asked.kind === "error" ? fail(settling, asked.error) : asked;
  }
  const source = { scope, key: `${step.id}/until`, source: step.until, variables: { output: value, index: ended - 1 } };
  const isDone = evaluateCondition(state, source, around.blobs);
  if (isDone.kind === "needs-blobs") return isDone;
  if (isDone.kind === "error") return fail(settling, isDone.error);
  if (isDone.value) return facts(fact("StepSucceeded", { step: path, attempt: 0, output }));
  if (ended < step.max) {
    return facts(fact("StepExpanded", { step: path, from: ended, to: ended + 1, previous: output }));
  }
  const message = `after ${ended} iterations the condition still does not hold`;
  return fail(settling, errorOf("resource-exhausted", "repeat-exhausted", message));
}

function failureOf({ state, index }: Settling): ErrorInfo {
  const { scopes, failed, total, tolerated } = expansionAt(state, index);
  const first = [...scopes.values()].find(({ result }) => result === "failed");
  const error = first === undefined ? errorOf("unknown", "steps-failed", "") : failureIn(state, first);
  if (definitionAt(state, index).kind !== "each") return error;
  const message = `${failed} of ${total} items failed, ${tolerated} may: ${error.message}`;
  return errorOf(error.category, "items-failed", message);
}

/** An open step is not tried again as a whole: its fallbacks follow, or the end. */
function fail({ state, index, path }: Settling, error: ErrorInfo): Advance {
  const next = afterRefusal(attemptedAt(state, index), error);
  return facts(fact("StepFailed", { step: path, attempt: 0, error, next }));
}

function membersOf({ state, index }: Settling, from: number, to: number): Scope[] {
  const { scopes } = expansionAt(state, index);
  const found: Scope[] = [];
  for (let member = from; member < to; member++) {
    const scope = scopes.get(member);
    if (scope !== undefined) found.push(scope);
  }
  return found;
}

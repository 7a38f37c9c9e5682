import type { PlanEnding } from "#machines/response/plan-ending.ts";
import { reasonText } from "#machines/response/plan-ending.ts";
import type { Piece } from "#machines/response/told-text.ts";

// What is said of a plan that ended without success where the plan has no words of its own for that: how much is done, what failed and
// why, what has not run, what comes next. A sentence each, every one with the steps that it is about.

/** Steps that failed and have a sentence of their own. */
const MAX_FAILED_SAID = 5;
/** Names of steps in one sentence. */
const MAX_NAMES_SAID = 5;

export function defaultSentences(ending: PlanEnding): readonly Piece[] {
  const { failed, left, next, how } = ending;
  const more = failed.slice(MAX_FAILED_SAID).map(({ step }) => step);
  return [
    progress(ending),
    ...failed.slice(0, MAX_FAILED_SAID).map(({ step, reason }) => ({
      text: ended(`${step} failed because: ${reason}`),
      steps: [step],
    })),
    ...(more.length === 0 ? [] : [{ text: `${named(more)} failed as well.`, steps: more }]),
    ...planError(ending),
    ...(left.length === 0 || how === "rolled-back" ? [] : [{ text: `Not done: ${named(left)}.`, steps: left }]),
    { text: ended(`Next: ${next}`), steps: failed.map(({ step }) => step) },
  ];
}

function progress({ how, done, total, left }: PlanEnding): Piece {
  if (how === "rolled-back") {
    const kept = done.length === 0 ? "" : ` ${counted(done.length, total)} still done.`;
    return { text: `What had been done was taken back.${kept}`, steps: [...done, ...left] };
  }
  const said = `${counted(done.length, total)} done`;
  return { text: how === "cancelled" ? `Stopped: ${said}.` : `${said}.`, steps: done };
}

function counted(done: number, total: number): string {
  return `${done} of ${total} ${total === 1 ? "step" : "steps"}`;
}

/** Of a plan that failed by itself: its time was over, or what it was to give has no value. */
function planError({ error, failed }: PlanEnding): readonly Piece[] {
  if (error === undefined || failed.length > 0) return [];
  return [{ text: ended(`The plan failed because: ${reasonText(error.message)}`), steps: [] }];
}

function named(ids: readonly string[]): string {
  const some = ids.slice(0, MAX_NAMES_SAID).join(", ");
  const more = ids.length - MAX_NAMES_SAID;
  return more > 0 ? `${some} and ${more} more` : some;
}

function ended(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}

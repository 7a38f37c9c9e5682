import type { StepDefinition } from "#events/definition.ts";
import { errorOf, type ErrorCategory, type ErrorInfo } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import type { EndingVariable } from "#machines/response/answer-forms.ts";
import { NEXT_BY_CATEGORY } from "#machines/response/next-advice.ts";
import { draftedOf, type PlanView } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { stepsOfPart } from "#machines/undoing.ts";

// How far a plan has come that ends without success: what a response about it is made of.
//
// N1. It counts the plan's own steps; one that was skipped was not to be done, nor is a step that has planned the others.
// N2. Whatever the size of the plan and of its errors, what is named is bounded.

export interface PlanEnding {
  readonly how: "failed" | "cancelled" | "rolled-back";
  /** What made the plan fail; undefined where somebody ended it. */
  readonly error: ErrorInfo | undefined;
  readonly done: readonly string[];
  readonly total: number;
  readonly failed: readonly FailedStep[];
  readonly left: readonly string[];
  /** What to do now, in words. */
  readonly next: string;
}

type FailedStep = Readonly<Record<"step" | "code" | "reason", string>> & { readonly category: ErrorCategory };

interface Ended {
  readonly how: PlanEnding["how"];
  readonly error?: ErrorInfo | undefined;
}

/** Steps in a list that a template reads. */
const MAX_LISTED = 100;
/** Of a reason, as it is said. */
const MAX_REASON_CHARS = 200;

export function planEnding(state: PlanView, { how, error }: Ended): PlanEnding {
  const { steps } = draftedOf(state).block;
  // A plan that was revised has its steps in a scope of their own.
  const base = state.root?.base ?? 0;
  const takenBack = how === "rolled-back" ? lastTakenBack(state) : NONE;
  const fates = steps.map((step, index) =>
    fateOf(step, { record: state.steps[base + index], isBack: takenBack.has(index) }),
  );
  const idsOf = (fate: Fate): readonly string[] => steps.flatMap(({ id }, at) => (fates[at] === fate ? [id] : []));
  const failed = steps.flatMap(({ id }, at) =>
    fates[at] === "failed" ? [failedStep(id, state.steps[base + at])] : [],
  );
  const category = failed[0]?.category ?? error?.category ?? "cancelled";
  return {
    how,
    error,
    done: idsOf("done"),
    total: fates.filter((fate) => fate !== "none").length,
    failed: failed.slice(0, MAX_LISTED),
    left: idsOf("left"),
    next: NEXT_BY_CATEGORY[category],
  };
}

/** N1: `none` of what was not to be done. */
type Fate = "done" | "failed" | "left" | "none";

interface Outcome {
  readonly record: Readonly<StepRecord> | undefined;
  /** It was taken back. */
  readonly isBack: boolean;
}

function fateOf(step: StepDefinition, { record, isBack }: Outcome): Fate {
  const value = record?.chart.value;
  if (value === "skipped" || (value === "succeeded" && isPlanning(step))) return "none";
  if (value === "failed") return "failed";
  return value === "succeeded" && !isBack ? "done" : "left";
}

const NOTHING_SAID = errorOf("unknown", "steps-failed", "");

function failedStep(step: string, record: Readonly<StepRecord> | undefined): FailedStep {
  const { category, code, message } = record?.error ?? NOTHING_SAID;
  return { step, category, code, reason: reasonText(message) };
}

/** As templates read it. */
export function endingVariables({ done, total, failed, left, next }: PlanEnding): Record<EndingVariable, Json> {
  return { done: done.length, total, failed, left: left.slice(0, MAX_LISTED), next };
}

/** The steps that a sentence stands on which reads such a variable. */
export function stepsOfVariable(ending: PlanEnding, name: string): readonly string[] {
  const failed = ending.failed.map(({ step }) => step);
  if (name === "done") return ending.done;
  if (name === "total") return [...ending.done, ...failed, ...ending.left];
  if (name === "left") return ending.left;
  return name === "failed" || name === "next" ? failed : [];
}

/** In one line, without a full stop, bounded. */
export function reasonText(message: string): string {
  const line = message
    .slice(0, 2 * MAX_REASON_CHARS)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .replace(/[.;,\s]+$/u, "");
  const whole = line === "" ? "nothing is known about it" : line;
  return whole.length <= MAX_REASON_CHARS ? whole : `${wholeCharacters(whole.slice(0, MAX_REASON_CHARS))}…`;
}

/** Without the first half of a character that was cut in two. */
function wholeCharacters(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}

/** The part of the plan that its last rollback has taken back. */
function lastTakenBack(state: PlanView): ReadonlySet<number> {
  const { from, to } = state.rollbacks.at(-1) ?? {};
  return stepsOfPart(draftedOf(state), { from, to });
}

const NONE: ReadonlySet<number> = new Set();

/** It has written the plan, and is no part of what was asked for. */
function isPlanning(step: StepDefinition): boolean {
  return step.kind === "tool" && step.revises === true;
}

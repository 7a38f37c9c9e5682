import type { AttemptRecord } from "#machines/step-record.ts";
import { endOf, isOver, type OwnStep } from "./own-steps.ts";
import type { Slip, SlipCause } from "./report.ts";
import type { Schedules } from "./schedules.ts";

// Why something ends later, or earlier, than planned: its time from when it could begin to its end, cut into attempts and what lies between
// them, each piece against what was planned of it.
//
// V1. The pieces are the whole time, without gaps and overlaps, so that the causes add up to the slip.
// V2. What it waited for before it could begin is put down to the need that came last; what only passed that on (a step of the plan
//     between a person and it) is looked through.

export interface SlipContext {
  readonly steps: readonly OwnStep[];
  readonly schedules: Schedules;
  readonly startedAt: number;
  readonly now: number;
  /** The change that a step belongs to. */
  readonly changeOf: ReadonlyMap<number, string>;
  /** Steps that will not run any more. */
  readonly lost: ReadonlySet<number>;
}

/** Of some own steps in the order in which they run; undefined for one that will not end. */
export function slipOf(of: readonly OwnStep[], context: SlipContext): Slip | undefined {
  const [first] = of;
  const ran = of.filter((step) => isPlaced(step, context));
  const last = ran.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { planned } = context.schedules;
  const plannedReady = readyBy(first, planned.end) + context.startedAt;
  const plannedEnd = context.startedAt + Math.max(...ran.map(({ local }) => planned.end[local] ?? 0));
  const ready = readyAt(first, context);
  const causes = new Causes();
  causes.add({ ...needCause(first, context), ms: ready - plannedReady });
  const { worked, end } = pieces(ran, context, { causes, ready });
  // What was planned for waiting in line is planned for work here: together they are the planned time.
  const workMs = worked - (plannedEnd - plannedReady);
  causes.add({
    kind: "work",
    ms: workMs,
    text: workMs >= 0 ? "took longer than estimated" : "took less than estimated",
  });
  return { ms: end - plannedEnd, isProjected: endOf(last) === undefined, causes: causes.list() };
}

/** When it ended, or will at the earliest. */
export function endAt(step: OwnStep, { schedules, now }: Pick<SlipContext, "schedules" | "now">): number {
  return endOf(step) ?? now + (schedules.left.end[step.local] ?? 0);
}

/** Ids of the chain of steps that decides when the plan ends, or will: from the one that ends last back over the needs that came last. */
export function criticalSteps(context: SlipContext): ReadonlySet<string> {
  const { steps, lost } = context;
  const placed = steps.filter(({ local }) => !lost.has(local));
  const found = new Set<string>();
  let at = placed.reduce<OwnStep | undefined>(
    (last, step) => (last === undefined || endAt(step, context) > endAt(last, context) ? step : last),
    undefined,
  );
  while (at !== undefined && !found.has(at.definition.id)) {
    found.add(at.definition.id);
    at = lastNeed(at, context);
  }
  return found;
}

/** It ran, runs, or will. */
function isPlaced(step: OwnStep, { lost }: SlipContext): boolean {
  const { record, local } = step;
  if (record === undefined || lost.has(local)) return false;
  const { value } = record.chart;
  if (value === "skipped") return false;
  if (endOf(step) !== undefined) return record.attempts.length > 0 || value === "succeeded" || value === "failed";
  return true;
}

function readyBy({ needs }: OwnStep, ends: Float64Array): number {
  return needs.reduce((latest, need) => Math.max(latest, ends[need] ?? 0), 0);
}

function readyAt(step: OwnStep, context: SlipContext): number {
  const { record } = step;
  const began = attemptsOf(step)[0]?.startedAt;
  const ready = record?.readyAt ?? 0;
  if (ready > 0) return began === undefined ? ready : Math.min(ready, began);
  return began ?? Math.max(context.now, ...step.needs.flatMap((need) => endOfNeed(need, context)));
}

/** Those since it last began anew: what was taken back is another story. */
function attemptsOf({ record }: OwnStep): readonly AttemptRecord[] {
  const { attempts = [], generation = 1, readyAt: ready = 0 } = record ?? {};
  return generation === 1 ? attempts : attempts.filter(({ startedAt }) => ready > 0 && startedAt >= ready);
}

function endOfNeed(need: number, context: SlipContext): number[] {
  const step = context.steps[need];
  return step === undefined ? [] : [endAt(step, context)];
}

interface Cutting {
  readonly causes: Causes;
  readonly ready: number;
}

/** Adds what is no work to the causes, and gives the time that was, and the end of the last piece. */
function pieces(ran: readonly OwnStep[], context: SlipContext, { causes, ready }: Cutting) {
  let cursor = ready;
  let worked = 0;
  const until = (to: number, cause: Omit<SlipCause, "ms">): void => {
    if (to <= cursor) return;
    causes.add({ ...cause, ms: to - cursor });
    cursor = to;
  };
  for (const step of ran) {
    const { id } = step.definition;
    const own = readyAt(step, context);
    if (step !== ran[0]) until(own, needCause(step, context));
    const attempts = attemptsOf(step);
    attempts.forEach((attempt, index) => {
      const before = attempts[index - 1];
      until(attempt.startedAt, before === undefined ? slotCause(step) : retryCause(step, before));
      // What was planned of a step is planned of its last attempt, also where that was in vain.
      const isWork = index === attempts.length - 1 && (isOver(step) || attempt.result === "succeeded");
      if (attempt.endedAt > 0 && !isWork) {
        until(attempt.endedAt, attemptCause(id, attempt));
      } else {
        const to = attempt.endedAt > 0 ? attempt.endedAt : endAt(step, context);
        worked += Math.max(0, to - cursor);
        cursor = Math.max(cursor, to);
      }
    });
    const end = endAt(step, context);
    if (attempts.length === 0 || endOf(step) === undefined) {
      const start = endOf(step) === undefined && attempts.length === 0 ? startLeft(step, context) : own;
      until(start, slotCause(step));
      worked += Math.max(0, end - cursor);
      cursor = Math.max(cursor, end);
    } else until(end, { kind: "unknown", text: `how ${id} ended was found out later`, step: id });
  }
  return { worked, end: cursor };
}

function startLeft({ local }: OwnStep, { schedules, now }: SlipContext): number {
  return now + (schedules.left.start[local] ?? 0);
}

function slotCause({ definition, record }: OwnStep): Omit<SlipCause, "ms"> {
  const { id } = definition;
  if (record !== undefined && record.approved.length > 0)
    return { kind: "approval", text: `${id} asked once more before it began`, step: id };
  return { kind: "slot", text: `waited for a free slot (${id})`, step: id };
}

function retryCause({ definition: { id } }: OwnStep, { attempt }: AttemptRecord): Omit<SlipCause, "ms"> {
  return { kind: "retry", text: `waited after attempt ${attempt} of ${id}`, step: id };
}

function attemptCause(id: string, { attempt, result, error }: AttemptRecord): Omit<SlipCause, "ms"> {
  const why = error === undefined ? "" : `: ${error.code}: ${error.message}`;
  return { kind: "attempt", text: `attempt ${attempt} of ${id} ${RESULTS[result]}${why}`, step: id };
}

const RESULTS: Readonly<Record<AttemptRecord["result"], string>> = {
  running: "runs",
  succeeded: "succeeded",
  failed: "failed",
  "timed-out": "timed out",
  lost: "was lost with its executor",
  cancelled: "was stopped",
};

const MAX_LOOKED_THROUGH = 100;

/** V2. */
function needCause(step: OwnStep, context: SlipContext): Omit<SlipCause, "ms"> {
  let at = lastNeed(step, context);
  for (let looked = 0; at !== undefined && looked < MAX_LOOKED_THROUGH; looked += 1) {
    const change = context.changeOf.get(at.local);
    const { id, kind } = at.definition;
    if (change !== undefined) return { kind: "dependency", text: `waited for ${change}`, step: id };
    if (kind === "approve") return { kind: "approval", text: `waited for approval${byRole(at)} (${id})`, step: id };
    if (kind === "signal") return { kind: "signal", text: `waited for the signal ${signalOf(at)} (${id})`, step: id };
    if (kind === "wait") return { kind: "timer", text: `waited for a time (${id})`, step: id };
    const before = lastNeed(at, context);
    if (before === undefined) return { kind: "dependency", text: `waited for ${id}`, step: id };
    at = before;
  }
  return { kind: "dependency", text: "waited until the plan came to it" };
}

function lastNeed({ needs }: OwnStep, context: SlipContext): OwnStep | undefined {
  let last: OwnStep | undefined;
  for (const need of needs) {
    const step = context.steps[need];
    if (step !== undefined && (last === undefined || endAt(step, context) > endAt(last, context))) last = step;
  }
  return last;
}

function byRole({ definition }: OwnStep): string {
  return definition.kind === "approve" && definition.role !== undefined ? ` by ${definition.role}` : "";
}

function signalOf({ definition }: OwnStep): string {
  return definition.kind === "signal" ? definition.signal : "";
}

/** Equal causes are one; what is nothing is none. */
class Causes {
  readonly #causes = new Map<string, SlipCause>();

  add(cause: SlipCause): void {
    if (cause.ms === 0) return;
    const key = `${cause.kind} ${cause.text}`;
    const known = this.#causes.get(key);
    this.#causes.set(key, { ...cause, ms: cause.ms + (known?.ms ?? 0) });
  }

  /** The greatest first. */
  list(): readonly SlipCause[] {
    return [...this.#causes.values()].toSorted((a, b) => Math.abs(b.ms) - Math.abs(a.ms));
  }
}

// What the indexes of a state must say, whatever has happened: what its records say, read a second time and by other words
// than those of the fold, and what a snapshot would rebuild.
import { expect } from "vitest";
import type { Json } from "#events/json.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import type { Scope } from "#machines/scope.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { definitionAt, pathAt, recordAt, type PlanState } from "#machines/state.ts";
import type { StepRecord } from "#machines/step-record.ts";
import { PLAN } from "./plans.ts";

export function throughSnapshot(state: PlanState): PlanState {
  return decodeState(PLAN, JSON.parse(JSON.stringify(encodeState(state))) as Json, NO_BLOBS);
}

export function indexesOf(state: PlanState) {
  const { ready, skippable, running, unknown, settling, asking, outdated, races, timers, bounds, retries, signals } =
    state;
  const sets = { ready, skippable, running, unknown, settling, asking, outdated, races };
  const named = (members: Iterable<number>) => [...members].map((index) => pathAt(state, index)).sort();
  return {
    in: { ...state.in },
    sets: Object.entries(sets).map(([name, members]) => ({ name, members: named(members) })),
    scopes: scopesOf(state),
    isAwaited: signals.isAwaited,
    kept: signals.list(),
    timer: timers.peek()?.dueAt,
    bound: bounds.peek()?.dueAt,
    retry: retries.peek()?.dueAt,
  };
}

/** What every open scope has counted of itself. */
function scopesOf(state: PlanState) {
  const scopes = new Set(state.steps.flatMap((record) => (record === undefined ? [] : [record.scope])));
  const counts = [...scopes].map(({ path, block, busy, startable, failed, result }) => ({
    path: block.isUndo && path === "" ? "undo:" : path,
    busy,
    startable,
    failed,
    result,
  }));
  return counts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function checkIndexes(state: PlanState): void {
  const values = state.steps.map((record) => record?.chart.value ?? "closed");
  expect(state.held).toBe(values.filter((value) => value !== "closed").length);
  // Members whose window was closed are counted still.
  const isAllHere = state.steps.every((record) => (record?.expansion?.closed.length ?? 0) === 0);
  for (const [name, count] of Object.entries(state.in)) {
    const here = values.filter((each) => each === name).length;
    if (isAllHere) expect(here, name).toBe(count);
    else expect(here, name).toBeLessThanOrEqual(count);
  }
  for (const { attempts } of state.steps.filter((record) => record !== undefined))
    expect(attempts.map(({ attempt }) => attempt)).toEqual([...attempts.keys()].map((n) => n + 1));
  expect(foundIn(state)).toEqual(wantedIn(state));
}

const REPORT_GRACE_MS = 5_000;
const BOUNDED: ReadonlySet<string> = new Set(["pending", "running", "between", "waiting", "open"]);

/** What deciding would find in the indexes. */
function foundIn(state: PlanState) {
  const { ready, skippable, running, unknown, asking, outdated, races, timers, bounds, retries, signals } = state;
  return {
    ready: sorted(ready),
    skippable: sorted(skippable),
    running: sorted(running),
    unknown: sorted(unknown),
    asking: sorted(asking),
    outdated: sorted(outdated),
    races: sorted(races),
    isAwaited: signals.isAwaited,
    timer: timers.peek()?.dueAt,
    bound: bounds.peek()?.dueAt,
    retry: retries.peek()?.dueAt,
  };
}

/** The same, found by going over all records. */
function wantedIn(state: PlanState): ReturnType<typeof foundIn> {
  const all = state.steps.flatMap((record, index) => (record === undefined ? [] : [stepOf(state, index)]));
  const where = (holds: (step: (typeof all)[number]) => boolean) => all.filter(holds).map(({ index }) => index);
  const earliest = (times: readonly number[]) => (times.length === 0 ? undefined : Math.min(...times));
  const goesOn = state.header.hasTag("dispatching") || state.header.hasTag("paused");
  const waits = all.filter(({ value, dueAt, isAlive }) => value === "waiting" && dueAt > 0 && isAlive && goesOn);
  const deadlines = all.filter(
    ({ value, deadlineAt, isAlive }) =>
      deadlineAt !== undefined && BOUNDED.has(value) && (value === "running" || (isAlive && goesOn)),
  );
  const tries = all.filter(({ value, dueAt, isAlive }) => value === "between" && dueAt > 0 && isAlive && goesOn);
  const isNext = ({ value, dueAt }: (typeof all)[number]) => value === "between" && dueAt === 0;
  return {
    ready: where((step) => step.isAlive && ((step.value === "pending" && step.isMet) || isNext(step))),
    skippable: where(({ value, isAlive, isCondemned }) => value === "pending" && isAlive && isCondemned),
    running: where(({ value }) => value === "running"),
    unknown: where(({ value }) => value === "unknown"),
    asking: where(
      ({ value, isAlive, record }) => value === "waiting" && isAlive && record.wait?.approval !== undefined,
    ),
    outdated: where(({ value, isAlive, record }) => value === "waiting" && isAlive && record.wait?.isOutdated === true),
    races: where(({ isRace, isAlive, record }) => isRace && isAlive && record.readyAt > 0 && record.endedAt === 0),
    isAwaited: all.some(
      ({ value, isAlive, record }) => value === "waiting" && isAlive && record.wait?.signal !== undefined,
    ),
    timer: earliest([...waits.map(({ dueAt }) => dueAt), ...deadlines.map(({ deadlineAt }) => deadlineAt ?? 0)]),
    bound: earliest(all.flatMap(({ value, boundAt }) => (value === "running" ? [boundAt] : []))),
    retry: earliest(tries.map(({ dueAt }) => dueAt)),
  };
}

/** A step by its record, and by the states of those that it needs. */
function stepOf(state: PlanState, index: number) {
  const record = recordAt(state, index);
  const { join, deadlineMs } = definitionAt(state, index);
  const { scope, chart } = record;
  const needs = (scope.block.graph.needs[index - scope.base] ?? []).map(
    (need) => recordAt(state, scope.base + need).chart.value,
  );
  const wanted = join === "all" ? needs.length : Math.min(needs.length, join === "any" ? 1 : join.first);
  const succeeded = needs.filter((need) => need === "succeeded").length;
  const skipped = needs.filter((need) => need === "skipped").length;
  const { dueAt, dispatchedAt, timeoutMs } = chart.context;
  return {
    index,
    record,
    value: chart.value,
    dueAt,
    isRace: typeof join === "object",
    isMet: succeeded >= wanted && hasBegun(state, scope),
    isCondemned: succeeded < wanted && needs.length - skipped < wanted,
    isAlive: isAlive(state, scope),
    boundAt: dispatchedAt + timeoutMs + REPORT_GRACE_MS,
    deadlineAt: deadlineMs === undefined || record.readyAt === 0 ? undefined : record.readyAt + deadlineMs,
  };
}

function hasBegun(state: PlanState, { parent, member }: Scope): boolean {
  if (parent < 0) return state.header.context.startedAt > 0;
  return Math.max(0, member) < (recordAt(state, parent).expansion?.begun ?? 0);
}

/** Whether anything in a scope may still start: it has not ended, nothing stops it, and the same is so around it. */
function isAlive(state: PlanState, scope: Scope): boolean {
  const isRollback = state.header.value === "rolling-back";
  if (isRollback !== scope.block.isUndo || scope.result !== "open") return false;
  for (let at = scope; ; at = recordAt(state, at.parent).scope) {
    if (at.isHeld || isStopped(state, at)) return false;
    if (at.parent < 0) return true;
    if (!opensMore(recordAt(state, at.parent))) return false;
  }
}

function isStopped(state: PlanState, { base, block }: Scope): boolean {
  const steps = state.steps.slice(base, base + block.steps.length);
  return block.onFailure === "stop" && steps.some((record) => record?.chart.value === "failed");
}

/** A step that is open, or looks for an answer, and of whose members no more have failed than may. */
function opensMore({ chart, givenUpFor, expansion }: Readonly<StepRecord>): boolean {
  if (givenUpFor !== undefined || expansion === undefined) return false;
  return (chart.value === "open" || chart.value === "unknown") && expansion.failed <= expansion.tolerated;
}

function sorted(members: Iterable<number>): number[] {
  return [...members].sort((a, b) => a - b);
}

// What the indexes of a state must say, whatever has happened: what its records say, and what a snapshot would rebuild.
import { expect } from "vitest";
import type { Json } from "#events/json.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { pathAt, type PlanState } from "#machines/state.ts";
import { PLAN } from "./plans.ts";

export function throughSnapshot(state: PlanState): PlanState {
  return decodeState(PLAN, JSON.parse(JSON.stringify(encodeState(state))) as Json, NO_BLOBS);
}

export function indexesOf(state: PlanState) {
  const { ready, skippable, running, unknown, settling, asking, races, timers, bounds, retries, signals } = state;
  const sets = { ready, skippable, running, unknown, settling, asking, races };
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
  const inState = (...names: string[]) => values.flatMap((each, index) => (names.includes(each) ? [index] : []));
  const sorted = (members: Iterable<number>) => [...members].sort((a, b) => a - b);
  expect(sorted(state.running)).toEqual(inState("running"));
  expect(sorted(state.unknown)).toEqual(inState("unknown"));
  for (const index of state.ready) expect(["pending", "between"]).toContain(values[index]);
  for (const index of state.skippable) expect(values[index]).toBe("pending");
  for (const { attempts } of state.steps.filter((record) => record !== undefined))
    expect(attempts.map(({ attempt }) => attempt)).toEqual([...attempts.keys()].map((n) => n + 1));
}

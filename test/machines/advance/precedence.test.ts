// Of several things that could be next, which one is.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { advance, nextDueAt, slotPriority } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import type { PlanState } from "#machines/state.ts";
import { after, further } from "../folded.ts";
import {
  cancelRequested,
  dispatched,
  failed,
  GIVEN_AT,
  NOW,
  planOf,
  started,
  succeeded,
  THRICE,
  timedOut,
  tool,
  value,
  wait,
  WORKER,
} from "../plans.ts";

const retryAt = (dueAt: number) => ({ kind: "retry" as const, dueAt, delayMs: 100 });

/** What follows at a time, where executors take calls of these tools only; and how often one was asked for. */
function asking(
  state: PlanState,
  { at = NOW, takes = ["test.tool"] }: { at?: number; takes?: readonly string[] } = {},
) {
  let asked = 0;
  const executorFor = (name: string) => {
    asked++;
    return takes.includes(name) ? WORKER : undefined;
  };
  const moment = { now: at, epoch: 1, random: () => 0.5 };
  const next = advance(state, { moment, blobs: NO_BLOBS, slots: { executorFor } });
  const facts = next.kind === "facts" ? next.facts : [];
  if (next.kind !== "facts") expect(next).toEqual({ kind: "idle" });
  return { asked, next: facts.map(({ type, data }) => `${type} ${"step" in data ? data.step : ""}`.trim()) };
}

describe("a retry whose time has come", () => {
  /** `r` was tried once; `more` is ready. */
  const retrying = (priority: number, ...more: Parameters<typeof planOf>[0]) =>
    after(
      started(planOf([tool("r", { retry: THRICE, priority }), ...more])),
      dispatched("r"),
      failed("r", { next: retryAt(NOW) }),
    );

  it("goes before ready steps of its own priority and of lower ones, and behind those of a higher one", () => {
    expect(asking(retrying(0, tool("b"))).next).toEqual(["StepDispatched r"]);
    expect(asking(retrying(1, tool("b"))).next).toEqual(["StepDispatched r"]);
    expect(asking(retrying(0, tool("b", { priority: 1 }))).next).toEqual(["StepDispatched b"]);
  });

  it("goes nevertheless where the steps of a higher priority have no slot", () => {
    const other = tool("b", { priority: 1 }, { tool: "test.full" });
    expect(asking(retrying(0, other)).next).toEqual(["StepDispatched r"]);
    expect(asking(retrying(0, other), { takes: [] }).next).toEqual([]);
    expect(asking(retrying(0, other), { takes: ["test.full"] }).next).toEqual(["StepDispatched b"]);
  });

  it("does not wait behind a retry of another pool that has no slot", () => {
    const plan = planOf([
      tool("full", { retry: THRICE, priority: 1, pool: "gpu" }, { tool: "test.full" }),
      tool("free", { retry: THRICE }),
    ]);
    const next = { next: retryAt(NOW) };
    const both = [dispatched("full"), dispatched("free"), failed("full", next), failed("free", next)];
    expect(asking(after(started(plan), ...both)).next).toEqual(["StepDispatched free"]);
  });

  it("waits for a slot and no longer for the clock", () => {
    expect(nextDueAt(retrying(0), NOW - 1)).toBe(NOW);
    expect(nextDueAt(retrying(0), NOW)).toBeUndefined();
    expect(nextDueAt(retrying(0), NOW + 1)).toBeUndefined();
  });
});

describe("ready steps without a slot", () => {
  it("are asked for up to a bound, of each pool", () => {
    const lane = (pool: string) => Array.from({ length: 40 }, (_, index) => tool(`${pool}${index}`, { pool }));
    const { asked, next } = asking(after(started(planOf([...lane("x"), ...lane("y")]))), { takes: [] });
    expect({ asked, next }).toEqual({ asked: 64, next: [] });
  });

  it("do not hold up one behind them that needs none", () => {
    const behind = (steps: number) =>
      after(started(planOf([...Array.from({ length: steps }, (_, index) => tool(`s${index}`)), value("v", 1)])));
    expect(asking(behind(31), { takes: [] }).next).toEqual(["StepSucceeded v"]);
    expect(asking(behind(32), { takes: [] }).next).toEqual([]);
  });
});

describe("two bounds of time", () => {
  const GRACE_MS = 5_000;
  const plan = started(planOf([tool("a", {}, { timeoutMs: 100 }), tool("d", { deadlineMs: GRACE_MS + 100 })]));
  const over = GIVEN_AT + GRACE_MS + 100;

  it("are kept in the order of their times, and the attempt's goes first at the same moment", () => {
    const state = after(plan, dispatched("a", { timeoutMs: 100 }));
    expect(nextDueAt(state, NOW)).toBe(over);
    expect(asking(state, { at: over }).next).toEqual(["StepTimedOut a"]);
    const shorter = after(plan, dispatched("a", { timeoutMs: 50 }));
    expect(nextDueAt(shorter, NOW)).toBe(over - 50);
    const longer = after(plan, dispatched("a", { timeoutMs: 150 }));
    expect([nextDueAt(longer, NOW), asking(longer, { at: over }).next]).toEqual([over, ["StepTimedOut d"]]);
  });

  it("end what they bound by the policy of silence: an attempt's by a retry, a deadline for good", () => {
    const patient = started(planOf([tool("a", { retry: THRICE, deadlineMs: 200_000 }, { timeoutMs: 100 })]));
    const state = after(patient, dispatched("a", { timeoutMs: 100 }));
    const moment = { now: over, epoch: 1, random: () => 0.5 };
    const around = { moment, blobs: NO_BLOBS, slots: { executorFor: () => undefined } };
    expect(advance(state, around)).toEqual({ kind: "facts", facts: [timedOut("a", { next: retryAt(over + 100) })] });
  });
});

describe("a skipped step", () => {
  it("names the need that was skipped, and not the first one", () => {
    const plan = planOf([value("a", 1), value("b", 1), value("c", 1, { needs: ["a", "b"] })]);
    const skipped = fact("StepSkipped", { step: "b", reason: { kind: "when" } });
    const state = after(started(plan), succeeded("a", { attempt: 0 }), skipped);
    const moment = { now: NOW, epoch: 1, random: () => 0.5 };
    expect(advance(state, { moment, blobs: NO_BLOBS, slots: { executorFor: () => undefined } })).toEqual({
      kind: "facts",
      facts: [fact("StepSkipped", { step: "c", reason: { kind: "need", step: "b" } })],
    });
  });

  it("is not skipped any more once the plan is being cancelled", () => {
    const plan = planOf([value("a", 1), tool("b"), value("c", 1, { needs: ["a"] })]);
    const skipped = fact("StepSkipped", { step: "a", reason: { kind: "when" } });
    expect(asking(after(started(plan), dispatched("b"), skipped)).next).toEqual(["StepSkipped c"]);
    expect(asking(after(started(plan), dispatched("b"), skipped, cancelRequested())).next).toEqual([]);
  });
});

describe("a paused plan", () => {
  const paused = (pauseStopsClock: boolean) =>
    after(
      started(planOf([wait("w", 900), tool("a")], { deadlineMs: 700, pauseStopsClock })),
      fact("StepWaitStarted", { step: "w", dueAt: GIVEN_AT + 900 }),
      dispatched("a"),
      fact("PlanPaused", { epoch: 1 }),
    );

  it("ends at its deadline all the same", () => {
    const over = GIVEN_AT + 700;
    expect(nextDueAt(paused(false), GIVEN_AT)).toBe(over);
    expect(asking(paused(false), { at: over - 1 }).next).toEqual([]);
    expect(asking(paused(false), { at: over }).next).toEqual(["PlanCancelRequested"]);
  });

  it("whose clock stands still is bound by nothing but what runs", () => {
    const state = paused(true);
    expect(nextDueAt(state, GIVEN_AT)).toBe(GIVEN_AT + 300_000 + 5_000);
    expect(asking(state, { at: GIVEN_AT + 10_000 }).next).toEqual([]);
  });
});

describe("a plan that is given up", () => {
  it("keeps its signals: none expires before it goes on", () => {
    const sent = { epoch: 1, number: 1, name: "go", payload: inline(1), by: "os:alice", expiresAt: GIVEN_AT + 50 };
    const running: readonly Fact[] = [...started(planOf([tool("a")])), fact("SignalReceived", sent), dispatched("a")];
    expect(nextDueAt(after(running), GIVEN_AT)).toBe(GIVEN_AT + 50);
    expect(asking(after(running), { at: NOW }).next).toEqual(["SignalExpired"]);
    const given = after(running, cancelRequested());
    expect(nextDueAt(given, GIVEN_AT)).toBeGreaterThan(GIVEN_AT + 50);
    expect(asking(given, { at: NOW }).next).toEqual([]);
  });
});

describe("a rollback", () => {
  const rolling = (...before: readonly Fact[]) =>
    after(
      started(planOf([tool("a"), tool("b")])),
      ...before,
      fact("PlanRollbackStarted", { epoch: 1, cause: "requested", number: 1, irreversible: [] }),
    );

  it("wants no slot before what runs has answered", () => {
    expect(slotPriority(rolling(), NOW)).toBe(0);
    const waiting = rolling(dispatched("a"));
    expect(slotPriority(waiting, NOW)).toBeUndefined();
    expect(slotPriority(after([...started(planOf([tool("a")])), dispatched("a")]), NOW)).toBeUndefined();
  });

  it("wants one for each of its calls, also while others of them run", () => {
    const calls = fact("StepExpanded", { step: "undo:1", from: 0, to: 2, total: 2, items: inline([]) });
    const state = further(rolling(), calls, dispatched("undo:1/0/do"));
    expect(slotPriority(state, NOW)).toBe(0);
    expect(slotPriority(further(state, dispatched("undo:1/1/do")), NOW)).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import { fold } from "#machines/fold.ts";
import { emptyState } from "#machines/state.ts";
import { CURRENT_MACHINE, machineVersion } from "#machines/versions.ts";
import { after, refused } from "./folded.ts";
import {
  cancelRequested,
  dispatched,
  EPOCH,
  failed,
  GIVEN_AT,
  late,
  lost,
  PLAN,
  planFailed,
  planOf,
  started,
  succeeded,
  tool,
  UNAVAILABLE,
  value,
} from "./plans.ts";

const plan = planOf([tool("a"), tool("b", { needs: ["a"] })]);

describe("the fold", () => {
  it("counts the revision of what it has folded", () => {
    expect(emptyState(PLAN).revision).toBe(-1);
    expect(after(started(plan), dispatched("a")).revision).toBe(2);
  });

  it.each([
    ["a second start", [started(plan), started(plan).slice(1)], "event-refused"],
    ["a step of a plan that has not started", [started(plan).slice(0, 1), dispatched("a")], "event-refused"],
    [
      "a dispatch in a plan that is being cancelled",
      [started(plan), cancelRequested(), dispatched("a")],
      "event-refused",
    ],
    [
      "a success after the plan's end",
      [started(plan), dispatched("a"), planFailed(UNAVAILABLE), succeeded("a")],
      "event-refused",
    ],
    ["a second success", [started(plan), dispatched("a"), succeeded("a"), succeeded("a")], "event-refused"],
    [
      "a success of another attempt than the one that runs",
      [started(plan), dispatched("a"), succeeded("a", { attempt: 2 })],
      "event-refused",
    ],
    [
      "a failure that leaves the outcome unknown",
      [started(plan), dispatched("a"), failed("a", { next: { kind: "unknown", policy: "ask" } })],
      "event-refused",
    ],
    [
      "a late report of an attempt that never was",
      [started(plan), dispatched("a"), late("a", { attempt: 2 })],
      "event-refused",
    ],
    ["a fact of the system stream", [started(plan), fact("PlanReleased", { plan: PLAN })], "event-refused"],
    ["a step that the plan does not have", [started(plan), dispatched("ghost")], "unknown-step"],
    ["a step of a plan without a definition", [dispatched("a")], "event-refused"],
  ] as const)("throws on what its charts refuse: %s", (_, facts, code) => {
    expect(() => after(...facts)).toThrow(refused(code));
  });

  it("lets nothing start before its needs", () => {
    for (const early of [
      dispatched("b"),
      succeeded("b", { attempt: 0 }),
      fact("StepWaitStarted", { step: "b", dueAt: 1 }),
    ]) {
      expect(() => after(started(plan), early), early.type).toThrow(/needs/);
      expect(() => after(started(plan), dispatched("a"), succeeded("a"), early), early.type).not.toThrow();
    }
  });

  it("ends no attempt but the one in flight", () => {
    expect(() => after(started(plan), succeeded("a", { attempt: 7 }))).toThrow(/attempt 7, which is not in flight/);
    expect(() => after(started(plan), dispatched("a"), succeeded("a", { attempt: 2 }))).toThrow(/attempt 2/);
    const again = { next: { kind: "retry", dueAt: 0, delayMs: 0 } } as const;
    expect(() => after(started(plan), dispatched("a"), failed("a", again), lost("a"))).toThrow(/refused|accept|flight/);
  });

  it("accepts late reports after the plan's end, and nothing else", () => {
    const ended = [...started(plan), dispatched("a"), lost("a"), planFailed(UNAVAILABLE, "a")];
    expect(after(ended, late("a", { undoDue: true })).steps[0]?.attempts[0]?.late).toEqual({
      kind: "succeeded",
      adopted: false,
      undoDue: true,
    });
    expect(() => after(ended, dispatched("b"))).toThrow(refused("event-refused"));
  });

  it("reads the definition of a large plan from its blob, and says when it is not at hand", () => {
    const [drafted] = started(plan);
    const ref = blobRef.parse("ab".repeat(32));
    const big = fact("PlanDrafted", {
      ...(drafted?.data as never as object),
      definition: { blob: ref, bytes: 9 },
    } as never);
    const state = emptyState(PLAN);
    expect(() => fold(state, { fact: big, at: 0 })).toThrow(refused("blob-missing"));
    const loaded = emptyState(PLAN);
    fold(loaded, { fact: big, at: 0 }, { get: (wanted) => (wanted === ref ? (plan as Json) : undefined) });
    expect(loaded.drafted?.definition).toEqual(plan);
  });

  it("runs a plan only on a machine that it has", () => {
    expect(machineVersion(CURRENT_MACHINE)).toBeDefined();
    expect(() => machineVersion("plan@2")).toThrow(refused("unknown-machine"));
    expect(() => machineVersion("toString")).toThrow(refused("unknown-machine"));
  });

  it("keeps what each attempt was, and how it ended", () => {
    const next = { kind: "retry", dueAt: 5, delayMs: 5 } as const;
    const { attempts } = after(started(plan), dispatched("a"), lost("a", { next }), dispatched("a", { attempt: 2 }))
      .steps[0]!;
    expect(attempts.map(({ attempt, result, endedAt }) => ({ attempt, result, endedAt }))).toEqual([
      { attempt: 1, result: "lost", endedAt: GIVEN_AT },
      { attempt: 2, result: "running", endedAt: 0 },
    ]);
    expect(attempts[0]?.error?.code).toBe("executor-lost");
  });
});

describe("a step's deadline", () => {
  const risky = planOf([tool("a", { deadlineMs: 700 }, { idempotent: false })]);
  const unknown = [
    ...started(risky),
    dispatched("a", { idempotent: false }),
    lost("a", { next: { kind: "unknown", policy: "ask" } }),
  ];

  it("is still there after an outcome was unknown for a while", () => {
    const state = after(unknown);
    expect(nextDueAt(state, GIVEN_AT)).toBeUndefined();
    const retry = { kind: "retry", dueAt: GIVEN_AT + 9_000 } as const;
    fold(state, { fact: fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution: retry }), at: GIVEN_AT });
    expect(nextDueAt(state, GIVEN_AT)).toBe(GIVEN_AT + 700);
  });
});

describe("the records that an event touches", () => {
  /** The most that one event touched, in a plan of pairs: `b` needs `a`, and each needs nothing else. */
  const mostTouched = (pairs: number): number => {
    const steps = Array.from({ length: pairs }, (_, index): StepDefinition[] => [
      tool(`a${index}`),
      tool(`b${index}`, { needs: [`a${index}`] }),
    ]);
    const state = after(started(planOf(steps.flat())));
    let most = 0;
    for (let index = 0; index < pairs; index++) {
      for (const each of [
        dispatched(`a${index}`),
        succeeded(`a${index}`, { output: inline(index) }),
        dispatched(`b${index}`),
        succeeded(`b${index}`),
      ]) {
        const before = state.touched;
        fold(state, { fact: each, at: GIVEN_AT });
        most = Math.max(most, state.touched - before);
      }
    }
    expect(state.in.succeeded).toBe(pairs * 2);
    return most;
  };

  it("do not grow with the plan", () => {
    expect(mostTouched(5)).toBe(3);
    expect(mostTouched(5_000)).toBe(3);
  });

  it("grow with the steps that wait for the one that ended, and with nothing else", () => {
    const steps = [tool("a"), ...Array.from({ length: 40 }, (_, index) => value(`s${index}`, 1, { needs: ["a"] }))];
    const state = after(started(planOf(steps)), dispatched("a"));
    const before = state.touched;
    fold(state, { fact: succeeded("a"), at: GIVEN_AT });
    expect(state.touched - before).toBe(1 + 2 * 40);
  });
});

describe("a rollback", () => {
  it("is refused unless it is the next one: its steps are found by its number", () => {
    const begun = (number: number) =>
      fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number, irreversible: [] });
    for (const number of [2, 256]) {
      const state = after(started(plan), dispatched("a"), succeeded("a"));
      expect(() => fold(state, { fact: begun(number), at: GIVEN_AT })).toThrow(
        expect.objectContaining({ code: "event-refused" }),
      );
    }
    expect(after(started(plan), dispatched("a"), succeeded("a"), begun(1)).rollbacks).toHaveLength(1);
  });
});

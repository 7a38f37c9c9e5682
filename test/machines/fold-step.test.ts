// What one fact about one step changes in its record, and what it may not change.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import {
  approve,
  dispatched,
  each,
  failed,
  INVALID,
  late,
  lost,
  planOf,
  signal,
  started,
  succeeded,
  timedOut,
  tool,
  UNAVAILABLE,
  wait,
} from "./plans.ts";

const RETRY = { kind: "retry", dueAt: 5, delayMs: 5 } as const;
const ASK = { kind: "unknown", policy: "ask" } as const;
const one = started(planOf([tool("a"), tool("b", { needs: ["a"] })]));
const asked = [...one, dispatched("a", { idempotent: false }), lost("a", { next: ASK })];

describe("a step whose needs are not satisfied", () => {
  const inside = started(
    planOf([tool("a"), each("all", [1], { needs: ["a"], steps: [tool("do")] }), tool("b", { needs: ["a"] })]),
  );

  it.each([
    ["runs", dispatched("b")],
    ["succeeds", succeeded("b", { attempt: 0 })],
    ["fails", failed("b", { attempt: 0 })],
    ["waits", fact("StepWaitStarted", { step: "b", dueAt: 1 })],
    ["opens", fact("StepExpanded", { step: "all", from: 0, to: 1 })],
  ])("neither starts nor ends: it %s only afterwards", (_, early) => {
    expect(() => after(inside, early)).toThrow(refused("event-refused"));
    expect(() => after(inside, dispatched("a"), succeeded("a"), early)).not.toThrow();
  });
});

describe("the end of an attempt", () => {
  it.each([
    ["names one that was never begun", [one, succeeded("a")]],
    ["names a later one than the one that runs", [one, dispatched("a"), succeeded("a", { attempt: 2 })]],
    ["names none while one runs", [one, dispatched("a"), succeeded("a", { attempt: 0 })]],
    ["names another one than the one of which nothing is known", [asked, failed("a", { attempt: 7 })]],
    ["comes twice, and a retry follows the first", [one, dispatched("a"), failed("a", { next: RETRY }), failed("a")]],
    [
      "comes after a failure whose retry is to follow",
      [one, dispatched("a"), failed("a", { next: RETRY }), succeeded("a")],
    ],
    [
      "is a deadline that names it after it has ended",
      [one, dispatched("a"), failed("a", { next: RETRY }), timedOut("a")],
    ],
    ["is a stop of another attempt", [one, dispatched("a"), fact("StepCancelled", { step: "a", attempt: 2 })]],
  ])("is refused where it %s", (_, facts) => {
    expect(() => after(...facts)).toThrow(refused("event-refused"));
  });

  it("says what became of that attempt, and of no earlier one", () => {
    const state = after(one, dispatched("a"), failed("a", { next: { kind: "fallback", index: 0 } }));
    further(state, failed("a", { attempt: 0, error: INVALID }));
    expect(recordOf(state, "a").error).toEqual(INVALID);
    expect(recordOf(state, "a").attempts.map(({ error }) => error)).toEqual([UNAVAILABLE]);
  });

  it("that a bound of time brought says which bound it was", () => {
    const attempt = recordOf(after(one, dispatched("a"), timedOut("a", { bound: "attempt" })), "a").error;
    const deadline = recordOf(after(one, timedOut("a", { bound: "deadline", attempt: 0 })), "a").error;
    expect([attempt, deadline]).toEqual([
      { category: "timeout", code: "attempt-timed-out", message: expect.stringContaining("attempt") },
      { category: "timeout", code: "deadline-timed-out", message: expect.stringContaining("deadline") },
    ]);
  });

  it("is a loss where nobody answered, although it was reported as a failure", () => {
    const state = after(one, dispatched("a"), failed("a", { isSilent: true }));
    expect(recordOf(state, "a").attempts[0]?.result).toBe("lost");
    expect(recordOf(after(one, dispatched("a"), failed("a")), "a").attempts[0]?.result).toBe("failed");
  });
});

describe("an effect of which nothing was known", () => {
  it("is not there once its attempt has failed, and there after all when it succeeds late", () => {
    const state = after(asked, failed("a", { next: RETRY }));
    expect(recordOf(state, "a").attempts[0]).toMatchObject({ result: "lost", isVoid: true });
    further(state, late("a", { outcome: { kind: "failed", error: UNAVAILABLE } }));
    expect(recordOf(state, "a").attempts[0]?.isVoid).toBe(true);
    further(state, late("a"));
    expect(recordOf(state, "a").attempts[0]?.isVoid).toBe(false);
  });

  it("is not doubted by a failure that was answered at once", () => {
    expect(recordOf(after(one, dispatched("a"), failed("a")), "a").attempts[0]?.isVoid).toBeUndefined();
  });
});

describe("a late report", () => {
  it("is the step's outcome where it was adopted, and changes nothing but the record of the attempt where it was not", () => {
    const noted = recordOf(after(asked, late("a")), "a");
    expect(noted).toMatchObject({ output: undefined, error: { code: "executor-lost" }, chart: { value: "unknown" } });
    expect(noted.attempts[0]?.late).toEqual({ kind: "succeeded", adopted: false, undoDue: false });
    const adopted = recordOf(after(asked, late("a", { adopted: true })), "a");
    expect(adopted).toMatchObject({ output: inline("late"), error: undefined, chart: { value: "succeeded" } });
  });
});

describe("a person's word", () => {
  it("that a step is done gives its output and takes away its error", () => {
    const done = fact("StepOutcomeGiven", { step: "a", outcome: { kind: "done", output: inline(7) } });
    expect(recordOf(after(asked, done), "a")).toMatchObject({
      output: inline(7),
      error: undefined,
      skipped: undefined,
    });
  });

  it("that a step is skipped is kept as the reason, and gives it no output", () => {
    const skipped = fact("StepOutcomeGiven", { step: "a", outcome: { kind: "skipped" } });
    expect(recordOf(after(asked, skipped), "a")).toMatchObject({ output: undefined, skipped: { kind: "given" } });
  });
});

describe("the end of a wait", () => {
  const waiting = started(planOf([wait("w", 10), approve("p"), signal("s", "go"), signal("other", "go")]));
  const leave = { hash: "h", role: "lead", covers: [] };

  it("gives null, or what the signal brought", () => {
    const state = after(
      waiting,
      fact("StepWaitStarted", { step: "w", dueAt: 9 }),
      fact("StepWaitEnded", { step: "w" }),
    );
    expect(recordOf(state, "w").output).toEqual(inline(null));
  });

  it("for leave to start gives nothing yet, and keeps what was approved", () => {
    const asking = fact("StepWaitStarted", { step: "p", approval: leave });
    const starts = after(waiting, asking, fact("StepWaitEnded", { step: "p", starts: true }));
    expect(recordOf(starts, "p")).toMatchObject({ output: undefined, approved: [leave], chart: { value: "between" } });
    const ends = after(waiting, asking, fact("StepWaitEnded", { step: "p" }));
    expect(recordOf(ends, "p")).toMatchObject({ output: inline(null), approved: [leave] });
  });

  it("takes a signal that is kept under the name that the step waits for, and no other", () => {
    const sent = (number: number, name: string) =>
      fact("SignalReceived", { epoch: 1, number, name, payload: inline(number), by: "os:alice" });
    const listening = ["s", "other"].map((step) => fact("StepWaitStarted", { step, signal: "go" }));
    const facts = [waiting, listening, sent(1, "stop"), sent(2, "go")];
    const ended = (step: string, number: number) => fact("StepWaitEnded", { step, signal: number, output: inline(1) });
    for (const number of [1, 3]) expect(() => after(...facts, ended("s", number))).toThrow(refused("event-refused"));
    const state = after(...facts, ended("s", 2));
    expect(state.signals.list().map(({ number }) => number)).toEqual([1]);
    expect(() => further(state, ended("other", 2))).toThrow(refused("event-refused"));
  });
});

describe("a step that is given up", () => {
  it("begins nothing more inside, and ends when what runs there has ended", () => {
    const all = each("b", [1, 2, 3], { steps: [tool("do"), tool("more")], concurrency: 1 });
    const state = after(
      started(planOf([tool("a"), all, tool("z", { needs: ["a", "b"], join: { first: 1 } })])),
      fact("StepExpanded", { step: "b", from: 0, to: 3, total: 3, items: inline([1, 2, 3]) }),
      dispatched("b/0/do"),
      dispatched("a"),
      succeeded("a"),
    );
    const isReady = (path: string) => [...state.ready].some((index) => recordOf(state, path) === state.steps[index]);
    expect(isReady("b/0/more")).toBe(true);
    further(state, fact("StepCancelRequested", { step: "b", because: "z" }));
    expect(isReady("b/0/more")).toBe(false);
    expect([...state.settling]).toEqual([]);
    further(state, succeeded("b/0/do"));
    expect([...state.settling].map((index) => state.steps[index])).toEqual([recordOf(state, "b")]);
  });
});

describe("an answer for an unknown outcome", () => {
  it.each([
    [
      "done",
      { kind: "done", output: inline(1) },
      { value: "succeeded", output: inline(1), code: undefined, answering: 0 },
    ],
    [
      "fail",
      { kind: "fail", error: INVALID },
      { value: "failed", output: undefined, code: "bad-arguments", answering: 0 },
    ],
    [
      "retry",
      { kind: "retry", dueAt: 9 },
      { value: "between", output: undefined, code: "executor-lost", answering: 0 },
    ],
    ["ask", { kind: "ask" }, { value: "unknown", output: undefined, code: "executor-lost", answering: -1 }],
  ] as const)("%s leaves the step so", (_, resolution, expected) => {
    const { chart, output, error, answering } = recordOf(
      after(asked, fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution })),
      "a",
    );
    expect({ value: chart.value, output, code: error?.code, answering }).toEqual(expected);
  });
});

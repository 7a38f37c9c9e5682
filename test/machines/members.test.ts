// Which members begin, which windows open and close, and when an open step wants a decision.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { EachStep } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { closableWindow, expansionAt, wantsWindow } from "#machines/members.ts";
import type { PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import { dispatched, each, failed, lost, planOf, repeat, started, succeeded, tool } from "./plans.ts";

const TOTAL = 20;

function eachOf(fields: Partial<EachStep>): readonly Fact[] {
  return started(planOf([each("all", "${inputs.list}", { steps: [tool("do")], ...fields }), tool("m")]));
}

/** Windows of these sizes, one behind the other. */
function opened(...sizes: readonly number[]): readonly Fact[] {
  let from = 0;
  return sizes.map((size) => {
    const window = { step: "all", from, to: from + size };
    from += size;
    return fact("StepExpanded", window.from === 0 ? { ...window, total: TOTAL, items: inline([]) } : window);
  });
}

const done = (item: number) => [dispatched(`all/${item}/do`), succeeded(`all/${item}/do`)];
const allDone = (items: number) => Array.from({ length: items }, (_, item) => done(item)).flat();
const closed = (from: number, to: number) => fact("StepWindowClosed", { step: "all", from, to, outputs: [] });
const at = (state: PlanState) => stepIndex(state, "all");
const wants = (state: PlanState) => wantsWindow(state, at(state));
const isSettling = (state: PlanState) => state.settling.has(at(state));
const ones = (count: number): readonly number[] => Array<number>(count).fill(1);

describe("another window of an each", () => {
  it("opens while fewer items of the open ones are left to begin than may run at a time", () => {
    const two = eachOf({ concurrency: 2 });
    expect([1, 2, 3, 4, 5].map((items) => wants(after(two, opened(items))))).toEqual([true, true, true, false, false]);
    expect(wants(after(two, opened(4), done(0)))).toBe(true);
    expect([3, 4].map((items) => isSettling(after(two, opened(items))))).toEqual([true, false]);
  });

  it("does not open behind the last item", () => {
    expect(wants(after(eachOf({ concurrency: TOTAL }), opened(TOTAL - 1)))).toBe(true);
    expect(wants(after(eachOf({ concurrency: TOTAL }), opened(TOTAL)))).toBe(false);
  });

  it("does not open beside eight that are open", () => {
    const many = eachOf({ concurrency: TOTAL });
    expect([7, 8].map((windows) => wants(after(many, opened(...ones(windows)))))).toEqual([true, false]);
    expect(wants(after(many, opened(...ones(8)), done(3), closed(3, 4)))).toBe(true);
  });
});

describe("a window of an each", () => {
  const wide = eachOf({ concurrency: TOTAL });
  const closable = (...facts: readonly (Fact | readonly Fact[])[]) => {
    const state = after(wide, ...facts);
    return closableWindow(state, at(state));
  };

  it("closes when all its items have ended, whatever those before it do", () => {
    expect(closable(opened(2, 2))).toBeUndefined();
    expect(closable(opened(2, 2), done(2))).toBeUndefined();
    expect(closable(opened(2, 2), done(2), done(3))).toMatchObject({ from: 2, to: 4 });
    expect(closable(opened(2, 2), allDone(2))).toMatchObject({ from: 0, to: 2 });
  });

  it("that has all the items there are stays until the step ends", () => {
    expect(closable(opened(TOTAL), allDone(TOTAL))).toBeUndefined();
    expect(closable(opened(12, 8), allDone(12), closed(0, 12))).toBeUndefined();
    const rest = Array.from({ length: 8 }, (_, item) => done(12 + item)).flat();
    expect(closable(opened(12, 8), allDone(12), closed(0, 12), rest)).toMatchObject({ from: 12, to: 20 });
  });

  it("that can close is what the step wants decided", () => {
    const full = [wide, opened(12, 8)];
    expect(isSettling(after(...full, done(0)))).toBe(false);
    const state = after(...full, allDone(12));
    expect(isSettling(state)).toBe(true);
    expect(isSettling(further(state, closed(0, 12)))).toBe(false);
  });
});

describe("the iterations of a repeat", () => {
  const plan = started(planOf([repeat("all", "false", { steps: [tool("do")], max: 100 }), tool("m")]));
  const iterations = (count: number): readonly Fact[] =>
    Array.from({ length: count }, (_, from) => [
      fact("StepExpanded", { step: "all", from, to: from + 1, ...(from === 0 ? { total: 100 } : {}) }),
      ...done(from),
    ]).flat();

  it("are closed but for the last one when there are more than 64", () => {
    const closable = (count: number) => {
      const state = after(plan, iterations(count));
      return closableWindow(state, at(state));
    };
    expect(closable(1)).toBeUndefined();
    expect(closable(64)).toBeUndefined();
    expect(closable(65)).toEqual({ from: 0, to: 64 });
  });

  it("open one by one, and never as a window", () => {
    const state = after(plan, iterations(1));
    expect([wants(state), isSettling(state)]).toEqual([false, true]);
  });
});

describe("members", () => {
  const begun = (state: PlanState) => recordOf(state, "all").expansion?.begun;

  it("begin in order, as many at a time as may", () => {
    const state = after(eachOf({ concurrency: 2 }), opened(5));
    expect(begun(state)).toBe(2);
    expect(begun(further(state, done(1)))).toBe(3);
    expect([...state.ready].map((index) => state.steps[index]?.scope.path)).toEqual(["", "all/0", "all/2"]);
  });

  it("wait at a barrier until all before it have ended", () => {
    const [first] = opened(4);
    const barriers = fact("StepExpanded", { ...(first!.data as never as object), barriers: [2] } as never);
    const state = after(eachOf({ concurrency: 4 }), barriers);
    expect(begun(state)).toBe(2);
    expect(begun(further(state, done(1)))).toBe(2);
    expect(begun(further(state, done(0)))).toBe(4);
  });

  it("do not begin when more have failed than may, and the step wants its end when what runs has ended", () => {
    const state = after(eachOf({ concurrency: 2, tolerate: { count: 1 } }), opened(5));
    const failure = (item: number) => [dispatched(`all/${item}/do`), failed(`all/${item}/do`)];
    expect(begun(further(state, failure(0)))).toBe(3);
    expect(begun(further(state, dispatched("all/2/do"), failure(1)))).toBe(3);
    expect(isSettling(state)).toBe(false);
    expect(isSettling(further(state, succeeded("all/2/do")))).toBe(true);
    expect(begun(state)).toBe(3);
  });

  it("are asked of a step that has them only", () => {
    const state = after(eachOf({}));
    expect(() => expansionAt(state, at(state))).toThrow(refused("event-refused"));
  });

  it("end once: what an item finds out after its step was given up counts for nothing", () => {
    const state = after(eachOf({ concurrency: 2 }), opened(2), dispatched("all/0/do"));
    further(state, fact("StepOutcomeGiven", { step: "all", outcome: { kind: "skipped" } }), succeeded("all/0/do"));
    expect(recordOf(state, "all").expansion).toMatchObject({ ended: 0, failed: 0, busy: 0 });
    expect([...state.settling]).toEqual([]);
  });
});

describe("an unknown outcome that the plan answers", () => {
  const look = { verify: tool("v").call, done: "true", output: null };
  const ask = { kind: "unknown", policy: "verify" } as const;
  const silent = [
    ...started(planOf([tool("all", { unknown: look, fallback: [tool("f").call] }, { idempotent: false }), tool("m")])),
    dispatched("all", { idempotent: false }),
    lost("all", { next: ask }),
  ];
  const looking = fact("StepExpanded", { step: "all", from: 0, to: 1, total: 10, answers: 1 });

  it("wants a decision when it is asked first, not while it looks, and again when it has looked", () => {
    const state = after(silent);
    expect(isSettling(state)).toBe(true);
    expect(isSettling(further(state, looking))).toBe(false);
    expect(isSettling(further(state, dispatched("all/0/verify")))).toBe(false);
    expect(isSettling(further(state, succeeded("all/0/verify")))).toBe(true);
  });

  it("wants none once a person was asked", () => {
    const asked = fact("StepOutcomeResolved", { step: "all", attempt: 1, resolution: { kind: "ask" } });
    expect(isSettling(after(silent, asked))).toBe(false);
  });

  it("wants none of a fallback, of which the plan knows nothing", () => {
    const fallback = { attempt: 2, alternative: 0, idempotent: false } as const;
    const [plan, start, first] = silent;
    const state = after([plan!, start!, first!], failed("all", { next: { kind: "fallback", index: 0 } }));
    further(state, dispatched("all", fallback), lost("all", { attempt: 2, next: { kind: "unknown", policy: "ask" } }));
    expect(isSettling(state)).toBe(false);
  });

  it("that a person answers meanwhile ends what looks for it", () => {
    const done = { kind: "done", output: inline(1) } as const;
    const state = after(silent, looking, dispatched("all/0/verify"));
    further(state, fact("StepOutcomeResolved", { step: "all", attempt: 1, resolution: done }));
    expect(recordOf(state, "all").expansion).toMatchObject({ ended: 1, opened: 1 });
    expect(recordOf(state, "all/0/verify").scope.result).not.toBe("open");
  });
});

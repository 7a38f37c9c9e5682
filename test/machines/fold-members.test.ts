// Windows of members: how they open and close, and what stays of them.
import { describe, expect, it } from "vitest";
import { fact, type Fact, type FactData } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { forgetScope } from "#machines/fold-members.ts";
import { planStateOf } from "#machines/state.ts";
import { findStep } from "#machines/step-path.ts";
import { Driver } from "./driver.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import {
  call,
  dispatched,
  each,
  failed,
  late,
  lost,
  ONCE,
  OTHER_WORKER,
  planOf,
  started,
  succeeded,
  timedOut,
  tool,
} from "./plans.ts";

const again = { next: { kind: "retry", dueAt: 5, delayMs: 5 } } as const;
const all = each("all", [1, 2, 3], { steps: [tool("do")], concurrency: 3 });
const plan = started(planOf([all, tool("plain")]));

function opened(from: number, to: number, fields: Partial<FactData<"StepExpanded">> = {}): Fact {
  return fact("StepExpanded", { step: "all", from, to, ...fields });
}

function closed(from: number, to: number): Fact {
  return fact("StepWindowClosed", { step: "all", from, to, outputs: [] });
}

const first = (to: number) => opened(0, to, { total: 3, items: inline([1, 2, 3]) });
const done = (item: number, attempt = 1) => [
  dispatched(`all/${item}/do`, { attempt }),
  succeeded(`all/${item}/do`, { attempt }),
];

describe("a window of members", () => {
  it.each([
    ["begins behind the next member", opened(2, 3)],
    ["begins before it, again", opened(0, 2)],
    ["is empty", opened(1, 1)],
    ["ends before it begins", opened(1, 0)],
    ["ends behind the last member", opened(1, 4)],
  ])("is refused where it %s", (_, wrong) => {
    expect(() => after(plan, first(1), wrong)).toThrow(refused("event-refused"));
    expect(recordOf(after(plan, first(1), opened(1, 3)), "all").expansion).toMatchObject({ opened: 3, begun: 3 });
  });

  it("is refused for a step that has no steps inside", () => {
    expect(() => after(plan, fact("StepExpanded", { step: "plain", from: 0, to: 1 }))).toThrow(
      refused("event-refused"),
    );
  });

  it("closes in any order, once all its members have ended", () => {
    const both = [plan, first(1), opened(1, 2), opened(2, 3)];
    const state = after(...both, done(1), closed(1, 2));
    expect(recordOf(state, "all").expansion?.windows).toMatchObject([{ from: 0 }, { from: 2 }]);
    expect(recordOf(further(state, done(0), done(2), closed(0, 1), closed(2, 3)), "all").expansion?.windows).toEqual(
      [],
    );
  });

  it.each([
    ["with a member that has not ended", [first(2), done(0), closed(0, 2)]],
    ["together with one that has ended", [first(1), opened(1, 2), done(0), closed(0, 2)]],
    ["of which none has ended", [first(1), closed(0, 1)]],
    ["in part", [first(2), done(0), done(1), closed(0, 1)]],
    ["with members of another one", [first(1), opened(1, 3), done(0), done(1), done(2), closed(0, 2)]],
    ["that is empty", [first(1), done(0), closed(0, 0)]],
    ["twice", [first(1), done(0), closed(0, 1), closed(0, 1)]],
  ])("does not close %s", (_, facts) => {
    expect(() => after(plan, ...facts)).toThrow(refused("event-refused"));
  });

  it("that closes together with others keeps what it gave, and nothing to undo where none is named", () => {
    const state = after(plan, first(1), opened(1, 3), done(0), done(1), done(2), closed(0, 3));
    expect(recordOf(state, "all").expansion?.closed).toEqual([
      { from: 0, to: 3, outputs: [], errors: undefined, undo: [] },
    ]);
  });

  it("leaves nothing in memory, and its steps are found no more", () => {
    const state = after(plan, first(2), done(0), done(1));
    const before = state.held;
    further(state, closed(0, 2));
    expect(before - state.held).toBe(2);
    expect(findStep(state, "all/0/do")).toBeUndefined();
    expect(state.steps.filter((record) => record !== undefined)).toHaveLength(2);
  });

  it("takes with it what stood inside of its steps", () => {
    const inner = each("inner", [1, 2], { steps: [tool("do")] });
    const state = after(
      started(planOf([each("all", [1], { steps: [inner] })])),
      opened(0, 1, { items: inline([1]) }),
      fact("StepExpanded", { step: "all/0/inner", from: 0, to: 2, total: 2, items: inline([1, 2]) }),
    );
    expect(state.held).toBe(4);
    forgetScope(state, recordOf(state, "all").expansion!.scopes.get(0)!);
    expect(state.held).toBe(1);
  });
});

describe("an attempt inside of a window that was closed", () => {
  const closing = (...facts: readonly Fact[]) => [plan, first(1), facts, closed(0, 1)];
  const report = late("all/0/do", { undoDue: true });

  it.each([
    ["was lost", lost("all/0/do", again)],
    ["was timed out", timedOut("all/0/do", again)],
  ])("and %s may still report, once", (_, silence) => {
    const facts = closing(dispatched("all/0/do", { executor: OTHER_WORKER }), silence, ...done(0, 2));
    const state = after(...facts);
    expect([...state.silent]).toEqual([["all/0/do#1", OTHER_WORKER]]);
    expect(further(state, report).silent.size).toBe(0);
    expect(() => further(state, report)).toThrow(refused("unknown-step"));
  });

  it.each([
    ["has succeeded", [...done(0)]],
    ["has failed", [dispatched("all/0/do"), failed("all/0/do", again), ...done(0, 2)]],
    ["has reported late", [dispatched("all/0/do"), lost("all/0/do", again), late("all/0/do"), ...done(0, 2)]],
  ])("and %s has nothing more to report", (_, facts) => {
    const state = after(...closing(...facts));
    expect([...state.silent]).toEqual([]);
    expect(() => further(state, report)).toThrow(refused("unknown-step"));
  });

  it("does nothing but report: another end of it is refused, and it may report afterwards", () => {
    const state = after(...closing(dispatched("all/0/do"), lost("all/0/do", again), ...done(0, 2)));
    expect(() => further(state, succeeded("all/0/do"))).toThrow(refused("unknown-step"));
    expect(() => further(state, late("all/0/do", { attempt: 2 }))).toThrow(refused("unknown-step"));
    expect(further(state, report).silent.size).toBe(0);
  });
});

describe("a step that was taken back after its window was closed", () => {
  it("is not taken back again by the next rollback", () => {
    const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
    const taken = { tool: "test.undo", version: "1.0.0", args: inline(1) };
    const part = { items: { inline: [{ step: "all/0/do", ...taken }] }, count: 1 };
    const driver = new Driver();
    driver.record(
      ...started(planOf([each("all", [1], { steps: [tool("do", { undo })] }), tool("b", { undo })])),
      opened(0, 1, { items: inline([1]) }),
      ...done(0),
      fact("StepWindowClosed", { step: "all", from: 0, to: 1, outputs: [], undo: [[part]] }),
      fact("StepSucceeded", { step: "all", attempt: 0, output: inline([]) }),
      dispatched("b"),
      succeeded("b", { undo: taken }),
    );
    const roll = () => driver.turn({ commands: [{ type: "RollbackPlan" }] });
    const undone = (number: number) =>
      driver.events.flatMap(({ type, data }) => {
        const { step, undoes } = data as { step: string; undoes?: string };
        return type === "StepDispatched" && step.startsWith(`undo:${number}`) ? [undoes] : [];
      });
    roll();
    expect(undone(1).sort()).toEqual(["all/0/do", "b"]);
    const failing = driver.state.steps.flatMap((record) => (record?.undoes === "b" ? [record.scope.path] : []))[0];
    for (const member of [0, 1]) {
      const path = `undo:1/${member}`;
      driver.record(path === failing ? failed(`${path}/do`) : succeeded(`${path}/do`));
    }
    expect([...driver.state.undone]).toEqual(["all/0/do"]);
    driver.turn();
    expect(planStateOf(driver.state)).toBe("failed");
    roll();
    expect(undone(2)).toEqual(["b"]);
  });
});

// What a revision leaves of a plan that has begun: records, times, order, and who may still report late.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { calledPlan, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { changesBetween, planWordsBetween } from "#machines/revision.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { planStateOf } from "#machines/state.ts";
import { after, begun, partOf, recordOf, tell, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";
import {
  call,
  calling,
  dispatched,
  each,
  failed,
  lost,
  ONCE,
  PLAN,
  planOf,
  succeeded,
  tool,
  value,
  WORKER,
} from "../plans.ts";
import { success } from "../reports.ts";

type Fields = Partial<PlanDefinition>;
const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
const other = { with: { x: 2 } };

/** A revision without a slot for anything that follows. */
function revise(driver: Driver, steps: readonly StepDefinition[], fields: Fields = {}) {
  const { edition } = driver.state.header.context;
  return driver.turn({ commands: [{ type: "RevisePlan", definition: planOf(steps, fields), edition }], slots: 0 })[0];
}

const late = (driver: Driver, step: string) => {
  const report = { type: "ReportAttempt", step, attempt: 1, executor: WORKER, outcome: success } as const;
  return driver.turn({ commands: [report], slots: 0 })[0];
};

describe("the deadline of a step", () => {
  const a = tool("a", { deadlineMs: 100 });

  it("goes on from where it began where the step could start before", () => {
    const driver = begun([tool("m"), a], { slots: 0 });
    driver.now += 60;
    revise(driver, [tool("new", { deadlineMs: 100 }), tool("m"), a]);
    driver.now += 40;
    driver.turn({ slots: 0 });
    expect([valueAt(driver, "a"), valueAt(driver, "new")]).toEqual(["failed", "pending"]);
  });

  it("begins with a step that is new", () => {
    const driver = begun([tool("m")], { fields: { onFailure: "continue" } });
    driver.now += 60;
    revise(driver, [tool("m"), a], { onFailure: "continue" });
    driver.now += 99;
    driver.turn({ slots: 0 });
    expect(valueAt(driver, "a")).toBe("pending");
    driver.now += 1;
    driver.turn({ slots: 0 });
    expect(valueAt(driver, "a")).toBe("failed");
  });

  it("does not run for a step that waits for something else now", () => {
    const driver = begun([a], { slots: 0 });
    revise(driver, [{ ...a, needs: ["first"] }, tool("first")]);
    driver.turn();
    driver.now += 150;
    driver.turn();
    expect(valueAt(driver, "a")).toBe("pending");
    answerAll(driver);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });
});

describe("steps that are ready", () => {
  it("keep the order in which they became so", () => {
    const [x, y, more] = [tool("x", { needs: ["m"] }), tool("y"), tool("more")];
    const driver = begun([tool("m"), x, y], { slots: 1 });
    driver.now += 10;
    driver.record(succeeded("m"));
    revise(driver, [tool("m"), x, y, more]);
    driver.turn({ slots: 1 });
    expect(running(driver)).toEqual(["y"]);
    driver.turn({ slots: 1 });
    expect(running(driver)).toEqual(["y", "x"]);
  });
});

describe("a step that a revision takes away", () => {
  const lostStep = (steps: readonly StepDefinition[]): Driver => after(begun(steps), lost("a"));

  it("is gone with its failure, and the plan goes on", () => {
    const driver = begun([tool("a"), tool("b")]);
    answerOne(driver, "a", () => FAILS);
    answerOne(driver, "b");
    expect(revise(driver, [tool("b"), tool("c")])).toMatchObject({ kind: "accepted" });
    expect(driver.state.root?.block.steps.map(({ id }) => valueAt(driver, id))).toEqual(["succeeded", "pending"]);
    answerAll(driver);
  });

  it("may still be reported late, and that is due for undo", () => {
    const driver = lostStep([tool("a")]);
    revise(driver, [tool("b")]);
    expect(late(driver, "a")).toMatchObject({
      facts: [{ type: "StepLateReported", data: { adopted: false, undoDue: true } }],
    });
  });
});

describe("a step that a revision leaves as it is", () => {
  it("takes a late report as before", () => {
    const driver = after(begun([tool("a")]), lost("a"));
    revise(driver, [tool("a"), tool("b")]);
    expect(valueAt(driver, "a")).toBe("pending");
    expect(late(driver, "a")).toMatchObject({ facts: [{ type: "StepLateReported", data: { adopted: true } }] });
    expect(valueAt(driver, "a")).toBe("succeeded");
  });

  it("takes it for what is inside as well, and knows whose records had left memory before", () => {
    const all = each("all", [1, 2, 3], { steps: [tool("do")], concurrency: 1, needs: ["m"] });
    const opened = (from: number): Fact =>
      fact("StepExpanded", { step: "all", from, to: from + 1, total: 3, items: inline([1, 2, 3]) });
    const again = { kind: "retry", dueAt: 9_000_000_000_000, delayMs: 0 } as const;
    const driver = begun([tool("m"), all], { slots: 1 });
    driver.record(
      succeeded("m"),
      opened(0),
      dispatched("all/0/do"),
      lost("all/0/do", { next: { kind: "retry", dueAt: driver.now, delayMs: 0 } }),
      dispatched("all/0/do", { attempt: 2 }),
      succeeded("all/0/do", { attempt: 2 }),
      opened(1),
      dispatched("all/1/do"),
      lost("all/1/do", { next: again }),
      fact("StepWindowClosed", { step: "all", from: 0, to: 1, outputs: [partOf("done")] }),
    );
    revise(driver, [tool("m"), all, tool("new")]);
    expect([...driver.state.silent.keys()]).toEqual(["all/0/do#1"]);
    expect(late(driver, "all/0/do")).toMatchObject({ facts: [{ data: { adopted: false, undoDue: true } }] });
    expect(late(driver, "all/1/do")).toMatchObject({ facts: [{ data: { adopted: true } }] });
  });
});

describe("a step that does something else after a revision", () => {
  const changed = (steps: readonly StepDefinition[], driver: Driver): Driver => {
    revise(driver, steps);
    driver.turn();
    return driver;
  };
  const rolledBack = (driver: Driver) => {
    tell(driver, { type: "RollbackPlan" });
    return running(driver);
  };

  it("keeps its attempts, whose effects may be there", () => {
    const driver = changed([tool("a", { undo }, other)], after(begun([tool("a", { undo })]), lost("a")));
    answerOne(driver, "a", () => FAILS);
    expect(rolledBack(driver)).toEqual(["undo:1/0/do"]);
  });

  it("does not have those taken back a second time that were taken back", () => {
    const driver = after(begun([tool("a", { undo })]), lost("a"));
    rolledBack(driver);
    answerAll(driver);
    changed([tool("a", { undo }, other)], driver);
    expect(recordOf(driver, "a").attempts).toMatchObject([
      { attempt: 1, executor: WORKER, isVoid: true },
      { attempt: 2 },
    ]);
    answerOne(driver, "a", () => FAILS);
    expect(rolledBack(driver)).toEqual([]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("has none where it had none", () => {
    const driver = begun([value("a", "${1 / 0}")]);
    changed([value("a", 1)], driver);
    expect(recordOf(driver, "a")).toMatchObject({ generation: 2, attempts: [], output: inline(1) });
  });
});

describe("what is different between two definitions", () => {
  const plan = (n: number, fields: Fields = {}) => {
    const inner = calledPlan.parse({ name: "inner", steps: [tool("do", {}, { with: { n } })] });
    return planOf([calling("c", "inner"), tool("a")], { calls: { inner }, ...fields });
  };

  it("is also a plan that a step calls, while the step is written as it was", () => {
    expect(changesBetween(plan(1), plan(2))).toEqual([{ step: "c", change: "changed", words: ["plan"] }]);
    expect(changesBetween(plan(1), plan(1))).toEqual([]);
    const named = planOf([{ ...calling("c", "inner"), description: "new" }, tool("a")], { calls: plan(1).calls ?? {} });
    expect(changesBetween(plan(1), named)).toEqual([{ step: "c", change: "changed", words: ["description"] }]);
  });

  it("in words of the plan is neither its steps nor what they call", () => {
    expect(planWordsBetween(plan(1), plan(2, { deadlineMs: 5, onFailure: "continue" }))).toEqual([
      "deadlineMs",
      "onFailure",
    ]);
    expect(planWordsBetween(plan(1), planOf([tool("b")]))).toEqual([]);
  });
});

describe("a failed plan whose step was given other arguments", () => {
  it("counts its attempts on", () => {
    const driver = after(begun([tool("a")]), failed("a"));
    revise(driver, [tool("a", {}, other)]);
    driver.turn();
    expect(recordOf(driver, "a").dispatched).toMatchObject({ attempt: 2, args: inline({ x: 2 }) });
  });
});

describe("a step of an id that was there before", () => {
  const again = tool("a", {}, other);
  /** `a` was dispatched twice, and taken away. */
  function gone(steps: readonly StepDefinition[] = [tool("m", { needs: ["a"] })]): Driver {
    const driver = after(begun([tool("a"), ...steps]), lost("a", { next: { kind: "retry", dueAt: 0, delayMs: 0 } }));
    driver.turn();
    driver.record(failed("a", { attempt: 2 }));
    revise(driver, [tool("b")]);
    return driver;
  }

  it("counts its attempts on, so that nobody takes the new ones for those of before", () => {
    const driver = gone();
    revise(driver, [tool("b"), again]);
    driver.turn();
    expect(recordOf(driver, "a")).toMatchObject({ generation: 2, dispatched: { attempt: 3, args: inline({ x: 2 }) } });
    expect(recordOf(driver, "a").attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("counts on however often it is taken away, also in a state that was saved and read", () => {
    const driver = gone();
    for (const attempt of [3, 4, 5]) {
      revise(driver, [tool("b"), again]);
      driver.turn();
      expect(recordOf(driver, "a").dispatched).toMatchObject({ attempt });
      driver.record(failed("a", { attempt }));
      revise(driver, [tool("b")]);
    }
    const encoded = encodeState(driver.state);
    const read = decodeState(PLAN, encoded, NO_BLOBS);
    expect([encodeState(read), [...read.gone.keys()]]).toEqual([encoded, ["a"]]);
  });

  it("hears of a late success of before that is no success of its own", () => {
    const driver = gone();
    revise(driver, [tool("b"), again]);
    expect([...driver.state.silent.keys()]).toEqual([]);
    expect(late(driver, "a")).toMatchObject({ facts: [{ data: { adopted: false, undoDue: true } }] });
    expect(late(driver, "a")).toMatchObject({ kind: "duplicate" });
    expect(valueAt(driver, "a")).toBe("pending");
  });

  it.each([[[tool("b")]], [[tool("b"), tool("a")]]])(
    "does not take it for its own either, having failed without an attempt",
    (between) => {
      const driver = after(begun([tool("a")]), lost("a"));
      revise(driver, between);
      revise(driver, [tool("b"), tool("a", {}, { with: { x: "${1 / 0}" } })], { onFailure: "continue" });
      driver.turn();
      expect(valueAt(driver, "a")).toBe("failed");
      expect(late(driver, "a")).toMatchObject({ facts: [{ data: { adopted: false } }] });
    },
  );

  it("has members of other names, where it has some", () => {
    const all = each("all", [1], { steps: [tool("do")] });
    const driver = begun([tool("m"), all]);
    driver.record(failed("all/0/do"));
    driver.turn({ slots: 0 });
    revise(driver, [tool("m")]);
    revise(driver, [tool("m"), all]);
    driver.turn();
    expect(running(driver)).toEqual(["m", "all~2/0/do"]);
  });

  it("begins with the first attempt where it had never begun", () => {
    const driver = gone();
    expect([...driver.state.gone.keys()]).toEqual(["a"]);
    revise(driver, [tool("b"), tool("m")]);
    driver.turn();
    expect(recordOf(driver, "m")).toMatchObject({ generation: 1, dispatched: { attempt: 1 } });
  });
});

describe("a step whose members fell silent", () => {
  it("may do something else, and they are still known", () => {
    const all = each("all", [1], { steps: [tool("do")] });
    const driver = begun([tool("m"), all]);
    driver.record(lost("all/0/do"));
    driver.turn({ slots: 0 });
    revise(driver, [tool("m"), each("all", [2], { steps: [tool("do")] })]);
    expect(late(driver, "all/0/do")).toMatchObject({ facts: [{ data: { adopted: false, undoDue: true } }] });
  });
});

// What a plan that is taken up again remembers, and what it forgets.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { after, begun, factsOf, follows, recordOf, tell, valueAt } from "../begun.ts";
import { after as stateAfter } from "../folded.ts";
import type { Driver } from "../driver.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";
import {
  call,
  cancelRequested,
  dispatched,
  each,
  EPOCH,
  failed,
  lost,
  ONCE,
  planFailed,
  planOf,
  signal,
  started,
  succeeded,
  tool,
  UNAVAILABLE,
  value,
  WORKER,
} from "../plans.ts";

const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
const undoable = (id: string, needs: string[] = []) => tool(id, { needs, undo });
const reopen = (driver: Driver) => tell(driver, { type: "ReopenPlan" });
const rollBack = (driver: Driver) => tell(driver, { type: "RollbackPlan" });
const lose = (driver: Driver, step: string, attempt = 1) =>
  tell(driver, { type: "LoseAttempt", step, attempt, executor: WORKER });
const stopped = () => ({ kind: "cancelled" }) as const;
const skips = (driver: Driver, id: string) =>
  factsOf(driver, "StepSkipped").filter((data) => (data as { step: string }).step === id).length;

/** How many steps are in which state, counted one by one. */
function counted({ steps, in: said }: PlanState) {
  const held = steps.filter((record) => record !== undefined);
  const of = (name: string) => held.filter(({ chart }) => chart.value === name).length;
  return { held: held.length, in: Object.fromEntries(Object.keys(said).map((name) => [name, of(name)])) };
}

describe("a step that begins anew", () => {
  it("waits for its turn before it takes a signal that it had waited for", () => {
    const driver = begun([undoable("a"), signal("s", "go", { needs: ["a"] }), tool("m")]);
    answerOne(driver, "a");
    rollBack(driver);
    answerOne(driver, "m", stopped);
    answerAll(driver);
    expect(planStateOf(driver.state)).toBe("rolled-back");
    reopen(driver);
    tell(driver, { type: "SendSignal", name: "go", payload: inline(1), by: "os:alice" });
    expect(valueAt(driver, "s")).toBe("pending");
    answerAll(driver);
    expect(recordOf(driver, "s").output).toEqual(inline(1));
  });

  it("is taken back again, once more for all that it did since", () => {
    const driver = begun([undoable("a")]);
    for (const number of [1, 2]) {
      answerAll(driver);
      rollBack(driver);
      expect(running(driver)).toEqual([`undo:${number}/0/do`]);
      answerAll(driver);
      reopen(driver);
    }
    expect(recordOf(driver, "a")).toMatchObject({ generation: 3, isUndone: false });
  });

  it("asks nobody about an outcome that was unknown before", () => {
    const driver = begun([tool("a", { undo }, { idempotent: false })]);
    lose(driver, "a");
    rollBack(driver);
    answerAll(driver);
    reopen(driver);
    expect([...driver.state.unknown]).toEqual([]);
    answerAll(driver);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("leaves nothing behind of what was inside of it, at any depth", () => {
    const risky = tool("do", {}, { idempotent: false });
    const inner = each("in", [1, 2], { steps: [risky] });
    const driver = begun([each("all", [1, 2], { steps: [inner, tool("too")] }), signal("s", "go")]);
    lose(driver, "all/0/in/1/do");
    answerOne(driver, "all/0/in/0/do");
    answerOne(driver, "all/1/too");
    rollBack(driver);
    answerAll(driver, stopped);
    expect(planStateOf(driver.state)).toBe("rolled-back");
    driver.turn({ commands: [{ type: "ReopenPlan" }], slots: 0 });
    const { held, in: states } = driver.state;
    expect({ held, in: states }).toEqual(counted(driver.state));
    expect([...driver.state.unknown]).toEqual([]);
    expect(recordOf(driver, "all").expansion?.scopes.get(0)?.path).toBe("all~2/0");
    driver.turn();
    tell(driver, { type: "SendSignal", name: "go", payload: inline(1), by: "os:alice" });
    answerAll(driver);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });
});

describe("a step with an answer that failed", () => {
  it("begins again itself, and not its answer", () => {
    const unknown = { verify: call({ tool: "test.look" }), done: "output", output: 1 };
    const driver = begun([tool("a", { unknown }, { idempotent: false })]);
    lose(driver, "a");
    tell(driver, { type: "ResolveOutcome", step: "a", resolution: { kind: "fail" } });
    answerAll(driver, stopped);
    reopen(driver);
    expect(running(driver)).toEqual(["a"]);
    expect(recordOf(driver, "a").chart).toMatchObject({ value: "running", context: { attempt: 2 } });
  });
});

describe("an item that had failed and goes on", () => {
  const opened = (from: number, to: number): Fact =>
    fact("StepExpanded", { step: "all", from, to, total: 4, items: inline([1, 2, 3, 4]) });

  it("keeps its window open until it has ended, and no other", () => {
    const facts = [
      ...started(planOf([each("all", [1, 2, 3, 4], { steps: [tool("do")], concurrency: 4 })])),
      ...[0, 1, 2, 3].map((from) => opened(from, from + 1)),
      ...[0, 1, 2, 3].map((member) => dispatched(`all/${member}/do`)),
      ...[0, 2].map((member) => succeeded(`all/${member}/do`)),
      failed("all/1/do"),
      succeeded("all/3/do"),
      failed("all", { attempt: 0 }),
      planFailed(UNAVAILABLE, "all"),
      fact("PlanReopened", { epoch: EPOCH }),
    ];
    const windows = stateAfter(facts).steps[0]?.expansion?.windows;
    expect(windows?.map(({ left }) => left)).toEqual([0, 1, 0, 0]);
  });
});

describe("what was skipped", () => {
  it("stays so where nothing has changed that it waited for", () => {
    const steps = [tool("a"), value("v", 1, { when: "false" }), tool("w", { needs: ["a", "v"] }), tool("f")];
    const driver = begun(steps);
    answerOne(driver, "a");
    answerOne(driver, "f", () => FAILS);
    reopen(driver);
    expect([valueAt(driver, "w"), skips(driver, "w"), skips(driver, "v")]).toEqual(["skipped", 1, 1]);
  });

  it("waits again for what begins anew, unless a person has skipped it or its condition has", () => {
    const steps = [tool("a"), value("v", 1, { when: "false" })];
    const more = [
      tool("given", { needs: ["a"] }),
      tool("when", { when: "false" }),
      tool("w", { needs: ["v"] }),
      tool("f"),
    ];
    const driver = begun([...steps, ...more]);
    tell(driver, { type: "GiveOutcome", step: "given", outcome: { kind: "skipped" } });
    answerOne(driver, "a");
    answerOne(driver, "f", () => FAILS);
    const needs = { needs: ["a", "n"] };
    const revised = more.map((step) => (step.id === "f" ? step : { ...step, ...needs }));
    tell(driver, { type: "RevisePlan", definition: planOf([...steps, ...revised, tool("n")]), edition: 1 });
    expect(["given", "when", "w"].map((id) => valueAt(driver, id))).toEqual(["skipped", "skipped", "pending"]);
    answerAll(driver);
    expect(["given", "when", "w"].map((id) => valueAt(driver, id))).toEqual(["skipped", "skipped", "succeeded"]);
  });

  it("counts for who needs it, before and after", () => {
    const steps = [
      value("v", 1, { when: "false" }),
      tool("f"),
      tool("g"),
      tool("w", { needs: ["v", "f", "g"], join: { first: 2 } }),
    ];
    const driver = begun(steps);
    answerOne(driver, "f", () => FAILS);
    answerOne(driver, "g", stopped);
    reopen(driver);
    answerOne(driver, "f", () => FAILS);
    answerOne(driver, "g", () => FAILS);
    tell(driver, { type: "GiveOutcome", step: "f", outcome: { kind: "skipped" } });
    expect(valueAt(driver, "w")).toBe("skipped");
  });

  it("skips who needs it, also where the plan was cancelled before it could", () => {
    const steps = [value("v", 1, { when: "false" }), tool("w", { needs: ["v"] })];
    const given = [
      ...started(planOf(steps)),
      fact("StepSkipped", { step: "v", reason: { kind: "when" } }),
      cancelRequested(),
      fact("PlanCancelled", { epoch: EPOCH }),
      fact("PlanReopened", { epoch: EPOCH }),
    ];
    const reason = { kind: "need" as const, step: "v" };
    expect(follows(given)).toEqual({ kind: "facts", facts: [fact("StepSkipped", { step: "w", reason })] });
  });
});

describe("an attempt that had fallen silent", () => {
  it("is still to be taken back after its step has failed once more", () => {
    const driver = begun([undoable("a")]);
    after(driver, lost("a"));
    reopen(driver);
    answerOne(driver, "a", () => FAILS);
    rollBack(driver);
    expect(running(driver)).toEqual(["undo:1/0/do"]);
  });
});

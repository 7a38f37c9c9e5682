import { describe, expect, it } from "vitest";
import type { Command } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver, replay } from "../driver.ts";
import { approve, call, each, ONCE, PLAN, planOf, tool, value, WORKER } from "../plans.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";

const said = (step: string): Json => step;
const undoable = (id: string, needs: string[] = []): StepDefinition =>
  tool(id, { needs, undo: { call: call({ tool: "test.undo" }), retry: ONCE } });

function run(
  steps: readonly StepDefinition[],
  answer: Parameters<typeof answerAll>[1] = said,
  fields: Partial<PlanDefinition> = {},
): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  answerAll(driver, answer);
  return driver;
}

const tell = (driver: Driver, command: Command) => driver.turn({ commands: [command] })[0];
const reopened = (driver: Driver) => tell(driver, { type: "ReopenPlan" });
const recordOf = (state: PlanState, step: string) => state.steps[stepIndex(state, step)];
const dispatched = ({ events }: Driver) =>
  events.flatMap(({ type, data }) => (type === "StepDispatched" ? [(data as { step: string }).step] : []));

describe("a failed plan that is reopened", () => {
  it("runs its failed steps again, and what waited for them; what succeeded stays", () => {
    const steps = [tool("a"), tool("b", { needs: ["a"] }), tool("c", { needs: ["b"] })];
    const driver = run(steps, (step) => (step === "b" ? FAILS : step));
    expect(reopened(driver)).toMatchObject({ kind: "accepted" });
    expect(running(driver)).toEqual(["b"]);
    expect(recordOf(driver.state, "b")?.chart.context.attempt).toBe(2);
    answerAll(driver, said);
    expect(dispatched(driver)).toEqual(["a", "b", "b", "c"]);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("goes on with the items of an each that failed, and keeps those that succeeded", () => {
    const all = each("all", [1, 2, 3], {
      steps: [tool("first"), tool("second", { needs: ["first"] })],
      concurrency: 1,
    });
    const driver = run([all], (step) => (step === "all/1/second" ? FAILS : step));
    expect(planStateOf(driver.state)).toBe("failed");
    reopened(driver);
    expect(running(driver)).toEqual(["all/1/second"]);
    answerAll(driver, said);
    expect(recordOf(driver.state, "all")?.output).toEqual(inline(["all/0/second", "all/1/second", "all/2/second"]));
    expect(dispatched(driver).filter((step) => step === "all/0/second")).toHaveLength(1);
  });

  it("goes on with no more items at once than may run, also after a crash", () => {
    const all = each("all", [1, 2, 3, 4, 5], {
      steps: [tool("do")],
      concurrency: 2,
      tolerate: { count: 3 },
    });
    const driver = run([all], (step) => (step === "all/0/do" ? step : FAILS));
    expect(planStateOf(driver.state)).toBe("failed");
    reopened(driver);
    expect(running(driver)).toEqual(["all/1/do", "all/2/do"]);
    const kept = decodeState(PLAN, encodeState(driver.state), NO_BLOBS);
    expect(encodeState(kept)).toEqual(encodeState(replay(driver.events)));
    answerOne(driver, "all/1/do", said);
    expect(running(driver)).toEqual(["all/2/do", "all/3/do"]);
    answerAll(driver, said);
    expect(planStateOf(driver.state)).toBe("succeeded");
    expect(recordOf(driver.state, "all")?.output).toEqual(
      inline(["all/0/do", "all/1/do", "all/2/do", "all/3/do", "all/4/do"]),
    );
  });

  it("does what was skipped because of what begins anew, where its condition allows", () => {
    const steps = [tool("a"), value("b", 1, { needs: ["a"] })];
    const driver = run(steps, () => FAILS);
    reopened(driver);
    answerAll(driver, said);
    expect(recordOf(driver.state, "b")?.chart.value).toBe("succeeded");
  });

  it("gets its deadline anew", () => {
    const driver = run([tool("a")], () => FAILS, { deadlineMs: 1_000 });
    driver.now += 5_000;
    reopened(driver);
    expect(running(driver)).toEqual(["a"]);
    expect(driver.state.header.context.deadlineAt).toBe(driver.now + 1_000);
  });

  it("hears the late report of an old fallback while it waits anew, and goes on waiting", () => {
    const question = approve("ask", { fallback: [{ ...tool("f").call, idempotent: true }] });
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([question]), inputs: {} }] });
    const hash = recordOf(driver.state, "ask")?.wait?.approval?.hash ?? "";
    tell(driver, { type: "DecideApproval", step: "ask", hash, verdict: "denied", by: "os:a", roles: [] });
    const report = { type: "ReportAttempt", step: "ask", attempt: 1, executor: WORKER } as const;
    tell(driver, { ...report, outcome: { kind: "timed-out" } });
    expect(planStateOf(driver.state)).toBe("failed");
    reopened(driver);
    tell(driver, { ...report, outcome: { kind: "succeeded", output: inline(1) } });
    expect(driver.events.at(-1)).toMatchObject({ type: "StepLateReported", data: { adopted: false, undoDue: true } });
    expect(recordOf(driver.state, "ask")?.chart.value).toBe("waiting");
  });

  it("does not take the report of an earlier attempt for that of the new one", () => {
    const driver = run([tool("a")], () => FAILS);
    reopened(driver);
    const report = { type: "ReportAttempt", step: "a", attempt: 1, executor: WORKER, outcome: FAILS } as const;
    expect(tell(driver, report)).toEqual({ kind: "duplicate" });
    expect(running(driver)).toEqual(["a"]);
  });

  it("is reopened once, and not when it has succeeded", () => {
    const driver = run([tool("a")], () => FAILS);
    reopened(driver);
    expect(reopened(driver)).toEqual({ kind: "duplicate" });
    answerAll(driver, said);
    expect(reopened(driver)).toMatchObject({ kind: "rejected", code: "plan-ended" });
  });
});

describe("a cancelled plan that is reopened", () => {
  it("goes on with the steps that were stopped, and those that never started", () => {
    const driver = new Driver();
    const definition = planOf([tool("a"), tool("b", { needs: ["a"] })]);
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    tell(driver, { type: "CancelPlan" });
    answerAll(driver, () => ({ kind: "cancelled" }));
    expect(planStateOf(driver.state)).toBe("cancelled");
    reopened(driver);
    answerAll(driver, said);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });
});

describe("a plan that was rolled back and is reopened", () => {
  it("runs again what was undone, in another generation, and nothing else", () => {
    const driver = run([undoable("a"), undoable("b", ["a"])]);
    tell(driver, { type: "RollbackPlan", from: "b" });
    answerAll(driver, said);
    reopened(driver);
    expect(running(driver)).toEqual(["b"]);
    expect(recordOf(driver.state, "b")?.generation).toBe(2);
    answerAll(driver, said);
    expect(dispatched(driver)).toEqual(["a", "b", "undo:1/0/do", "b"]);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("gives the items of an each new paths", () => {
    const driver = run([each("all", [1, 2], { steps: [undoable("do")] })]);
    tell(driver, { type: "RollbackPlan" });
    answerAll(driver, said);
    reopened(driver);
    expect(running(driver)).toEqual(["all~2/0/do", "all~2/1/do"]);
    answerAll(driver, said);
    expect(recordOf(driver.state, "all")?.output).toEqual(inline(["all~2/0/do", "all~2/1/do"]));
    tell(driver, { type: "RollbackPlan" });
    expect(running(driver)).toEqual(["undo:2/0/do", "undo:2/1/do"]);
  });

  it("is the same after a crash at any of its events", () => {
    const driver = run([undoable("a"), each("all", [1, 2], { needs: ["a"], steps: [undoable("do")] })]);
    tell(driver, { type: "RollbackPlan" });
    answerAll(driver, said);
    reopened(driver);
    answerAll(driver, said);
    for (let cut = 1; cut < driver.events.length; cut++) {
      const state = replay(driver.events.slice(0, cut));
      const restored = decodeState(PLAN, JSON.parse(JSON.stringify(encodeState(state))) as Json, NO_BLOBS);
      expect(encodeState(replay(driver.events.slice(cut), restored))).toEqual(encodeState(driver.state));
    }
  });
});

describe("an outcome that a person gives", () => {
  const steps = [tool("a"), tool("b", { needs: ["a"] }), value("c", "${steps.b.output}", { needs: ["b"] })];

  it("makes a failed step done with an output, and its plan goes on", () => {
    const driver = run(steps, (step) => (step === "b" ? FAILS : step));
    tell(driver, { type: "GiveOutcome", step: "b", outcome: { kind: "done", output: inline("by hand") } });
    expect(recordOf(driver.state, "c")?.output).toEqual(inline("by hand"));
    expect(planStateOf(driver.state)).toBe("succeeded");
    expect(dispatched(driver)).toEqual(["a", "b"]);
  });

  it("is refused for what was to answer an unknown outcome: the step itself begins again", () => {
    const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
    const driver = new Driver();
    const risky = tool("a", { unknown: "undo", undo }, { idempotent: false });
    tell(driver, { type: "StartPlan", definition: planOf([risky]), inputs: {} });
    answerOne(driver, "a", () => ({ kind: "timed-out" }));
    tell(driver, { type: "ResolveOutcome", step: "a", resolution: { kind: "fail" } });
    answerOne(driver, "a/0/undo", () => ({ kind: "cancelled" }));
    expect(planStateOf(driver.state)).toBe("failed");
    const outcome = { kind: "done" as const, output: inline(1) };
    expect(tell(driver, { type: "GiveOutcome", step: "a/0/undo", outcome })).toMatchObject({ code: "step-settled" });
    expect(tell(driver, { type: "GiveOutcome", step: "a", outcome })).toMatchObject({ kind: "accepted" });
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("skips a step, and with it what needs it", () => {
    const driver = run(steps, (step) => (step === "b" ? FAILS : step));
    tell(driver, { type: "GiveOutcome", step: "b", outcome: { kind: "skipped" } });
    expect(recordOf(driver.state, "c")?.chart.value).toBe("skipped");
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("is taken for a step that has not started, before its needs are there", () => {
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
    tell(driver, { type: "GiveOutcome", step: "b", outcome: { kind: "done", output: inline("early") } });
    expect(recordOf(driver.state, "c")?.output).toEqual(inline("early"));
    answerAll(driver, said);
    expect(dispatched(driver)).toEqual(["a"]);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("is refused for a step that runs, is not there, or has succeeded; the same again is a duplicate", () => {
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
    const give = (step: string): Command => ({ type: "GiveOutcome", step, outcome: { kind: "skipped" } });
    expect(tell(driver, give("a"))).toMatchObject({ code: "step-settled" });
    expect(tell(driver, give("nobody"))).toMatchObject({ code: "unknown-step" });
    expect(tell(driver, give("b"))).toMatchObject({ kind: "accepted" });
    expect(tell(driver, give("b"))).toEqual({ kind: "duplicate" });
    answerAll(driver, said);
    expect(tell(driver, give("a"))).toMatchObject({ code: "plan-ended" });
  });
});

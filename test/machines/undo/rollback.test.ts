import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import type { StepDefinition, ToolStep } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { Driver, replay } from "../driver.ts";
import { call, calling, each, ONCE, PLAN, planOf, repeat, THRICE, tool, UNAVAILABLE, value, WORKER } from "../plans.ts";
import { calledPlan, type PlanDefinition } from "#events/definition.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";

const undo = (source: Json = "${output}"): NonNullable<ToolStep["undo"]> => ({
  call: call({ tool: "test.undo", with: { of: source } }),
  retry: ONCE,
});
const done = (id: string, fields: Parameters<typeof tool>[1] = {}, calls: Parameters<typeof tool>[2] = {}) =>
  tool(id, { undo: undo(), ...fields }, { with: { id }, ...calls });

function run(steps: readonly StepDefinition[], fields: Partial<PlanDefinition> = {}, answer = said): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  answerAll(driver, answer);
  return driver;
}

/** A step gives its own path. */
const said = (step: string): Json => step;

function rollback(driver: Driver, part: Omit<CommandOf<"RollbackPlan">, "type"> = {}) {
  return driver.turn({ commands: [{ type: "RollbackPlan", ...part }] })[0];
}

/** What undo calls were dispatched for, in order. */
const undone = ({ events }: Driver) =>
  events.flatMap(({ type, data }) => {
    const { undoes } = data as { undoes?: string };
    return type === "StepDispatched" && undoes !== undefined ? [undoes] : [];
  });
const recordOf = (state: PlanState, step: string) => state.steps[stepIndex(state, step)];

const chain = [done("a"), done("b", { needs: ["a"] }), done("c", { needs: ["b"] })];

describe("a rollback", () => {
  it("undoes in reverse dependency order, one layer after the other", () => {
    const driver = run(chain);
    rollback(driver);
    expect(undone(driver)).toEqual(["c"]);
    expect(running(driver)).toEqual(["undo:1/0/do"]);
    answerAll(driver);
    expect(undone(driver)).toEqual(["c", "b", "a"]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("undoes side by side what does not depend on each other", () => {
    const driver = run([done("root"), ...["x", "y", "z"].map((id) => done(id, { needs: ["root"] }))]);
    rollback(driver);
    expect(running(driver)).toHaveLength(3);
    expect(undone(driver).sort()).toEqual(["x", "y", "z"]);
    answerAll(driver);
    expect(undone(driver).at(-1)).toBe("root");
  });

  it("keeps the order also through steps that have nothing to undo", () => {
    const driver = run([done("a"), value("b", "${steps.a.output}", { needs: ["a"] }), done("c", { needs: ["b"] })]);
    rollback(driver);
    expect(running(driver)).toHaveLength(1);
    answerAll(driver);
    expect(undone(driver)).toEqual(["c", "a"]);
  });

  it("calls with the arguments that were recorded with the success", () => {
    const driver = run([done("a")]);
    const success = driver.events.find(({ type }) => type === "StepSucceeded");
    expect(success?.data).toMatchObject({ undo: { tool: "test.undo", version: "1.0.0", args: inline({ of: "a" }) } });
    rollback(driver);
    const sent = driver.events.findLast(({ type }) => type === "StepDispatched");
    expect(sent?.data).toMatchObject({ tool: "test.undo", args: inline({ of: "a" }), undoes: "a" });
  });

  it("calls where the undo is to run", () => {
    const undo = { call: call({ tool: "test.undo", isolate: "thread" }), retry: ONCE };
    const driver = run([tool("a", { undo }, { isolate: "process" })]);
    const dispatches = () => driver.events.filter(({ type }) => type === "StepDispatched").map(({ data }) => data);
    expect(dispatches()).toMatchObject([{ isolate: "process" }]);
    rollback(driver);
    expect(dispatches()).toMatchObject([{ isolate: "process" }, { tool: "test.undo", isolate: "thread" }]);
  });

  it("undoes a step of unknown outcome, with null for its output", () => {
    const driver = new Driver();
    const risky = done("a", {}, { idempotent: false, timeoutMs: 100 });
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([risky]), inputs: {} }] });
    const report = {
      type: "ReportAttempt",
      step: "a",
      attempt: 1,
      executor: WORKER,
      outcome: { kind: "timed-out" },
    } as const;
    driver.turn({ commands: [report] });
    rollback(driver);
    const sent = driver.events.findLast(({ type }) => type === "StepDispatched");
    expect(sent?.data).toMatchObject({ args: inline({ of: null }), undoes: "a" });
    answerAll(driver);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("undoes nothing that never happened", () => {
    const driver = run([done("a"), done("b", { needs: ["a"] })], {}, (step) => (step === "b" ? FAILS : step) as Json);
    rollback(driver);
    answerAll(driver);
    expect(undone(driver)).toEqual(["a"]);
  });

  it("from a step undoes it and what depends on it; to a step, all but it and what it depends on", () => {
    const steps = [...chain, done("aside")];
    const from = run(steps);
    rollback(from, { from: "b" });
    answerAll(from);
    expect(undone(from)).toEqual(["c", "b"]);
    const to = run(steps);
    rollback(to, { to: "b" });
    answerAll(to);
    expect(undone(to).sort()).toEqual(["aside", "c"]);
  });

  it("of a plan that runs waits for what runs, told to stop, and undoes what succeeded all the same", () => {
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([done("a"), done("b")]), inputs: {} }] });
    rollback(driver);
    expect(planStateOf(driver.state)).toBe("rolling-back");
    answerOne(driver, "a", said);
    expect(undone(driver)).toEqual([]);
    answerOne(driver, "b", () => ({ kind: "cancelled" }));
    expect(undone(driver)).toEqual(["a"]);
    answerAll(driver);
    expect(recordOf(driver.state, "b")?.chart.value).toBe("cancelled");
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("names irreversible steps before anything runs, and starts when they were accepted", () => {
    const driver = run([done("a"), tool("mail", { irreversible: true, needs: ["a"] })]);
    const refused = rollback(driver);
    expect(refused).toMatchObject({ kind: "rejected", code: "irreversible-steps" });
    expect(refused?.kind === "rejected" ? refused.reason : "").toContain("mail");
    expect(undone(driver)).toEqual([]);
    rollback(driver, { acceptIrreversible: true });
    const begun = driver.events.find(({ type }) => type === "PlanRollbackStarted");
    expect(begun?.data).toMatchObject({ irreversible: ["mail"] });
    answerAll(driver);
    expect(undone(driver)).toEqual(["a"]);
  });

  it("tries an undo call again by the policy of the undo", () => {
    const driver = run([done("a", { undo: { ...undo(), retry: { ...THRICE, delayMs: 10 } } })]);
    rollback(driver);
    let calls = 0;
    const flaky = (): Json => (++calls < 3 ? (FAILS as unknown as Json) : "undone");
    for (let turn = 0; turn < 3; turn++) {
      answerAll(driver, flaky);
      driver.now += 100;
      driver.turn();
    }
    expect(calls).toBe(3);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("in which an undo fails goes on with the others, fails, and can be started again for the rest", () => {
    const driver = run(chain);
    rollback(driver);
    answerAll(driver, (step) => (step === "undo:1/1/do" ? { kind: "failed", error: UNAVAILABLE } : null));
    expect(undone(driver)).toEqual(["c", "b", "a"]);
    expect(planStateOf(driver.state)).toBe("failed");
    expect(driver.state.error).toMatchObject({ category: "conflict", code: "undo-failed" });
    rollback(driver);
    answerAll(driver);
    expect(undone(driver)).toEqual(["c", "b", "a", "b"]);
    expect(running(driver)).toEqual([]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("whose undo call has no arguments fails for that step by name and undoes the others", () => {
    const driver = run([done("a", { undo: undo("${output.nothing}") }), done("b")]);
    rollback(driver);
    answerAll(driver);
    expect(undone(driver)).toEqual(["b"]);
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it("is the same after a crash at any of its events", () => {
    const driver = run(chain);
    rollback(driver);
    answerAll(driver);
    for (let cut = 1; cut < driver.events.length; cut++) {
      const state = replay(driver.events.slice(0, cut));
      const restored = decodeState(PLAN, JSON.parse(JSON.stringify(encodeState(state))) as Json, NO_BLOBS);
      expect(encodeState(replay(driver.events.slice(cut), restored))).toEqual(encodeState(driver.state));
    }
  });

  it("that is asked for twice is one", () => {
    const driver = run(chain);
    rollback(driver);
    expect(rollback(driver)).toEqual({ kind: "duplicate" });
  });

  it("of a step that is not there, and of a plan that is being cancelled, is refused", () => {
    expect(rollback(run(chain), { from: "nobody" })).toMatchObject({ code: "unknown-step" });
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf(chain), inputs: {} }] });
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    expect(rollback(driver)).toMatchObject({ code: "plan-ending" });
  });
});

describe("a rollback of steps with steps inside", () => {
  it("undoes all items of an each side by side, after what depends on it and before what it depends on", () => {
    const all = each("all", [1, 2, 3], { needs: ["a"], steps: [done("do")] });
    const driver = run([done("a"), all, done("z", { needs: ["all"] })]);
    rollback(driver);
    answerAll(driver);
    const order = undone(driver);
    expect(order[0]).toBe("z");
    expect(order.slice(1, 4).sort()).toEqual(["all/0/do", "all/1/do", "all/2/do"]);
    expect(order[4]).toBe("a");
  });

  it("undoes iterations of a repeat from the last to the first", () => {
    const driver = run([repeat("again", "index == 2", { steps: [done("do")] })]);
    rollback(driver);
    answerAll(driver);
    expect(undone(driver)).toEqual(["again/2/do", "again/1/do", "again/0/do"]);
  });

  it("undoes the steps of a called plan in their reverse order", () => {
    const inner = calledPlan.parse({ name: "inner", steps: [done("first"), done("second", { needs: ["first"] })] });
    const driver = run([calling("call", "inner")], { calls: { inner } });
    rollback(driver);
    answerAll(driver);
    expect(undone(driver)).toEqual(["call/second", "call/first"]);
  });

  it("undoes also what has left memory", () => {
    const items = Array.from({ length: 1_500 }, (_, index) => index);
    const driver = run([each("all", items, { steps: [done("do")], concurrency: 100 })]);
    rollback(driver);
    answerAll(driver);
    expect(new Set(undone(driver)).size).toBe(1_500);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });
});

describe("a plan that rolls back when it fails", () => {
  it("undoes what succeeded and ends rolled back, with what made it fail", () => {
    const driver = run(
      [done("a"), tool("b", { needs: ["a"] })],
      { onFailure: "rollback" },
      (step) => (step === "b" ? FAILS : step) as Json,
    );
    expect(undone(driver)).toEqual(["a"]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
    expect(driver.state.error).toMatchObject({ code: "steps-failed" });
  });

  it("does so as well when its deadline passes", () => {
    const driver = new Driver();
    const definition = planOf([done("a"), tool("b", { needs: ["a"] })], { onFailure: "rollback", deadlineMs: 100 });
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    answerOne(driver, "a", said);
    driver.now += 100;
    driver.turn();
    answerAll(driver, (step) => (step === "b" ? { kind: "cancelled" } : step));
    expect(undone(driver)).toEqual(["a"]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });
});

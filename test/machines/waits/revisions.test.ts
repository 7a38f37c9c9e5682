import { describe, expect, it } from "vitest";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { changesBetween } from "#machines/revision.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { call, each, failed, planOf, succeeded, tool, value, wait, WORKER } from "../plans.ts";

function begin(steps: readonly StepDefinition[], fields: Partial<PlanDefinition> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  return driver;
}

/** Of the plan, and the edition that is revised. */
type Fields = Partial<PlanDefinition> & { readonly edition?: number };

function revise(driver: Driver, steps: readonly StepDefinition[], fields: Fields = {}) {
  const { edition = 1, ...rest } = fields;
  return driver.turn({ commands: [{ type: "RevisePlan", definition: planOf(steps, rest), edition }] })[0];
}

const recordOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path));
const valueOf = (driver: Driver, path: string) => recordOf(driver, path).chart.value;
const a = tool("a");
const b = tool("b", { needs: ["a"] });

describe("a revision", () => {
  it("keeps finished work, and goes on with the new steps", () => {
    const driver = begin([a, b]);
    driver.record(succeeded("a", { output: inline(1) }));
    driver.turn();
    expect(revise(driver, [a, b, value("c", "${steps.a.output}", { needs: ["a"] })])?.kind).toBe("accepted");
    expect(recordOf(driver, "a").output).toEqual(inline(1));
    expect(recordOf(driver, "c").output).toEqual(inline(1));
    expect(driver.state.header.context.edition).toBe(2);
    driver.record(succeeded("b"));
    driver.turn();
    expect(driver.state.header.value).toBe("succeeded");
  });

  it("leaves what runs alone, and its report counts", () => {
    const driver = begin([a, b]);
    revise(driver, [a, { ...b, call: call({ with: { x: 2 } }) }]);
    const outcome = { kind: "succeeded", output: inline(1) } as const;
    driver.turn({ commands: [{ type: "ReportAttempt", step: "a", attempt: 1, executor: WORKER, outcome }] });
    expect(recordOf(driver, "b").dispatched?.args).toEqual(inline({ x: 2 }));
  });

  it.each([
    ["changes", [{ ...a, call: call({ with: { x: 2 } }) }, b]],
    ["removes", [{ ...b, needs: [] }]],
  ])("is refused where it %s what has begun", (_, steps) => {
    expect(revise(begin([a, b]), steps)).toMatchObject({ code: "step-begun", reason: expect.stringContaining("a") });
  });

  it("of a failed plan takes it up again, with the step as it is now", () => {
    const driver = begin([a, b]);
    driver.record(failed("a"));
    driver.turn();
    expect(driver.state.header.value).toBe("failed");
    revise(driver, [{ ...a, call: call({ with: { x: 2 } }) }, b]);
    expect(driver.state.header.value).toBe("running");
    expect(recordOf(driver, "a").dispatched).toMatchObject({ attempt: 2, args: inline({ x: 2 }) });
    expect(recordOf(driver, "a").generation).toBe(2);
  });

  it("of an edition that was revised since is refused, and so are other inputs, a cycle, and a plan that has succeeded", () => {
    const driver = begin([a, b]);
    expect(revise(driver, [a], { edition: 7 })).toMatchObject({ code: "edition-outdated" });
    expect(revise(driver, [a], { inputs: { x: { schema: {} } } })).toMatchObject({ code: "inputs-revised" });
    expect(revise(driver, [a, tool("c", { needs: ["d"] }), tool("d", { needs: ["c"] })])).toMatchObject({
      code: "cyclic-plan",
    });
    expect(revise(driver, [a, b])).toEqual({ kind: "duplicate" });
    expect(revise(begin([value("v", 1)]), [a])).toMatchObject({ code: "plan-ended" });
  });

  it("keeps an open each with its items, and moves the plan's deadline", () => {
    const all = each("all", [1, 2], { steps: [tool("do")], concurrency: 1 });
    const driver = begin([all], { deadlineMs: 1_000 });
    const startedAt = driver.state.header.context.startedAt;
    revise(driver, [all, wait("w", 10)], { deadlineMs: 5_000 });
    expect(driver.state.header.context.deadlineAt).toBe(startedAt + 5_000);
    driver.record(succeeded("all/0/do"));
    driver.turn();
    expect(valueOf(driver, "all/1/do")).toBe("running");
  });

  it("says what is different", () => {
    const before = planOf([a, b]);
    const after = planOf([{ ...a, retry: { ...a.retry, attempts: 9 }, description: "first" }, tool("c")]);
    expect(changesBetween(before, after)).toEqual([
      { step: "a", change: "changed", words: ["description", "retry"] },
      { step: "c", change: "added", words: [] },
      { step: "b", change: "removed", words: [] },
    ]);
  });
});

describe("a pause", () => {
  it("starts nothing, lets what runs end, and keeps retries for later", () => {
    const driver = begin([a, b]);
    driver.turn({ commands: [{ type: "PausePlan" }] });
    driver.record(succeeded("a"));
    driver.turn();
    expect(valueOf(driver, "b")).toBe("pending");
    driver.turn({ commands: [{ type: "ResumePlan" }] });
    expect(valueOf(driver, "b")).toBe("running");
  });

  it("does not stop the clock, unless the plan says so", () => {
    const waits = [wait("w", 100), tool("m")];
    const goesOn = begin(waits);
    const stands = begin(waits, { pauseStopsClock: true });
    for (const driver of [goesOn, stands]) {
      driver.turn({ commands: [{ type: "PausePlan" }] });
      driver.now += 150;
      driver.turn();
    }
    expect([valueOf(goesOn, "w"), valueOf(stands, "w")]).toEqual(["succeeded", "waiting"]);
    stands.turn({ commands: [{ type: "ResumePlan" }] });
    stands.now += 99;
    stands.turn();
    expect(valueOf(stands, "w")).toBe("waiting");
    stands.now += 1;
    stands.turn();
    expect(valueOf(stands, "w")).toBe("succeeded");
  });
});

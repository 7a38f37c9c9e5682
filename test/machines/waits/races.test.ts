import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { each, failed, planOf, succeeded, tool, UNAVAILABLE, value, WORKER } from "../plans.ts";

function begin(steps: readonly StepDefinition[], slots = Infinity): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }], slots });
  return driver;
}

const valueOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path)).chart.value;
const requests = ({ events }: Driver) =>
  events.flatMap(({ type, data }) => (type === "StepCancelRequested" ? [(data as { step: string }).step] : []));

const race = (needs: readonly string[], first: number) => tool("z", { needs: [...needs], join: { first } });

describe("a race", () => {
  it("is won by the first n successes, and its losers are given up", () => {
    const driver = begin([tool("a"), tool("b"), tool("c"), race(["a", "b", "c"], 2)]);
    driver.record(succeeded("c"));
    driver.turn();
    expect(requests(driver)).toEqual([]);
    driver.record(succeeded("a"));
    driver.turn();
    expect(requests(driver)).toEqual(["b"]);
    expect([valueOf(driver, "b"), valueOf(driver, "z")]).toEqual(["running", "running"]);
  });

  it("starts no loser that had not begun", () => {
    const driver = begin([value("a", 1), tool("b"), race(["a", "b"], 1)], 0);
    expect(valueOf(driver, "b")).toBe("cancelled");
  });

  it("leaves a loser alone that something else needs", () => {
    const driver = begin([tool("a"), tool("b"), race(["a", "b"], 1), tool("also", { needs: ["b"] })]);
    driver.record(succeeded("a"));
    driver.turn();
    expect(requests(driver)).toEqual([]);
  });

  it("is not lost by a failure of a loser", () => {
    const driver = begin([tool("a"), tool("b"), race(["a", "b"], 1)]);
    driver.record(succeeded("a"));
    driver.turn();
    const outcome = { kind: "failed", error: UNAVAILABLE } as const;
    driver.turn({ commands: [{ type: "ReportAttempt", step: "b", attempt: 1, executor: WORKER, outcome }] });
    expect(valueOf(driver, "b")).toBe("cancelled");
    driver.record(succeeded("z"));
    driver.turn();
    expect(driver.state.header.value).toBe("succeeded");
  });

  it("goes on when one of its steps fails before it is won", () => {
    const driver = begin([tool("a"), tool("b"), race(["a", "b"], 1)]);
    driver.record(failed("a"));
    driver.turn();
    expect(driver.state.header.value).toBe("running");
  });

  it("stops what runs inside a loser, and waits for its answer", () => {
    const driver = begin([
      tool("a"),
      each("b", [1, 2, 3], { steps: [tool("do")], concurrency: 2 }),
      race(["a", "b"], 1),
    ]);
    driver.record(succeeded("a"));
    driver.turn();
    expect(valueOf(driver, "b")).toBe("open");
    for (const step of ["b/0/do", "b/1/do"]) {
      const outcome = { kind: "cancelled" } as const;
      driver.turn({ commands: [{ type: "ReportAttempt", step, attempt: 1, executor: WORKER, outcome }] });
    }
    expect([valueOf(driver, "b"), valueOf(driver, "b/2/do")]).toEqual(["cancelled", "pending"]);
  });

  it("that is won stays won when the plan is taken up again", () => {
    const driver = begin([tool("a"), tool("b"), race(["a", "b"], 1)]);
    driver.record(succeeded("a"));
    driver.turn();
    driver.turn({
      commands: [{ type: "ReportAttempt", step: "b", attempt: 1, executor: WORKER, outcome: { kind: "cancelled" } }],
    });
    driver.record(failed("z"));
    driver.turn();
    expect(driver.state.header.value).toBe("failed");
    driver.turn({ commands: [{ type: "ReopenPlan" }] });
    expect([valueOf(driver, "b"), valueOf(driver, "z")]).toEqual(["cancelled", "running"]);
  });
});

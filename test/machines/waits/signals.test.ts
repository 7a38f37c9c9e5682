import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { each, planOf, signal, succeeded, tool, wait } from "../plans.ts";

const DAY_MS = 24 * 60 * 60_000;

function begin(steps: readonly StepDefinition[], fields: Partial<PlanDefinition> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  return driver;
}

const send = (driver: Driver, name: string, fields: Partial<CommandOf<"SendSignal">> = {}) =>
  driver.turn({ commands: [{ type: "SendSignal", name, payload: inline(name), by: "os:alice", ...fields }] })[0];

const recordOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path));
const outputOf = (driver: Driver, path: string) => recordOf(driver, path).output;

describe("a signal", () => {
  it("that comes before its wait is kept until the step waits", () => {
    const driver = begin([tool("a"), signal("s", "go", { needs: ["a"] })]);
    send(driver, "go", { payload: inline({ by: "hand" }) });
    expect(driver.state.signals.list()).toMatchObject([{ number: 1, name: "go", by: "os:alice" }]);
    driver.record(succeeded("a"));
    driver.turn();
    expect(outputOf(driver, "s")).toEqual(inline({ by: "hand" }));
    expect(driver.state.signals.list()).toEqual([]);
    expect(driver.state.header.value).toBe("succeeded");
  });

  it("is taken once, by the step that has waited longest, and the next by the next", () => {
    const driver = begin([signal("s", "go"), signal("t", "go"), tool("m")]);
    send(driver, "go", { payload: inline(1) });
    expect([outputOf(driver, "s"), outputOf(driver, "t")]).toEqual([inline(1), undefined]);
    send(driver, "go", { payload: inline(2) });
    expect(outputOf(driver, "t")).toEqual(inline(2));
  });

  it("of another name wakes nobody, and is listed", () => {
    const driver = begin([signal("s", "go")]);
    send(driver, "gone");
    expect(recordOf(driver, "s").chart.value).toBe("waiting");
    expect(driver.state.signals.list().map(({ name }) => name)).toEqual(["gone"]);
  });

  it("for nobody expires after seven days, or when its sender says", () => {
    const driver = begin([tool("m")]);
    send(driver, "go");
    send(driver, "soon", { expiresMs: 5 });
    expect(nextDueAt(driver.state, driver.now)).toBe(driver.now + 5);
    driver.now += 5;
    driver.turn();
    expect(driver.state.signals.list().map(({ name }) => name)).toEqual(["go"]);
    driver.now += 7 * DAY_MS;
    driver.turn();
    expect(driver.state.signals.list()).toEqual([]);
  });

  it("that is sent again with its id is one signal", () => {
    const driver = begin([signal("s", "go"), signal("t", "go"), tool("m")]);
    expect(send(driver, "go", { id: "x" })?.kind).toBe("accepted");
    expect(send(driver, "go", { id: "x" })).toEqual({ kind: "duplicate" });
    expect(recordOf(driver, "t").chart.value).toBe("waiting");
  });

  it("is named by a template, inside an each as well", () => {
    const driver = begin([each("all", ["x", "y"], { steps: [signal("do", "go-${item}")] })]);
    send(driver, "go-y");
    send(driver, "go-x");
    expect(outputOf(driver, "all")).toEqual(inline(["go-x", "go-y"]));
  });

  it("does not come to a step whose deadline has passed", () => {
    const driver = begin([signal("s", "go", { deadlineMs: 10 }), tool("m")], { onFailure: "continue" });
    driver.now += 10;
    driver.turn();
    send(driver, "go");
    expect(recordOf(driver, "s").error).toMatchObject({ category: "timeout" });
    expect(driver.state.signals.size).toBe(1);
  });

  it("is refused by a plan that has ended, or keeps as many as it may", () => {
    const driver = begin([wait("w", 5)]);
    for (let count = 0; count < 1_000; count++) send(driver, "go");
    expect(send(driver, "go")).toMatchObject({ code: "too-many-signals" });
    driver.now += 5;
    driver.turn();
    expect(send(driver, "go")).toMatchObject({ code: "plan-ended" });
  });

  it("is waited for again after a pause, and taken during one", () => {
    const driver = begin([signal("s", "go"), tool("b", { needs: ["s"] })]);
    driver.turn({ commands: [{ type: "PausePlan" }] });
    send(driver, "go");
    expect(recordOf(driver, "s").chart.value).toBe("succeeded");
    expect(recordOf(driver, "b").chart.value).toBe("pending");
    driver.turn({ commands: [{ type: "ResumePlan" }] });
    expect(recordOf(driver, "b").chart.value).toBe("running");
  });
});

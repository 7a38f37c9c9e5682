import { describe, expect, it } from "vitest";
import type { CalledPlan, PlanDefinition, StepDefinition } from "#events/definition.ts";
import { calledPlan } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { calling, each, planOf, tool, value } from "../plans.ts";
import { answerAll, FAILS, running } from "./answering.ts";

const called = (name: string, steps: readonly StepDefinition[], fields: Partial<CalledPlan> = {}): CalledPlan =>
  calledPlan.parse({ name, version: "1.0.0", steps, ...fields });

const BUILD = called("build", [tool("compile", {}, { with: { of: "${inputs.what}", level: "${inputs.level}" } })], {
  inputs: { what: { schema: { type: "string" } }, level: { schema: { type: "integer" }, default: 3 } },
  outputs: { made: "${steps.compile.output.of}", level: "${steps.compile.output.level}" },
});

function started(definition: PlanDefinition, inputs: Record<string, Json> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition, inputs }] });
  return driver;
}

const recordOf = (state: PlanState, step: string) => state.steps[stepIndex(state, step)];

describe("a call", () => {
  const calls = { "build@1.0.0": BUILD };

  it("runs the called plan's steps in its own, with inputs and defaults, and gives its outputs", () => {
    const step = calling("release", "build@1.0.0", { with: { what: "${inputs.what}" } });
    const inputs = { what: { schema: {} } };
    const driver = started(planOf([step], { calls, inputs }), { what: "all" });
    expect(running(driver)).toEqual(["release/compile"]);
    answerAll(driver);
    expect(recordOf(driver.state, "release")?.output).toEqual(inline({ made: "all", level: 3 }));
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("without an input that the called plan wants fails by name", () => {
    const driver = started(planOf([calling("release", "build@1.0.0")], { calls }));
    expect(recordOf(driver.state, "release")?.error).toMatchObject({ category: "validation", code: "missing-input" });
  });

  it("fails with the called plan", () => {
    const driver = started(planOf([calling("release", "build@1.0.0", { with: { what: "x" } })], { calls }));
    answerAll(driver, () => FAILS);
    expect(recordOf(driver.state, "release")?.error?.message).toBe("release/compile failed: nobody answers");
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it("does not see the steps of its caller, and its caller does not see its own", () => {
    const nosy = called("nosy", [value("compile", "${steps.outer.output}")]);
    const steps = [value("outer", 1), calling("inner", "nosy@1.0.0", { needs: ["outer"] })];
    const driver = started(planOf(steps, { calls: { "nosy@1.0.0": nosy } }));
    expect(recordOf(driver.state, "inner/compile")?.error).toMatchObject({ code: "missing-output" });
  });

  it("of a plan that goes on after failures waits for all that can run", () => {
    const both = called("both", [tool("one"), tool("two")], { onFailure: "continue" });
    const driver = started(planOf([calling("inner", "both@1.0.0")], { calls: { "both@1.0.0": both } }));
    answerAll(driver, (step) => (step === "inner/one" ? FAILS : step));
    expect(recordOf(driver.state, "inner/two")?.chart.value).toBe("succeeded");
    expect(recordOf(driver.state, "inner")?.chart.value).toBe("failed");
  });

  it("stands inside of an each, once an item", () => {
    const step = calling("do", "build@1.0.0", { with: { what: "${item}" } });
    const driver = started(planOf([each("all", ["a", "b"], { steps: [step] })], { calls }));
    expect(running(driver)).toEqual(["all/0/do/compile", "all/1/do/compile"]);
    answerAll(driver);
    expect(recordOf(driver.state, "all")?.output).toEqual(
      inline([
        { made: "a", level: 3 },
        { made: "b", level: 3 },
      ]),
    );
  });

  it.each([
    ["itself", { "loop@1.0.0": called("loop", [calling("again", "loop@1.0.0")]) }],
    [
      "itself through another",
      {
        "loop@1.0.0": called("loop", [calling("there", "back@1.0.0")]),
        "back@1.0.0": called("back", [calling("again", "loop@1.0.0")]),
      },
    ],
  ])("of a plan that calls %s is refused before anything is recorded", (_, calls) => {
    const driver = new Driver();
    const definition = planOf([calling("first", "loop@1.0.0")], { calls });
    const [decision] = driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    expect(decision).toMatchObject({ kind: "rejected", code: "recursive-call" });
    expect(driver.events).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { planStateOf, type PlanState } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver, replay } from "../driver.ts";
import { planOf, repeat, tool } from "../plans.ts";
import { answerAll, FAILS } from "./answering.ts";

const poll = tool("do", {}, { with: { before: "${previous}", index: "${index}" } });

function started(...steps: readonly StepDefinition[]): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
  return driver;
}

const recordOf = (state: PlanState, step: string) => state.steps[stepIndex(state, step)];

describe("a repeat", () => {
  it("runs its steps again until the condition holds, and gives the last output", () => {
    const driver = started(repeat("poll", "output.index == 2", { steps: [poll] }));
    answerAll(driver);
    expect(recordOf(driver.state, "poll")?.output).toEqual(
      inline({ before: { before: { before: null, index: 0 }, index: 1 }, index: 2 }),
    );
    expect(driver.events.filter(({ type }) => type === "StepExpanded")).toHaveLength(3);
    expect(planStateOf(driver.state)).toBe("succeeded");
  });

  it("fails when the condition does not hold after the last iteration", () => {
    const driver = started(repeat("poll", "false", { steps: [poll], max: 3 }));
    answerAll(driver);
    expect(recordOf(driver.state, "poll")?.error).toMatchObject({ code: "repeat-exhausted" });
    expect(driver.events.filter(({ type }) => type === "StepDispatched")).toHaveLength(3);
  });

  it("fails with the iteration that fails, or goes on with its fallback", () => {
    const answer = (step: string) => (step === "poll/1/do" ? FAILS : step);
    const failing = started(repeat("poll", "index == 2", { steps: [poll] }));
    answerAll(failing, answer);
    expect(recordOf(failing.state, "poll")?.error?.message).toBe("poll/1/do failed: nobody answers");
    const mended = started(repeat("poll", "index == 2", { steps: [poll], fallback: [{ value: "enough" }] }));
    answerAll(mended, answer);
    expect(recordOf(mended.state, "poll")?.output).toEqual(inline("enough"));
  });

  it("whose condition has no value fails by name", () => {
    const driver = started(repeat("poll", "output.nothing", { steps: [poll] }));
    answerAll(driver);
    expect(recordOf(driver.state, "poll")?.error).toMatchObject({ category: "validation", code: "no-such-key" });
  });

  it("of hundreds of iterations keeps the last ones in memory", () => {
    const driver = started(
      repeat("poll", "index == 299", { steps: [tool("do", {}, { with: { index: "${index}" } })], max: 300 }),
    );
    let most = 0;
    answerAll(driver, (_, args) => {
      most = Math.max(most, recordOf(driver.state, "poll")?.expansion?.scopes.size ?? 0);
      return args;
    });
    expect(most).toBeLessThan(70);
    expect(recordOf(driver.state, "poll")?.output).toEqual(inline({ index: 299 }));
    expect(recordOf(replay(driver.events), "poll")?.output).toEqual(inline({ index: 299 }));
  });
});

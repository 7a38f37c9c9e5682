// What is refused is named: the step, the value, the others that are with it.
import { describe, expect, it } from "vitest";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { Driver } from "../driver.ts";
import { each, failed, INVALID, planOf, repeat, signal, succeeded, tool, UNAVAILABLE, wait } from "../plans.ts";

const begin = (definition: PlanDefinition) => {
  const driver = new Driver();
  const [answer] = driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
  return { driver, answer };
};
const flawOf = (definition: PlanDefinition) => begin(definition).answer;
const errorOf = (step: StepDefinition) => {
  const { driver } = begin(planOf([step]));
  return driver.events
    .map(({ data }) => (data as { error?: { code: string; message: string } }).error)
    .find((it) => it !== undefined);
};

const ghost = [tool("x", { needs: ["ghost"] })];
const circle = [tool("a", { needs: ["b"] }), tool("b", { needs: ["a"] })];
const missing = { kind: "rejected", code: "unknown-need", reason: "step x needs ghost, which is not in the plan" };
const twice = { kind: "rejected", code: "duplicate-step", reason: "two steps are called a" };

describe("a plan that cannot be", () => {
  it("is refused with the steps that are in the way", () => {
    expect(flawOf(planOf([tool("a"), tool("a")]))).toEqual(twice);
    expect(flawOf(planOf(ghost))).toEqual(missing);
    expect(flawOf(planOf(circle))).toMatchObject({
      code: "cyclic-plan",
      reason: expect.stringMatching(/: (a → b → a|b → a → b)$/) as string,
    });
  });

  it("is refused for what is inside a step of it, at any depth, and inside a called plan", () => {
    const inner = (steps: readonly StepDefinition[]) => [tool("first"), each("all", [1], { steps })];
    expect(flawOf(planOf(inner(ghost)))).toEqual(missing);
    expect(flawOf(planOf(inner([repeat("more", "${true}", { steps: ghost }), tool("last")])))).toEqual(missing);
    expect(flawOf(planOf(inner([repeat("more", "${true}", { steps: [tool("x")] }), tool("last")])))).toMatchObject({
      kind: "accepted",
    });
    expect(flawOf(planOf([tool("a")], { calls: { other: planOf(ghost) } }))).toEqual(missing);
    expect(flawOf(planOf([tool("a")], { calls: { other: planOf([tool("x")]) } }))).toMatchObject({
      kind: "accepted",
    });
  });
});

describe("a step that cannot begin", () => {
  const long = "x".repeat(300);
  const shown = JSON.stringify(long).slice(0, 100);

  it.each([
    { step: each("a", "${1 + 1}", { steps: [tool("do")] }), code: "each-over-non-list", ends: "not over 2" },
    {
      step: each("a", `\${"${long}"}`, { steps: [tool("do")] }),
      code: "each-over-non-list",
      ends: `not over ${shown}`,
    },
    { step: signal("a", "${1 + 1}"), code: "bad-signal-name", ends: "not 2" },
    { step: signal("a", "${''}"), code: "bad-signal-name", ends: 'not ""' },
    { step: wait("a", "tomorrow"), code: "not-a-moment", ends: 'not at "tomorrow"' },
    { step: wait("a", `\${"${long}"}`), code: "not-a-moment", ends: `not at ${shown}` },
    { step: wait("a", "${0 - 1}"), code: "not-a-moment", ends: "not at -1" },
    {
      step: tool("a", { key: `\${["${long}"]}` }),
      code: "bad-key-value",
      ends: `not ${JSON.stringify([long]).slice(0, 100)}`,
    },
  ])("says what it has instead: $code", ({ step, code, ends }) => {
    const error = errorOf(step);
    expect(error).toMatchObject({ code });
    expect(error?.message.endsWith(ends), error?.message).toBe(true);
  });
});

describe("a plan that fails", () => {
  it("names the steps that failed, and why the first did", () => {
    const { driver } = begin(planOf([tool("a"), tool("b"), tool("c")]));
    driver.record(succeeded("a"), failed("b", { error: INVALID }), failed("c", { error: UNAVAILABLE }));
    driver.turn();
    const message = `b, c failed: ${INVALID.message}`;
    const error = { category: INVALID.category, code: "steps-failed", message };
    expect(driver.events.at(-1)).toMatchObject({ type: "PlanFailed", data: { failed: ["b", "c"], error } });
  });
});

describe("a revision of what has begun", () => {
  it("names the steps that it would change or take away", () => {
    const steps = [tool("a"), tool("b"), tool("c", { needs: ["a"] })];
    const { driver } = begin(planOf(steps));
    driver.record(succeeded("b"));
    const revise = (after: readonly StepDefinition[]) =>
      driver.turn({ commands: [{ type: "RevisePlan", definition: planOf(after), edition: 1 }] })[0];
    const begun = (names: string) => ({ code: "step-begun", reason: `what has begun stays as it is: ${names}` });
    expect(revise([tool("c")])).toMatchObject(begun("a, b"));
    expect(revise([tool("a", {}, { with: { x: 1 } }), tool("b")])).toMatchObject(begun("a"));
    expect(revise([tool("a"), tool("b"), tool("c", { needs: ["b"] })])).toMatchObject({ kind: "accepted" });
  });
});

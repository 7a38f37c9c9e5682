import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import { calledPlan, type CalledPlan, type StepDefinition } from "#events/definition.ts";
import { essenceOf } from "#machines/essence.ts";
import { call, calling, each, repeat, tool, value } from "./plans.ts";

const called = (name: string, steps: readonly StepDefinition[]): CalledPlan => calledPlan.parse({ name, steps });

/** `outer` calls `inner`; `other` is called by nobody. */
const CALLS = {
  "outer@1": called("outer", [each("all", [1], { steps: [calling("go", "inner@1")] })]),
  "inner@1": called("inner", [tool("work"), value("last", 1)]),
  "other@1": called("other", [tool("rest")]),
};
/** The same plans with another tool in the innermost one. */
const CHANGED = { ...CALLS, "inner@1": called("inner", [tool("work", {}, { tool: "test.other" })]) };

const isSame = (step: StepDefinition, other: StepDefinition, calls: Record<string, CalledPlan> = CALLS): boolean =>
  contentHash(essenceOf(step, { calls: CALLS })) === contentHash(essenceOf(other, { calls }));

describe("the essence of a step", () => {
  it.each([
    ["by itself", calling("a", "inner@1")],
    ["through another plan", calling("a", "outer@1")],
    ["from an each", each("a", [1], { steps: [calling("go", "inner@1")] })],
    ["from a repeat", repeat("a", "true", { steps: [calling("go", "inner@1")] })],
    ["from far inside", each("a", [1], { steps: [repeat("b", "true", { steps: [calling("go", "outer@1")] })] })],
    ["after a step that calls nothing", each("a", [1], { steps: [tool("t"), calling("go", "inner@1")] })],
  ])("has in it what the plans do that it calls %s", (_, step) => {
    expect(isSame(step, step, CHANGED)).toBe(false);
    expect(isSame(step, step, { ...CALLS, "other@1": called("other", [tool("new")]) })).toBe(true);
  });

  it.each([
    ["a tool step", tool("a")],
    ["an each without a call", each("a", [1], { steps: [tool("t")] })],
  ])("of %s has no plan in it", (_, step) => {
    expect(isSame(step, step, CHANGED)).toBe(true);
    expect(essenceOf(step, {}).calls).toEqual({});
  });

  it("of a step that calls what the plan does not bring says nothing about it", () => {
    expect(essenceOf(calling("a", "gone@1"), { calls: CALLS }).calls).toEqual({});
  });

  it.each([
    ["its description", { description: "fetches" }],
    ["its estimate", { estimateMs: 5 }],
    ["its priority", { priority: 3 }],
    ["its needs", { needs: ["b"] }],
  ])("is the same whatever %s", (_, fields) => {
    expect(isSame(tool("a"), tool("a", fields))).toBe(true);
  });

  it.each([
    ["its arguments", tool("a", {}, { with: { x: 1 } })],
    ["the version of its tool", tool("a", {}, { version: "2.0.0" })],
    ["its condition", tool("a", { when: "true" })],
    ["what takes it back", tool("a", { undo: { call: call(), retry: tool("a").retry } })],
  ])("is another one with %s", (_, step) => {
    expect(isSame(tool("a"), step)).toBe(false);
  });
});

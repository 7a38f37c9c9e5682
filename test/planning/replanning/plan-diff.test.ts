import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "#events/json.ts";
import { planDiff, sourceDiff } from "#src/planning/replanning/plan-diff.ts";
import { checked } from "../substitutable.ts";

const plan = (steps: Record<string, Json>, more: JsonObject = {}): JsonObject => ({ plan: "p", steps, ...more });

describe("the difference of two plans", () => {
  it("is a line for each step that is new, gone, or does something else", () => {
    const before = plan(
      { a: { tool: "news.search", with: { query: "tea", limit: 3 } }, b: { value: 1 } },
      { respond: "x" },
    );
    const after = plan(
      { a: { tool: "press.search", with: { query: "tea", country: "NO" } }, c: { wait: "1m" } },
      { respond: "y" },
    );
    expect(sourceDiff(before, after)).toEqual([
      '~ a: tool "news.search" → "press.search"; without limit 3; country "NO" is new',
      '+ c: wait "1m"',
      "- b: value 1",
      '~ the plan\'s respond "x" → "y"',
    ]);
  });

  it("is nothing where nothing is different, and is bounded", () => {
    const steps = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`s${at}`, { value: "x".repeat(500) }]));
    expect(sourceDiff(plan(steps), plan(steps))).toEqual([]);
    const lines = sourceDiff(plan({}), plan(steps));
    expect([lines.length, lines.at(-1)]).toEqual([100, "… and 201 more"]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  });

  it("is told of definitions as of what was written", () => {
    const definition = (city: string) => {
      const found = checked(plan({ a: { tool: "meteo.get_weather", with: { city } } }));
      if (!found.ok) throw new Error("refused");
      return found.definition;
    };
    expect(planDiff(definition("Oslo"), definition("Rome"))).toEqual(['~ a: city "Oslo" → "Rome"']);
  });
});

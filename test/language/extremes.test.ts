import { describe, expect, it } from "vitest";
import { stepGraph, topologicalOrder } from "#machines/graph.ts";
import type { JsonObject } from "#events/json.ts";
import { checkInputs } from "#src/language/inputs.ts";
import { parsePlan } from "#src/language/parse.ts";
import { check } from "./tools.ts";

const MANY = 100_000;
const PATIENCE = { timeout: 120_000 };

/** The first code, whatever is wrong. */
function refusal(text: string, file: string): string | undefined {
  const checked = check(text, file);
  return checked.ok ? undefined : checked.findings[0]?.code;
}

function plan(count: number, step: (index: number) => object): string {
  const steps = Array.from({ length: count }, (_, index) => [`s${index}`, step(index)]);
  return JSON.stringify({ plan: "p", steps: Object.fromEntries(steps) });
}

describe("a plan that is nested 100,000 levels deep", () => {
  it.each([
    ["lists", "[".repeat(MANY) + "]".repeat(MANY)],
    ["lists that do not end", "[".repeat(MANY)],
    ["mappings", `${'{"a":'.repeat(MANY)}1${"}".repeat(MANY)}`],
  ])("is refused as too deep, in JSON and YAML: %s", PATIENCE, (_, text) => {
    for (const file of ["plan.json", "plan.yaml"]) expect(refusal(text, file)).toBe("too-deep");
  });

  it.each([
    ["dashes", "- ".repeat(MANY), "too-deep"],
    ["question marks", "? ".repeat(MANY), "bad-key"],
    ["mappings on one line", "a: ".repeat(MANY), "bad-yaml"],
    ["anchors", `${"&a ".repeat(MANY)}1`, "bad-yaml"],
    ["tags", `${"!!str ".repeat(MANY)}1`, "bad-yaml"],
    ["merge keys", "<<: ".repeat(MANY), "bad-yaml"],
    ["indentation", Array.from({ length: 2_800 }, (__, level) => `${" ".repeat(level)}a:`).join("\n"), "too-deep"],
  ])("is refused however YAML nests: %s", PATIENCE, (_, text, code) => {
    expect(refusal(text, "plan.yaml")).toBe(code);
  });

  it("is refused also as a value that nobody has written down", () => {
    let value: JsonObject = {};
    for (let level = 0; level < MANY; level++) value = { a: value };
    expect(parsePlan(value, { file: "plan.json" })).toMatchObject({ ok: false, findings: [{ code: "too-deep" }] });
  });
});

describe("an input that is nested 100,000 levels deep", () => {
  it("is refused before anything has to read it", () => {
    const deep: unknown = JSON.parse("[".repeat(MANY) + "]".repeat(MANY));
    const checked = checkInputs({ inputs: { any: { schema: {} } } }, { any: deep } as JsonObject);
    expect(checked).toMatchObject({ ok: false, findings: [{ code: "too-deep", path: ["inputs", "any"] }] });
  });
});

describe("a plan of 100,000 steps", () => {
  it("is accepted, each step needing the one before it, and has an order", PATIENCE, () => {
    const checked = check(
      plan(MANY, (index) => ({ value: 1, needs: index === 0 ? [] : [`s${index - 1}`] })),
      "plan.json",
    );
    expect(checked.ok).toBe(true);
    const sorted = checked.ok ? topologicalOrder(stepGraph(checked.definition)) : undefined;
    expect(sorted).toMatchObject({ order: { length: MANY } });
  });

  it("that go round in a circle is refused, and the circle is named once", PATIENCE, () => {
    const count = 10_000;
    const text = plan(count, (index) => ({ value: 1, needs: [`s${(index + count - 1) % count}`] }));
    expect(refusal(text, "plan.json")).toBe("cycle");
  });

  it("is referred to JSON where it is written in YAML", PATIENCE, () => {
    const steps = Array.from({ length: MANY }, (_, index) => `  s${index}: { value: 1 }\n`).join("");
    expect(refusal(`plan: p\nsteps:\n${steps}`, "plan.yaml")).toBe("too-large");
  });
});

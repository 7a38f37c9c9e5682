import { describe, expect, it } from "vitest";
import { planLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { definitionOf, findingsOf, places, planOf, tools } from "./tools.ts";

const returning = (outputs: string, returns: string) => `plan: p
inputs: { n: { type: string, default: x } }
steps:
  commits: { tool: git.log, with: { range: "\${inputs.n}" } }
  any: { tool: json.read, with: { path: x } }
outputs: ${outputs}
returns: ${returns}
`;

describe("what a plan returns", () => {
  it.each([
    ["what its outputs give", "{ a: '${size(steps.commits.output)}' }", "{ a: { type: integer, minimum: 0 } }"],
    ["some of its outputs", "{ a: 1, b: '${steps.any.output}' }", "{ a: { type: number } }"],
    ["what is known only when it runs", "{ a: '${steps.any.output.x}' }", "{ a: { type: string } }"],
    ["a part of what is there", "{ a: '${steps.commits.output}' }", "{ a: { type: array, items: { type: object } } }"],
  ])("may be %s", (_, outputs, returns) => {
    expect(places(returning(outputs, returns))).toEqual([]);
  });

  it.each([
    ["of another type", "{ a: '${steps.commits.output}' }", "{ a: { type: string } }", ["6:15 wrong-type"]],
    ["a constant out of range", "{ a: 3, b: 4 }", "{ a: { maximum: 2 }, b: { type: number } }", ["6:15 out-of-range"]],
    [
      "inside a list",
      "{ a: '${steps.commits.output}' }",
      "{ a: { items: { properties: { subject: { type: number } } }, type: array } }",
      ["6:15 wrong-type"],
    ],
    [
      "a property that is never there",
      "{ a: '${{\"x\": 1}}' }",
      "{ a: { type: object, required: [y], properties: { y: {} } } }",
      ["6:15 missing-property"],
    ],
    ["an output that is not there", "{ alpha: 1 }", "{ alhpa: { type: integer } }", ["7:12 missing-property -> alpha"]],
    ["a word of schemas that does not exist", "{ a: 1 }", "{ a: { tpye: integer } }", ["7:17 unknown-word -> type"]],
    ["a type that does not exist", "{ a: 1 }", "{ a: { type: int } }", ["7:23 bad-type"]],
    ["what is no schema", "{ a: 1 }", "{ a: integer }", ["7:15 wrong-type -> { type: integer }"]],
    ["what is no mapping", "{ a: 1 }", "[a]", ["7:1 wrong-type"]],
    [
      "a wrong template, once",
      "{ a: '${steps.comits.output}' }",
      "{ a: { type: string } }",
      ["6:18 unknown-step -> commits"],
    ],
  ])("is refused for %s", (_, ...[outputs, returns, expected]) => {
    expect(places(returning(outputs, returns))).toEqual(expected);
  });

  it("is refused of a plan without outputs", () => {
    const text = "plan: p\nsteps:\n  a: { value: 1 }\nreturns: { a: {} }\n";
    expect(places(text)).toEqual(["4:12 missing-property"]);
  });

  it("stands in the definition as it was written", () => {
    const { returns } = definitionOf(returning("{ a: 1 }", "{ a: { type: integer, title: How many } }"));
    expect(returns).toEqual({ a: { type: "integer", title: "How many" } });
  });

  it("is what whoever calls the plan is checked against", () => {
    const source = (text: string): PlanSource => {
      const parsed = parsePlan(text, { file: "p.yaml" });
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
      return parsed.source;
    };
    const inner = source(`plan: inner
steps:
  any: { tool: json.read, with: { path: x } }
outputs: { a: "\${steps.any.output}", b: "\${steps.any.output}", c: 1 }
returns: { a: { type: string } }
`);
    const codes = (expression: string): readonly string[] => {
      const outer = source(planOf(`  c: { call: inner }\n  v: { value: "\${${expression}}" }`));
      const checked = checkPlan(outer, { tools, plans: planLibrary([inner]) });
      return checked.ok ? [] : checked.findings.map(({ code }) => code);
    };
    expect(codes("steps.c.output.a + 'x'")).toEqual([]);
    expect(codes("steps.c.output.a + 1")).toEqual(["wrong-operand"]);
    expect(codes("steps.c.output.b + 1")).toEqual([]);
    expect(codes("steps.c.output.c + 1")).toEqual([]);
    expect(codes("steps.c.output.d")).toEqual(["unknown-property"]);
  });
});

describe("what a step returns", () => {
  const text = (returns: string, read: string, more = "") =>
    planOf(`  a: { tool: json.read, with: { path: x }, returns: ${returns}${more} }\n  v: { value: "\${${read}}" }`);

  it("is what reads it is checked against", () => {
    const open = "{ type: object, properties: { open: { type: integer } }, required: [open] }";
    expect(places(text(open, "steps.a.output.open + 1"))).toEqual([]);
    expect(findingsOf(text(open, "steps.a.output.opne")).map(({ code, suggestion }) => [code, suggestion])).toEqual([
      ["unknown-property", "open"],
    ]);
    expect(findingsOf(text(open, "steps.a.output.open + 'x'")).map(({ code }) => code)).toEqual(["wrong-operand"]);
  });

  it("is refused where the tool never gives it, and where it is no schema", () => {
    const wrap = (returns: string) => planOf(`  a: { tool: text.wrap, with: { text: x }, returns: ${returns} }`);
    expect(findingsOf(wrap("{ type: integer }")).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      expect.stringMatching(/^wrong-type: text\.wrap never gives this: /),
    ]);
    expect(findingsOf(wrap("{ typo: integer }")).map(({ code }) => code)).toEqual(["unknown-word"]);
    expect(findingsOf(wrap("integer")).map(({ code }) => code)).toEqual(["wrong-type"]);
  });

  it("is what its fallbacks have to fit", () => {
    const fallback = ", fallback: [{ value: none }]";
    expect(findingsOf(text("{ type: integer }", "steps.a.output", fallback)).map(({ code }) => code)).toEqual([
      "wrong-type",
    ]);
    const definition = definitionOf(text("{ type: string }", "steps.a.output", fallback));
    expect(definition.steps[0]).toMatchObject({ returns: { type: "string" }, fits: { type: "string" } });
  });

  it("is no word of a step that calls no tool", () => {
    expect(findingsOf(planOf("  a: { value: 1, returns: { type: integer } }")).map(({ code }) => code)).toEqual([
      "unknown-word",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { compileCondition } from "#machines/expressions/condition.ts";
import { MAX_WORK_UNITS } from "#machines/expressions/limits.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { evaluated, nested, template } from "./evaluated.ts";

describe("what a template is made of", () => {
  it("reads the errors of a step, and none where it has none", () => {
    const source = template("${steps.a.errors}");
    const errors = [{ code: "boom" }];
    const read = (id: string) => (id === "a" ? errors : undefined);
    expect(source.evaluate({ inputs: {}, steps: () => null, errors: read })).toEqual({ ok: true, value: errors });
    expect(source.evaluate({ inputs: {}, steps: () => null })).toEqual({
      ok: true,
      value: [],
    });
    expect(
      template("${steps.b.errors}").evaluate({
        inputs: {},
        steps: () => null,
        errors: read,
      }),
    ).toEqual({
      ok: true,
      value: [],
    });
  });

  it.each([
    ["${inputs.a}", false],
    ["${steps.a.output}", false],
    ["${has(steps.a.output)}", false],
    ["${item}", false],
    ["${[1]}", true],
    ["text", true],
  ])("%j moves or not: %j is constant", (source, isConstant) => {
    expect(template([source]).isConstant).toBe(isConstant);
  });

  it("gathers what all its strings refer to, each once", () => {
    const source = [
      "${inputs.a + item}",
      { x: "${inputs.a} ${inputs.b}", y: "${size(steps.s.output)}" },
      "${steps.t.output}",
    ];
    expect(template(source).references).toEqual({
      inputs: ["a", "b"],
      steps: ["s", "t"],
      measured: ["s"],
      variables: ["item"],
    });
  });

  it("writes $${ as ${ also in the midst of what has no expression", () => {
    expect(evaluated(["a", "$${b}"])).toEqual(["a", "${b}"]);
    expect(evaluated({ a: "a", b: { c: "$${b}", d: [1] } })).toEqual({
      a: "a",
      b: { c: "${b}", d: [1] },
    });
    expect(evaluated(["", "${1}"])).toEqual(["", 1]);
  });

  it("has a type without a scope where the text itself says it", () => {
    const typeOf = (source: Json) => template(source).type;
    expect(typeOf("a")).toEqual({ type: "string", enum: ["a"] });
    expect(typeOf("")).toEqual({ type: "string", enum: [""] });
    expect(typeOf("${1}")).toEqual({});
    expect(typeOf("a${1}")).toEqual({ type: "string" });
    expect(typeOf([1, "${1}"])).toEqual({ type: "array", items: {} });
    expect(typeOf({ a: 1.5, b: "${1}" })).toEqual({
      type: "object",
      properties: { a: { type: "number" }, b: {} },
      required: ["a", "b"],
      additionalProperties: false,
    });
  });

  it("is refused where it is nested deeper than it may be, at the place", () => {
    const result = compileTemplate(nested(65));
    expect(result).toMatchObject({
      findings: [
        {
          code: "too-deep",
          path: Array.from({ length: 64 }, () => 0),
          offset: 0,
          length: 1,
          caret: "\n^",
        },
      ],
    });
    expect(compileTemplate(nested(64)).ok).toBe(true);
  });
});

describe("the value of a condition", () => {
  const conditionOf = (text: string) => {
    const result = compileCondition(text);
    if (!result.ok) throw new Error(result.findings[0]?.code);
    return result.condition.evaluate({
      inputs: { yes: true, n: 1 },
      steps: () => undefined,
    });
  };

  it("is its expression's, and an error names the expression", () => {
    expect(conditionOf("inputs.yes")).toEqual({ ok: true, value: true });
    expect(conditionOf("!inputs.yes")).toEqual({ ok: true, value: false });
    expect(conditionOf("${inputs.n}")).toEqual({
      ok: false,
      error: {
        code: "type-mismatch",
        message: "a condition is true or false, this is double (in inputs.n)",
        path: [],
      },
    });
    expect(conditionOf("inputs.none")).toMatchObject({
      ok: false,
      error: { code: "missing-input" },
    });
  });

  it("is not that of a text with two expressions or of none", () => {
    for (const text of ["${true}${true}", "", "$${true}", "${true"]) {
      const result = compileCondition(text);
      expect(!result.ok && result.findings.map(({ code, path }) => [code, path])).toEqual([["syntax-error", []]]);
    }
    const place = compileCondition(" ${inputs.a +}");
    expect(place).toMatchObject({ findings: [{ code: "syntax-error" }] });
    expect(compileCondition("${ inputs.a + }")).toMatchObject({
      findings: [{ offset: 14 }],
    });
  });

  it("spends the budget of one evaluation", () => {
    const outcome = compileCondition("inputs.xs.map(a, inputs.xs.map(b, b)) == []");
    const xs = Array.from({ length: Math.ceil(Math.sqrt(MAX_WORK_UNITS)) }, () => 1);
    const value = outcome.ok && outcome.condition.evaluate({ inputs: { xs }, steps: () => undefined });
    expect(value).toMatchObject({
      ok: false,
      error: { code: "limit-exceeded" },
    });
  });
});

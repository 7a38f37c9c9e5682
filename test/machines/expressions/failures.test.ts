import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { EvaluationError } from "#machines/expressions/evaluation-error.ts";
import { MAX_TEXT_CHARS } from "#machines/expressions/limits.ts";
import { evaluateSafely } from "#machines/expressions/template-evaluation.ts";
import { evaluated, failure, template } from "./evaluated.ts";

describe("an evaluation that fails", () => {
  it("quotes the expression, cut off after 80 characters", () => {
    const fits = "inputs.".padEnd(80, "a");
    expect(failure(`\${${fits}}`).message).toContain(`(in ${fits})`);
    expect(failure(`\${${fits}a}`).message).toContain(`(in ${fits}…)`);
    expect(failure("${ 1 / 0 }").message).toBe("an int is divided by zero (in 1 / 0)");
  });

  it("names what is not there", () => {
    expect(failure("${inputs.a.b}", { inputs: { a: {} } }).message).toContain("there is no property b");
    expect(failure("${inputs.a}").message).toContain("there is no property a");
    expect(failure("${steps.a.output}").message).toContain("the step a has no output");
    expect(failure("${item}").message).toContain("there is no item");
    expect(failure("${[1, 2][2]}").message).toContain("index 2 is outside a list of 2");
    expect(failure("${dyn(1).a}").message).toContain("a int has no property a");
    expect(failure("${dyn(1)['a']}").message).toContain("a int has no index of kind string");
    expect(failure("${dyn({})[true]}").message).toContain("a map has no index of kind bool");
    expect(failure("${lower(dyn(1))}").message).toContain("there is no lower(int)");
    expect(failure("${get(dyn(1), true, null)}").message).toContain("there is no get(int, bool, null)");
    expect(failure("${dyn(1).map(x, x)}").message).toContain("a list or a map is wanted, this is int");
    expect(failure("${[1].all(x, dyn(x))}").message).toContain("the condition of all is int, not bool");
    expect(failure("${!dyn('a')}").message).toContain("a bool is wanted, this is string");
    expect(failure("${1 in dyn('a')}").message).toContain("in wants a list or a map, this is string");
  });

  it("is not forgiven where nothing decides", () => {
    expect(failure("${dyn(1) && true}").code).toBe("type-mismatch");
    expect(failure("${true && dyn(1)}").code).toBe("type-mismatch");
    expect(failure("${1 / 0 == 1 || dyn(1)}").code).toBe("type-mismatch");
    expect(failure("${1 / 0 == 1 && true}").code).toBe("division-by-zero");
    expect(evaluated("${1 / 0 == 1 && false}")).toBe(false);
    expect(failure("${[0, 'a'].exists(x, dyn(1) / x == 2)}").code).toBe("division-by-zero");
    expect(failure("${['a', 0].exists(x, dyn(1) / x == 2)}").code).toBe("type-mismatch");
    expect(evaluated("${[0, 1].all(x, 1 / x == 2)}")).toBe(false);
  });

  it("is a mismatch of types where a macro gets what it cannot use", () => {
    expect(failure("${dyn(1).map(x, x)}").code).toBe("type-mismatch");
    expect(failure("${[1].all(x, dyn(x))}").code).toBe("type-mismatch");
    expect(failure("${[1].filter(x, dyn(x))}").code).toBe("type-mismatch");
  });

  it("is not forgiven where a limit was passed or a defect shows, whatever else decides", () => {
    const inputs = { long: ["a".repeat(MAX_TEXT_CHARS), ""] };
    expect(failure("${size(inputs.long[0] + 'b') == 1 || true}", { inputs }).code).toBe("limit-exceeded");
    expect(failure("${inputs.long.exists(x, size(x + 'b') == 1)}", { inputs }).code).toBe("limit-exceeded");
    const steps = (): Json => {
      throw new RangeError("out of order");
    };
    expect(template("${steps.a.output == 1 || true}").evaluate({ inputs: {}, steps })).toMatchObject({
      error: { code: "internal" },
    });
  });

  it("finds no variable where none were given", () => {
    expect(template("${item}").evaluate({ inputs: {}, steps: () => undefined })).toMatchObject({
      error: { code: "missing-variable" },
    });
  });

  it("is a value also where no expression is at work yet", () => {
    const outcome = evaluateSafely({ inputs: {}, steps: () => undefined }, () => {
      throw new EvaluationError("limit-exceeded", "too much");
    });
    expect(outcome).toEqual({ ok: false, error: { code: "limit-exceeded", message: "too much (in )", path: [] } });
  });

  it("may fail in a way that nobody foresaw, and is a value all the same", () => {
    const steps = (): Json => {
      throw new RangeError("out of order");
    };
    expect(template("${steps.a.output}").evaluate({ inputs: {}, steps })).toEqual({
      ok: false,
      error: {
        code: "internal",
        message: "out of order (in steps.a.output)",
        path: [],
      },
    });
    const thrown = (): Json => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything may be thrown
      throw "a text";
    };
    expect(template("${steps.a.output}").evaluate({ inputs: {}, steps: thrown })).toMatchObject({
      error: { code: "internal", message: "a text (in steps.a.output)" },
    });
  });
});

describe("a macro", () => {
  it.each([
    ["[].all(x, x)", true],
    ["[].exists(x, x)", false],
    ["[].exists_one(x, x)", false],
    ["[1, 2].all(x, x > 1)", false],
    ["[1, 2].exists_one(x, x > 1)", true],
    ["[1, 2].exists_one(x, x > 0)", false],
    ["{'a': 1, 'b': 2}.filter(key, key != 'a')", ["b"]],
    ["{'a': 1}.all(key, key == 'a')", true],
    ["[1, 2, 3].map(x, x > 1, -x)", [-2, -3]],
    ["[null].filter(x, x == null)", [null]],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`)).toEqual(value);
  });
});

import { describe, expect, it } from "vitest";
import { compileTemplate } from "#machines/expressions/template.ts";
import { evaluated, failure, template } from "./evaluated.ts";

const commits = [{ subject: "one" }, { subject: "two" }];

describe("a template", () => {
  it("keeps the type of a string that is nothing but an expression", () => {
    expect(evaluated("${inputs.n}", { inputs: { n: 3 } })).toBe(3);
    expect(evaluated("${steps.commits.output}", { outputs: { commits } })).toBe(commits);
  });

  it("makes text of an expression beside other text", () => {
    expect(evaluated("${inputs.since}..HEAD", { inputs: { since: "v1" } })).toBe("v1..HEAD");
    expect(evaluated("${size(steps.c.output)} of ${1.5}", { outputs: { c: commits } })).toBe("2 of 1.5");
    expect(evaluated(" ${1}")).toBe(" 1");
  });

  it("puts null into text as nothing, and lists and objects as JSON", () => {
    expect(evaluated("<${null}|${[1, null]}|${{'a': true}}|${false}>")).toBe('<|[1,null]|{"a":true}|false>');
  });

  it("resolves strings at any depth and leaves names of properties alone", () => {
    const source = { with: [{ "${1}": "${inputs.n + 1}", path: ["a/${inputs.n}"] }], keep: null };
    expect(evaluated(source, { inputs: { n: 1 } })).toEqual({ with: [{ "${1}": 2, path: ["a/1"] }], keep: null });
  });

  it("never looks for expressions in what an expression gives", () => {
    const inputs = { text: "${inputs.secret} $${x}", secret: "s" };
    expect(evaluated("${inputs.text}", { inputs })).toBe(inputs.text);
    expect(evaluated("> ${inputs.text}", { inputs })).toBe(`> ${inputs.text}`);
  });

  it("reads $${ as the text ${", () => {
    expect(evaluated("a $${inputs.n} $$${x} $ $5 ${'$'}{")).toBe("a ${inputs.n} $${x} $ $5 ${");
    expect(evaluated({ a: ["$${x}", { b: "$${y}" }] })).toEqual({ a: ["${x}", { b: "${y}" }] });
  });

  it.each([
    ["${ {'a': {'b': 1}}['a'].b }", 1],
    ["${'}'}", "}"],
    ['${"\\"}"}', '"}'],
    ["${'''}'''}", "}"],
    ["${r'}\\d'}", "}\\d"],
    ["${1 // }\n}", 1],
  ])("finds the brace that closes %s", (source, value) => {
    expect(evaluated(source)).toBe(value);
  });

  it("names what it refers to, also inside macros", () => {
    const source = {
      a: "${inputs.xs.map(x, x + steps.one.output + item)}",
      b: "${has(steps.two.output.z)} ${inputs['k']}",
    };
    expect(template(source).references).toEqual({
      inputs: ["xs", "k"],
      steps: ["one", "two"],
      measured: [],
      variables: ["item"],
    });
    expect(template("${size(inputs)}").references.inputs).toEqual(["*"]);
  });

  it.each([
    ["${size(steps.a.output)}", ["a"]],
    ["${steps.a.output.size() + size(steps.a.errors)}", ["a"]],
    ["${has(steps.a.output) ? size(steps.a.output) : 0}", ["a"]],
    ["${size(steps.a.output)} of ${size(steps.b.output)}, ${steps.b.output[0]}", ["a"]],
    ["${size(steps.a.output.filter(x, x > size(steps.b.output)))}", ["b"]],
    ["${size(steps.a.output[0])}", []],
    ["${has(steps.a.output.x)}", []],
    ["${size(steps.a.output) > 1 && steps.a.output[0]}", []],
    ["${[size(steps.a.output), steps.a.output]}", []],
  ])("tells in %s which steps are only measured", (source, measured) => {
    expect(template(source).references.measured).toEqual(measured);
  });

  it("is constant when it refers to nothing", () => {
    expect(template({ a: "${[1].map(inner, inner)}", b: "$${inputs.x}" }).isConstant).toBe(true);
    expect(template(["${steps.a.output}"]).isConstant).toBe(false);
  });

  it("hands on what has no expression without a copy", () => {
    const source = { deep: [{ text: "no expression" }] };
    expect(template(source).evaluate({ inputs: {}, steps: () => undefined })).toEqual({ ok: true, value: source });
    expect(evaluated(source)).toBe(source);
  });

  it("says where an evaluation failed", () => {
    const error = failure({ with: ["fine", "a ${inputs.n.x}"] }, { inputs: { n: 1 } });
    expect(error).toMatchObject({ code: "type-mismatch", path: ["with", 1] });
    expect(error.message).toContain("inputs.n.x");
  });

  it.each([
    ["${inputs.none}", "missing-input"],
    ["${steps.none.output}", "missing-output"],
    ["${none}", "missing-variable"],
    ["${{'a': 1}.b}", "no-such-key"],
    ["${[1][1]}", "index-out-of-range"],
    ["${[1][-1]}", "index-out-of-range"],
    ["${1 / 0}", "division-by-zero"],
    ["${1.0 / 0.0}", "not-finite"],
    ["${'a' + dyn(1)}", "type-mismatch"],
    ["${int('x')}", "invalid-argument"],
    ["${double('0x10')}", "invalid-argument"],
    ["${bool('yes')}", "invalid-argument"],
    ["${timestamp('2026-02-30T00:00:00Z')}", "invalid-argument"],
    ["${timestamp('2026-02-03')}", "invalid-argument"],
    ["${duration('5 minutes')}", "invalid-argument"],
    ["${timestamp(0).getHours('Europe/Berlin')}", "invalid-argument"],
    ["${parseJson('{')}", "invalid-argument"],
    ["${base64Decode('/w==')}", "invalid-argument"],
    ["${['a', dyn(1)].join()}", "invalid-argument"],
    ["${[].min()}", "index-out-of-range"],
    ["${[1, dyn('a')].sort()}", "type-mismatch"],
    ["${dyn(1) ? 1 : 2}", "type-mismatch"],
  ])("fails %s with %s", (source, code) => {
    expect(failure(source).code).toBe(code);
  });

  it("forgives an error where the other operand decides", () => {
    expect(evaluated("${inputs.none == 1 || true}")).toBe(true);
    expect(evaluated("${false && inputs.none == 1}")).toBe(false);
    expect(evaluated("${[0, 1].exists(x, 1 / x == 1)}")).toBe(true);
    expect(failure("${[0, 1].all(x, 1 / x == 1)}").code).toBe("division-by-zero");
    expect(failure("${inputs.none || false}").code).toBe("missing-input");
  });

  it("reads own properties only", () => {
    const inputs = JSON.parse('{"o":{"__proto__":{"polluted":true}}}') as { o: Record<string, never> };
    for (const name of ["constructor", "toString", "hasOwnProperty"]) {
      expect(failure(`\${inputs.o.${name}}`, { inputs }).code).toBe("no-such-key");
      expect(failure(`\${inputs.o['${name}']}`, { inputs }).code).toBe("no-such-key");
      expect(evaluated(`\${has(inputs.o.${name}) || get(inputs.o, '${name}', null) != null}`, { inputs })).toBe(false);
    }
    expect(failure("${inputs.o.polluted}", { inputs }).code).toBe("no-such-key");
    const made = evaluated("${{'__proto__': {'polluted': true}}}");
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(Object.keys(made as object)).toEqual(["__proto__"]);
  });

  it("tells a step without output by has()", () => {
    expect(evaluated("${has(steps.a.output)}")).toBe(false);
    expect(evaluated("${has(steps.a.output)}", { outputs: { a: null } })).toBe(true);
  });
});

describe("a template that cannot be read", () => {
  it.each([
    ["${inputs.x", "unterminated-expression"],
    ["${}", "syntax-error"],
    ["${a +}", "syntax-error"],
    ["${a b}", "syntax-error"],
    ["${'a}", "unterminated-expression"],
    ["${cel.bind(x, 1, x)}", "forbidden-macro"],
    ["${steps['a'].output}", "step-not-named"],
    ["${steps.map(s, 1)}", "step-not-named"],
    ["${steps.a}", "step-part-missing"],
    ["${steps.a.error}", "unknown-step-part"],
    ["${[1].map(inputs, 1)}", "reserved-name"],
    ["${lowr('a')}", "unknown-function"],
    ["${lower('a', 'b')}", "wrong-argument-count"],
    ["${has(inputs)}", "invalid-has"],
    ["${'a'.matches(inputs.p)}", "pattern-not-literal"],
    ["${'a'.matches('(')}", "invalid-pattern"],
    ["${'a'.matches('(?=a)')}", "invalid-pattern"],
    ["${1u}", "unsupported-syntax"],
    ["${b'a'}", "unsupported-syntax"],
    ["${9223372036854775808}", "integer-overflow"],
  ])("refuses %s as %s", (source, code) => {
    const result = compileTemplate({ with: source });
    expect(result).toMatchObject({ ok: false, findings: [{ code, path: ["with"] }] });
  });

  it("points at the place in the string, on its line", () => {
    const source = "first\nsee ${inputs.a +} here\nlast";
    const result = compileTemplate(source);
    expect(result).toMatchObject({
      findings: [{ offset: source.indexOf("}"), caret: "see ${inputs.a +} here\n                ^" }],
    });
  });

  it("reports every string that is wrong", () => {
    const result = compileTemplate({ a: "${1 +}", b: ["${ok}", "${steps.x}"] });
    expect(!result.ok && result.findings.map(({ path }) => path)).toEqual([["a"], ["b", 1]]);
  });
});

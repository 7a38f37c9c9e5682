import { describe, expect, it } from "vitest";
import { parseExpression } from "#machines/expressions/expression.ts";
import * as limits from "#machines/expressions/limits.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { evaluated } from "./evaluated.ts";

function remarksOf(text: string) {
  const result = parseExpression(text);
  if (result.ok) return [];
  return result.remarks.map(({ code, start, end, suggestion }) => ({
    code,
    at: text.slice(start, end),
    ...(suggestion === undefined ? {} : { suggestion }),
  }));
}

function messageOf(text: string) {
  const result = parseExpression(text);
  return result.ok ? "" : result.remarks[0]?.message;
}

function referencesOf(text: string) {
  const result = parseExpression(text);
  return result.ok ? result.compiled.references : undefined;
}

describe("a name in an expression", () => {
  it.each([
    ["inputs.a.b", { inputs: ["a"], steps: [], measured: [], variables: [] }],
    ["inputs['a']", { inputs: ["a"], steps: [], measured: [], variables: [] }],
    ["inputs[name]", { inputs: ["*"], steps: [], measured: [], variables: ["name"] }],
    ["inputs[1]", { inputs: ["*"], steps: [], measured: [], variables: [] }],
    ["[inputs]", { inputs: ["*"], steps: [], measured: [], variables: [] }],
    ["has(inputs.a)", { inputs: ["a"], steps: [], measured: [], variables: [] }],
    ["inputs.a + inputs.a + inputs.b", { inputs: ["a", "b"], steps: [], measured: [], variables: [] }],
    ["steps.a.output.output", { inputs: [], steps: ["a"], measured: [], variables: [] }],
    ["steps.a.errors", { inputs: [], steps: ["a"], measured: [], variables: [] }],
    ["size(steps.a.errors)", { inputs: [], steps: ["a"], measured: ["a"], variables: [] }],
    ["lower(steps.a.output)", { inputs: [], steps: ["a"], measured: [], variables: [] }],
    ["item.steps.a", { inputs: [], steps: [], measured: [], variables: ["item"] }],
    ["'inputs'.a", { inputs: [], steps: [], measured: [], variables: [] }],
    ["'steps'.a.output", { inputs: [], steps: [], measured: [], variables: [] }],
    ["'cel'.size()", { inputs: [], steps: [], measured: [], variables: [] }],
    ["item.inputs", { inputs: [], steps: [], measured: [], variables: ["item"] }],
    ["xs.map(x, x)", { inputs: [], steps: [], measured: [], variables: ["xs"] }],
    ["xs.map(x, x).map(y, x)", { inputs: [], steps: [], measured: [], variables: ["xs", "x"] }],
    ["x.map(x, x)", { inputs: [], steps: [], measured: [], variables: ["x"] }],
    ["xs.filter(x, other)", { inputs: [], steps: [], measured: [], variables: ["xs", "other"] }],
    ["a ? b : c", { inputs: [], steps: [], measured: [], variables: ["a", "b", "c"] }],
    ["{a: b}", { inputs: [], steps: [], measured: [], variables: ["a", "b"] }],
  ])("in %s is a reference", (text, references) => {
    expect(referencesOf(text)).toEqual(references);
  });

  it("is the variable of the nearest macro", () => {
    expect(evaluated("${[1, 2].map(x, [3].map(x, x))}")).toEqual([[3], [3]]);
    expect(evaluated("${[1, 2].map(x, [3].map(y, x * 10 + y))}")).toEqual([[13], [23]]);
    expect(evaluated("${[[1], [2]].map(x, x.map(y, [y].map(z, [z].map(w, x[0] + w))))}")).toEqual([[[[2]]], [[[4]]]]);
    expect(evaluated("${[1].map(x, x + 1) + [5].map(x, x)}")).toEqual([2, 5]);
  });
});

describe("what the language has not", () => {
  it.each([
    ["1 + 2u", "unsupported-syntax", "2u"],
    ["[b'a']", "unsupported-syntax", "b'a'"],
    ["1 + 9223372036854775808", "integer-overflow", "9223372036854775808"],
    ["[steps]", "step-not-named", "steps"],
    ["steps['a']", "step-not-named", "steps"],
    ["[steps.a]", "step-part-missing", "steps.a"],
    ["has(steps.a)", "step-part-missing", "steps.a"],
    ["cel.bind(x, 1, x)", "forbidden-macro", "cel.bind(x, 1, x)"],
    ["[1].map(inputs, 1)", "reserved-name", "inputs"],
    ["[1].reduce(steps, x, 0, x)", "reserved-name", "steps"],
    ["[1].reduce(a, inputs, 0, a)", "reserved-name", "inputs"],
    ["[1].reduce(a, a, 0, a)", "reserved-name", "a"],
    ["[1].reduce(a, x, 0)", "unknown-function", "[1].reduce(a, x, 0)"],
    ["[1].map(steps, 1)", "reserved-name", "steps"],
    ["lower()", "wrong-argument-count", "lower()"],
    ["[1].map()", "unknown-function", "[1].map()"],
    ["[1].map(x)", "unknown-function", "[1].map(x)"],
    ["[1].filter(x, true, x)", "unknown-function", "[1].filter(x, true, x)"],
    ["[1].map(x, true, x, x)", "unknown-function", "[1].map(x, true, x, x)"],
    ["inputs.?a", "syntax-error", "?"],
    ["[1].map(1, x)", "syntax-error", "1"],
    ["has(1)", "invalid-has", "has(1)"],
    ["has(inputs.a, 1)", "unknown-function", "has(inputs.a, 1)"],
    ["has(inputs['a'])", "invalid-has", "has(inputs['a'])"],
    ["has(steps.a.errors)", "invalid-has", "has(steps.a.errors)"],
    ["'a'.matches(b)", "pattern-not-literal", "b"],
    ["'a'.matches(1)", "pattern-not-literal", "1"],
    ["'a'.matches('(')", "invalid-pattern", "'('"],
    ["matches('a')", "unknown-function", "matches('a')"],
    ["matches('a', 'b', 'c')", "unknown-function", "matches('a', 'b', 'c')"],
  ])("%s is refused as %s at %s", (text, code, at) => {
    expect(remarksOf(text)[0]).toMatchObject({ code, at });
    expect(remarksOf(`[1, ${text}]`)[0]).toMatchObject({ code, at });
  });

  it("is named with the nearest that it has", () => {
    expect(remarksOf("steps.a.outptu")).toEqual([
      { code: "unknown-step-part", at: "steps.a.outptu", suggestion: "output" },
    ]);
    expect(remarksOf("uper('a')")).toMatchObject([{ suggestion: "upper" }]);
    expect(remarksOf("[1].fliter(x, x)")).toMatchObject([{ code: "unknown-function", suggestion: "filter" }]);
    expect(remarksOf("hsa(inputs.a)")).toMatchObject([{ suggestion: "has" }]);
    expect(remarksOf("'a'.mathces('a')")).toMatchObject([{ suggestion: "matches" }]);
    expect(remarksOf("frobnicate(1)")).toEqual([{ code: "unknown-function", at: "frobnicate(1)" }]);
    expect(messageOf("substring('a')")).toBe("substring takes 2 or 3 (as a method, one less)");
    expect(messageOf("b'a'")).toContain("bytes are");
    expect(messageOf("1u")).toContain("an unsigned int is");
  });

  it("is said of each place at once", () => {
    expect(remarksOf("lowr(steps) + [1].map(inputs, 1)").map(({ code }) => code)).toEqual([
      "unknown-function",
      "reserved-name",
    ]);
    expect(remarksOf("lower(steps) + steps.a").map(({ at }) => at)).toEqual(["steps", "steps.a"]);
    expect(remarksOf("{steps: 1u}").map(({ at }) => at)).toEqual(["steps", "1u"]);
  });
});

describe("the size of an expression", () => {
  const nested = (levels: number) => `${"!".repeat(levels)}true`;

  it("is bounded in characters, macros, patterns and operations within each other, and each bound may be reached", () => {
    const longest = `'${"x".repeat(limits.MAX_EXPRESSION_CHARS - 2)}'`;
    expect(parseExpression(longest).ok).toBe(true);
    expect(remarksOf(`${longest} `)).toEqual([{ code: "expression-too-complex", at: "'" }]);
    expect(parseExpression("[1].map(a, [1].map(b, [1].map(c, [1].map(d, d))))").ok).toBe(true);
    const patterns = (count: number) => Array.from({ length: count }, () => "'a'.matches('a')").join(" && ");
    expect(parseExpression(patterns(limits.MAX_PATTERNS_PER_EXPRESSION)).ok).toBe(true);
    expect(remarksOf(patterns(limits.MAX_PATTERNS_PER_EXPRESSION + 1))).toEqual([
      { code: "expression-too-complex", at: "'a'" },
    ]);
    expect(parseExpression(nested(limits.MAX_EXPRESSION_DEPTH - 1)).ok).toBe(true);
    const deepest = nested(limits.MAX_EXPRESSION_DEPTH);
    const found = parseExpression(` ${deepest}`);
    const remark = { code: "expression-too-complex", start: 1, end: deepest.length + 1 };
    expect(found).toMatchObject({ ok: false, remarks: [remark] });
  });

  const DEEPEST = `${"-".repeat(limits.MAX_EXPRESSION_DEPTH - 1)}a`;
  it.each([
    ["a property", `(${DEEPEST}).b`],
    ["an index", `[1][${DEEPEST}]`],
    ["an argument", `lower(${DEEPEST})`],
    ["a receiver", `(${DEEPEST}).lower()`],
    ["an argument of a method", `'a'.contains(${DEEPEST})`],
    ["an element", `[1, ${DEEPEST}]`],
    ["a key", `{${DEEPEST}: 1}`],
    ["a value", `{'a': ${DEEPEST}}`],
    ["a branch", `true ? 1 : ${DEEPEST}`],
    ["an operand", `1 + ${DEEPEST}`],
  ])("is measured through %s", (_, text) => {
    expect(parseExpression(DEEPEST).ok).toBe(true);
    expect(remarksOf(text)).toMatchObject([{ code: "expression-too-complex" }]);
  });

  it.each(["", "  ", "\n"])("is more than %j", (text) => {
    const result = parseExpression(text);
    expect(result).toMatchObject({
      ok: false,
      remarks: [{ code: "syntax-error", start: 0, end: text.length }],
    });
  });

  it("is refused where the grammar stops", () => {
    expect(remarksOf("1 + * 2")).toEqual([{ code: "syntax-error", at: "*" }]);
    const wide = `[${Array.from({ length: limits.MAX_EXPRESSION_NODES }, () => "1").join()}]`;
    expect(remarksOf(wide)).toMatchObject([{ code: "expression-too-complex" }]);
    expect(
      remarksOf(`lower(${Array.from({ length: limits.MAX_CALL_ARGUMENTS + 1 }, () => "1").join()})`),
    ).toMatchObject([{ code: "expression-too-complex" }]);
    expect(compileTemplate("${(1}")).toMatchObject({
      findings: [{ code: "syntax-error" }],
    });
  });

  it("of a pattern is bounded, and the bound may be reached", () => {
    const pattern = (length: number) => `'a'.matches('${"a".repeat(length)}')`;
    expect(parseExpression(pattern(limits.MAX_PATTERN_CHARS)).ok).toBe(true);
    expect(messageOf(pattern(limits.MAX_PATTERN_CHARS + 1))).toBe(`above ${limits.MAX_PATTERN_CHARS} characters`);
    expect(messageOf("'a'.matches('((a?){30}){30}')")).toBe("the pattern is too large");
    expect(parseExpression("'a'.matches('a{510}')").ok).toBe(true);
    expect(messageOf("'a'.matches('a{511}')")).toBe("the pattern is too large");
    expect(messageOf("'a'.matches('(')")).toContain("missing closing )");
  });
});

import { describe, expect, it } from "vitest";
import * as limits from "#machines/expressions/limits.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { evaluated, failure } from "./evaluated.ts";

const many = Array.from({ length: 20_000 }, (_, index) => index);
const text = "a".repeat(1_000_000);
let deep: never[] = [];
for (let level = 0; level < 10_000; level++) deep = [deep] as never[];
const inputs = { many, text, deep, few: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], line: `${"a".repeat(30_000)}!` };

describe("a hostile expression", () => {
  it.each([
    "inputs.many.map(a, inputs.many.map(b, a * b))",
    "inputs.many.exists(a, inputs.many.exists(b, b < 0))",
    "inputs.many.map(a, inputs.many + inputs.many)",
    "inputs.many.map(a, a in inputs.many)",
    "inputs.many.map(a, inputs.text.contains('b'))",
    "inputs.many.map(a, json(inputs.many))",
    "inputs.many.map(a, inputs.many.sort())",
    "inputs.many.map(a, [inputs.many] == [inputs.many.map(b, b)])",
    "inputs.many.all(a, a.x == 1)",
    "[0].map(x, inputs.text + inputs.text)",
    "inputs.few.map(x, inputs.text.replace('a', 'bb'))",
    "inputs.text.split('')",
    "inputs.text.matches('(a?){100}b')",
    "json(inputs.deep)",
    "[inputs.deep]",
    "inputs.deep == [inputs.deep]",
    "distinct([inputs.deep])",
    `[[0]]${".map(x, [x, x])".repeat(24)}`,
  ])("stops at a limit: %s", (expression) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe("limit-exceeded");
  });

  it("spends one budget over all strings of a template", () => {
    const one = "${size(inputs.many.map(x, x + 1))}";
    expect(evaluated(one, { inputs })).toBe(many.length);
    expect(
      failure(
        Array.from({ length: 100 }, () => one),
        { inputs },
      ).code,
    ).toBe("limit-exceeded");
  });

  it("spends the same wherever it runs", () => {
    const left = Array.from({ length: 3 }, () => failure("${inputs.many.map(a, inputs.many.map(b, b))}", { inputs }));
    expect(new Set(left.map(({ message }) => message)).size).toBe(1);
  });

  it("matches without backtracking", () => {
    expect(evaluated("${inputs.line.matches('^(a+)+$')}", { inputs })).toBe(false);
  });

  it("is never forgiven a spent budget", () => {
    expect(failure("${inputs.many.exists(a, inputs.many.all(b, b >= 0) && false) || true}", { inputs }).code).toBe(
      "limit-exceeded",
    );
  });

  it.each([
    ["nodes", `\${${"1+".repeat(limits.MAX_EXPRESSION_NODES)}1}`, "expression-too-complex"],
    ["characters", `\${'${"x".repeat(limits.MAX_EXPRESSION_CHARS - 3)}' + ''}`, "unterminated-expression"],
    [
      "nesting",
      `\${${"(".repeat(limits.MAX_NESTING + 1)}1${")".repeat(limits.MAX_NESTING + 1)}}`,
      "expression-too-complex",
    ],
    ["operations in each other", `\${${"-".repeat(limits.MAX_EXPRESSION_DEPTH)}1}`, "expression-too-complex"],
    [
      "macros",
      "${[1].reduce(a, b, 0, [1].map(c, [1].reduce(d, e, 0, [1].map(f, [1].map(g, g)))))}",
      "expression-too-complex",
    ],
    ["macros", "${[1].map(a, [1].map(b, [1].map(c, [1].map(d, [1].map(e, e)))))}", "expression-too-complex"],
    [
      "patterns",
      `\${${"'a'.matches('a') && ".repeat(limits.MAX_PATTERNS_PER_EXPRESSION)}'a'.matches('b')}`,
      "expression-too-complex",
    ],
    ["instructions of a pattern", "${'a'.matches('((a?){30}){30}')}", "invalid-pattern"],
    ["expressions", "${1}".repeat(limits.MAX_EXPRESSIONS_PER_STRING + 1), "too-many-expressions"],
    ["characters of a string", "x".repeat(limits.MAX_STRING_CHARS + 1), "string-too-long"],
  ])("is refused for too many %s", (_, source, code) => {
    expect(compileTemplate(source)).toMatchObject({ ok: false, findings: [{ code }] });
  });

  it("is refused in a value nested too deep, with so many findings as people read", () => {
    let nested: unknown = "${1}";
    for (let level = 0; level <= limits.MAX_TEMPLATE_DEPTH; level++) nested = [nested];
    expect(compileTemplate(nested as [])).toMatchObject({ ok: false, findings: [{ code: "too-deep" }] });
    const wrong = compileTemplate(Array.from({ length: 200 }, () => "${"));
    expect(!wrong.ok && wrong.findings).toHaveLength(limits.MAX_FINDINGS);
  });
});

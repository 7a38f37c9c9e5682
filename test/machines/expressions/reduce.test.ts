import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "#machines/expressions/template.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { checked, evaluated, failure } from "./evaluated.ts";

const inputs = {
  sales: [
    { city: "Oslo", amount: 2.5 },
    { city: "Rome", amount: 4 },
    { city: "Oslo", amount: 1 },
  ],
  many: Array(400).fill(1),
  map: { b: 1, a: 2 },
};

describe("reduce", () => {
  it.each([
    ["[].reduce(acc, x, 7, acc + x)", 7],
    ["[1, 2, 3].reduce(acc, x, 0, acc * 10 + x)", 123],
    ["inputs.map.reduce(acc, key, '', acc + key)", "ba"],
    ["inputs.sales.reduce(acc, s, 0, acc + s.amount)", 7.5],
    ["inputs.sales.reduce(acc, s, {}, merge(acc, {s.city: get(acc, s.city, 0) + s.amount}))", { Oslo: 3.5, Rome: 4 }],
    ["[1, 2].reduce(a, x, 0, a + [10, 20].reduce(b, y, 0, b + x * y))", 90],
    ["[1, 2].reduce(a, x, [], a + [[3].map(y, x * y + size(a))])", [[3], [7]]],
    ["[1, 2].map(x, [3].reduce(x2, y, x, x2 * y)).sum() + [4].reduce(a, b, 1, a + b)", 14],
    ["[[1, 2], [3]].map(xs, xs.reduce(a, x, 0, a + x))", [3, 3]],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["[1].reduce(a, x, 0, a + 'x')", "type-mismatch"],
    ["dyn(1).reduce(a, x, 0, a)", "type-mismatch"],
    ["inputs.many.reduce(a, x, 'x', a + a)", "limit-exceeded"],
    ["inputs.many.reduce(a, x, [1], a + a)", "limit-exceeded"],
    ["inputs.many.reduce(a, x, [1], [a])", "limit-exceeded"],
    ["[1, inputs.many.reduce(a, x, [1], [a])]", "limit-exceeded"],
    ["inputs.many.reduce(a, x, [1], [a, a])", "limit-exceeded"],
    [
      "inputs.many.reduce(a, x, 0, a + inputs.many.reduce(b, y, 0, b + inputs.many.reduce(c, z, 0, c + z)))",
      "limit-exceeded",
    ],
    ["inputs.many.reduce(a, x, 1, a * 2)", "integer-overflow"],
  ])("%s fails with %s", (expression, code) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe(code);
  });

  it("refuses what is nested too deep also beside what is not JSON yet", () => {
    const deep = { text: "[".repeat(30_000) + "]".repeat(30_000) };
    expect(failure("${[size('a'), parseJson(inputs.text)]}", { inputs: deep }).code).toBe("limit-exceeded");
  });

  it("is what the list's own fold gives", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (list, initial) => {
        const given = { inputs: { list, initial } };
        const text = evaluated("${inputs.list.reduce(acc, x, inputs.initial, acc + x)}", given);
        expect(text).toBe(list.reduce((acc, x) => acc + x, initial));
      }),
    );
  });
});

const number = { type: "number" };
const integer = { type: "integer" };
const properties = {
  sales: {
    type: "array",
    items: {
      type: "object",
      properties: { city: { type: "string" }, amount: number },
      required: ["city", "amount"],
      additionalProperties: false,
    },
  },
  ints: { type: "array", items: integer },
  n: integer,
};

function typeOf(expression: string) {
  const schema = { type: "object", properties, required: Object.keys(properties) };
  const result = compileTemplate(`\${${expression}}`, { scope: typeScope({ inputs: schema, steps: {} }) });
  if (!result.ok) throw new Error(result.findings[0]?.message);
  return result.template.type;
}

describe("the type of reduce", () => {
  it.each([
    ["inputs.sales.reduce(a, s, 0, a + s.amount)", number],
    ["inputs.ints.reduce(a, x, 0, a + 1)", integer],
    ["inputs.sales.reduce(a, s, '', a + s.city)", { type: "string" }],
    ["inputs.sales.reduce(a, s, [], a + [s.city])", { type: "array", items: { type: "string" } }],
    ["inputs.sales.reduce(a, s, inputs.n, s.amount > 1.0 ? s.city : a)", { anyOf: [integer, { type: "string" }] }],
    // Each element makes another type: of them no type but anything holds all.
    ["inputs.ints.reduce(a, x, 0, [a])", { anyOf: [integer, { type: "array", items: {} }] }],
  ])("%s", (expression, type) => {
    expect(typeOf(expression)).toEqual(type);
  });

  it("takes no try of a type for a mistake", () => {
    const last = "inputs.sales.reduce(a, s, {'last': null}, {'last': s, 'before': a.last}).last.amount";
    expect(checked(`\${${last}}`, properties).ok).toBe(true);
    const merged = "${inputs.sales.reduce(a, s, null, a == null ? s : merge(a, s)).city}";
    expect(checked(merged, properties).ok).toBe(true);
    expect(checked("${inputs.sales.reduce(a, s, null, a == null ? s : a).city}", properties).ok).toBe(true);
  });

  it.each([
    ["inputs.sales.reduce(a, s, 0, a + s.amuont)", "unknown-property", "amount"],
    ["inputs.n.reduce(a, x, 0, a)", "wrong-operand", undefined],
    ["inputs.ints.reduce(a, x, 0, a + 'x')", "wrong-operand", undefined],
  ])("%s is refused once, with %s", (expression, code, suggestion) => {
    const result = checked(`\${${expression}}`, properties);
    expect(result).toMatchObject({ ok: false, findings: [{ code, ...(suggestion && { suggestion }) }] });
    if (!result.ok) expect(result.findings).toHaveLength(1);
  });
});

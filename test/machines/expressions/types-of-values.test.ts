import { describe, expect, it } from "vitest";
import * as types from "#machines/expressions/expression-type.ts";
import { checked } from "./evaluated.ts";

const number = { type: "number" };
const integer = { type: "integer" };
const string = { type: "string" };
const nothing = { type: "null" };
const texts = (...values: string[]) => ({ type: "string", enum: values });

const properties = {
  b: { type: "boolean" },
  i: integer,
  d: number,
  s: string,
  e: { enum: ["x", "y"] },
  any: {},
  ints: { type: "array", items: integer },
  bare: { type: "array" },
  closed: {
    type: "object",
    properties: { a: integer },
    required: ["a"],
    additionalProperties: false,
  },
  loose: {
    type: "object",
    properties: { a: integer, c: string },
    required: ["a"],
  },
  record: { type: "object", additionalProperties: string },
  numbers: { type: "object", additionalProperties: integer },
  u: { type: ["string", "null"] },
};

function typeOf(expression: string) {
  const result = checked(`\${${expression}}`, properties);
  return result.ok ? result.template.type : result.findings.map(({ code }) => code);
}

const either = (one: string, other: string) => `inputs.b ? ${one} : ${other}`;

describe("the type that covers two", () => {
  it.each([
    ["1", "2", integer],
    ["1", "2.5", number],
    ["2.5", "1", number],
    ["inputs.i", "1", integer],
    ["1", "inputs.i", integer],
    ["inputs.i", "inputs.i", integer],
    ["inputs.i", "inputs.d", number],
    ["'p'", "'q'", texts("p", "q")],
    ["'p'", "'p'", texts("p")],
    ["inputs.e", "'x'", texts("x", "y")],
    ["inputs.s", "'p'", string],
    ["'p'", "inputs.s", string],
    ["1", "'p'", { anyOf: [integer, texts("p")] }],
    ["true", "false", { type: "boolean" }],
    ["null", "null", nothing],
    ["timestamp(0)", "timestamp(1)", { type: "string", format: "date-time" }],
    ["inputs.any", "1", {}],
    ["1", "inputs.any", {}],
    ["inputs.u", "inputs.any", {}],
    ["inputs.any", "inputs.u", {}],
    ["inputs.bare[0]", "'p'", {}],
    ["[]", "inputs.ints", { type: "array", items: integer }],
    ["inputs.ints", "[]", { type: "array", items: integer }],
    ["[1]", "['p']", { type: "array", items: { anyOf: [integer, texts("p")] } }],
    ["inputs.u", "null", { anyOf: [string, nothing] }],
    ["null", "inputs.u", { anyOf: [nothing, string] }],
    ["inputs.u", "1", { anyOf: [string, nothing, integer] }],
    ["1", "inputs.u", { anyOf: [integer, string, nothing] }],
    [`(${either("1", "'p'")})`, `(${either("2.5", "null")})`, { anyOf: [number, texts("p"), nothing] }],
    [
      "{'a': 1}",
      "{'a': 'p'}",
      {
        type: "object",
        properties: { a: { anyOf: [integer, texts("p")] } },
        required: ["a"],
        additionalProperties: false,
      },
    ],
    [
      "{'a': 1}",
      "{'b': 1}",
      {
        type: "object",
        properties: { a: integer, b: integer },
        required: [],
        additionalProperties: false,
      },
    ],
    [
      "inputs.closed",
      "inputs.loose",
      {
        type: "object",
        properties: { a: integer, c: string },
        required: ["a"],
      },
    ],
    [
      "inputs.loose",
      "inputs.closed",
      {
        type: "object",
        properties: { a: integer, c: string },
        required: ["a"],
      },
    ],
    [
      "inputs.closed",
      "inputs.record",
      {
        type: "object",
        properties: { a: { anyOf: [integer, string] } },
        required: [],
        additionalProperties: string,
      },
    ],
    [
      "inputs.record",
      "inputs.closed",
      {
        type: "object",
        properties: { a: { anyOf: [string, integer] } },
        required: [],
        additionalProperties: string,
      },
    ],
    [
      "inputs.record",
      "inputs.numbers",
      {
        type: "object",
        properties: {},
        required: [],
        additionalProperties: { anyOf: [string, integer] },
      },
    ],
  ])("of %s and %s is %j", (one, other, type) => {
    expect(typeOf(either(one, other))).toEqual(type);
  });

  it("is one type where it covers one, and nothing where it covers none", () => {
    expect(types.joinAll([])).toBe(types.NEVER);
    expect(types.joinAll([types.NEVER, types.BOOL, types.NEVER])).toBe(types.BOOL);
    expect(types.join(types.BOOL, types.BOOL)).toBe(types.BOOL);
    const list = types.listOf(() => types.BOOL);
    expect(types.join(list, list)).toBe(list);
    expect(types.join(types.STRING, types.STRING)).toBe(types.STRING);
  });

  it("may be of a kind where one of its members is, and of any where nothing is known", () => {
    const union = types.join(types.STRING, types.NULL);
    expect(types.mayBe(union, ["null"])).toBe(true);
    expect(types.mayBe(union, ["int", "bool"])).toBe(false);
    expect(types.mayBe(union, [])).toBe(false);
    for (const open of [types.DYN, types.NEVER]) expect(types.mayBe(open, [])).toBe(true);
    const half: types.ExpressionType = {
      kind: "union",
      members: [types.BOOL, types.DYN],
    };
    expect(types.mayBe(half, ["string"])).toBe(true);
  });

  it("computes a lazy part once", () => {
    let computed = 0;
    const part = types.lazily(() => (computed++, types.BOOL));
    expect([part(), part()]).toEqual([types.BOOL, types.BOOL]);
    expect(computed).toBe(1);
  });
});

describe("a type in a message", () => {
  const list = (levels: number): types.ExpressionType =>
    levels === 0 ? types.INT : types.listOf(() => list(levels - 1));

  it.each<[string, types.ExpressionType]>([
    ["anything", types.DYN],
    ["anything", types.NEVER],
    ["object", types.ANY_MAP],
    ["int", types.INT],
    ["integer", types.INTEGRAL],
    ["number", types.DOUBLE],
    ["string", types.STRING],
    ["duration", types.DURATION],
    ['"a"', types.stringOf(["a"])],
    ['"a" or "b" or "c" or "d"', types.stringOf(["a", "b", "c", "d"])],
    ['"a" or "b" or "c" or "d" or …', types.stringOf(["a", "b", "c", "d", "e"])],
    ["string or null", types.join(types.STRING, types.NULL)],
    ["list of list of list of int", list(3)],
    ["list of list of list of list", list(5)],
  ])("is said as %s", (text, type) => {
    expect(types.describeType(type)).toBe(text);
  });
});

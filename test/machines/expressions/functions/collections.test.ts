import { describe, expect, it } from "vitest";
import { checked, evaluated, failure } from "../evaluated.ts";

const inputs = {
  list: [3, 1, 2],
  map: { b: 1, a: "x" },
  mixed: [1, "a", null, [2]],
  big: Array(60_000).fill(0),
};

describe("a function of lists and maps", () => {
  it.each([
    ["[].size()", 0],
    ["inputs.map.size()", 2],
    ["[].sum()", 0],
    ["type([].sum())", "int"],
    ["type([1, 2].sum())", "int"],
    ["[1, 1.5].sum()", 2.5],
    ["type([1, 1.0].sum())", "double"],
    ["['b', 'a'].min()", "a"],
    ["['b', 'c', 'a'].max()", "c"],
    ["[3, 1.5, 2].max()", 3],
    ["[duration('2s'), duration('1s')].min()", "1s"],
    ["[timestamp(5), timestamp(7)].max()", "1970-01-01T00:00:07Z"],
    ["min(2, 3) + max(2, 3)", 5],
    ["max(2.5, 2)", 2.5],
    ["type(min([1, 1.0])) + type(max([1, 1.0]))", "intint"],
    ["type(min([1.0, 1])) + type(max([1.0, 1]))", "doubledouble"],
    ["[2, 1.5, -1].sort()", [-1, 1.5, 2]],
    ["[true, false].sort()", [false, true]],
    ["[].sort()", []],
    ["[1, 2, 3].sort().map(x, type(x))", ["int", "int", "int"]],
    ["[1.0, 1, 0.5].sort().map(x, type(x))", ["double", "double", "int"]],
    ["inputs.list.reverse()", [2, 1, 3]],
    ["[[1], 2, [[3]], []].flatten()", [1, 2, [3]]],
    ["inputs.mixed.flatten()", [1, "a", null, 2]],
    ["[7].first() + [7].last()", 14],
    ["inputs.list.slice(0, 3)", [3, 1, 2]],
    ["inputs.list.slice(1, 1)", []],
    ["inputs.list.slice(1, 99)", [1, 2]],
    ["inputs.list.slice(5, 9)", []],
    ["inputs.mixed.contains([2])", true],
    ["inputs.mixed.contains('b')", false],
    ["[].contains(1)", false],
    ["inputs.map.keys()", ["b", "a"]],
    ["inputs.map.values()", [1, "x"]],
    ["{}.keys() + {}.values()", []],
    ["get(inputs.map, 'a', 'no')", "x"],
    ["get(inputs.map, 'none', 'no')", "no"],
    ["get(inputs.list, 0, 9)", 3],
    ["get(inputs.list, 2, 9)", 2],
    ["get(inputs.list, 3, 9)", 9],
    ["get(inputs.list, -1, 9)", 9],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["[1, 1.0, 1.5, 1.5]", 2],
    ["['1', 1, true, 'true', null, 'null']", 6],
    ["[timestamp(1), duration('1000ms'), timestamp('1970-01-01T00:00:01Z'), duration('1s')]", 2],
    ["[timestamp(0), 't0', duration('0s'), 'd0']", 4],
    ["[timestamp(0), {'epochMs': 0.0}, duration('0s'), {'ms': 0.0}]", 4],
    ["[timestamp(1), timestamp(2), duration('1s'), duration('2s')]", 4],
    ["[4611686018427387904, 4611686018427387904.0]", 1],
    ["[[1, 2], [12], [1, 2]]", 2],
    ["[['a', 'b'], ['a,b']]", 2],
    ["[[], {}, '']", 3],
    ["[{'a': 1, 'b': 2}, {'b': 2.0, 'a': 1}]", 1],
    ["[{'a': 1}, {'a': 2}, {'b': 1}, {'a': null}]", 4],
    ["[{'a': 1, 'b': 2}, {'a': 12}]", 2],
    ["[9007199254740993, 9007199254740992.0, 9007199254740992]", 2],
  ])("keeps of %s each that is equal to no other once: %j", (list, count) => {
    expect(evaluated(`\${${list}.distinct().size()}`)).toBe(count);
  });

  it("leaves the data that it reads as it is", () => {
    const source = "${[inputs.list.sort(), inputs.list.reverse(), inputs.list.distinct(), inputs.list.slice(0, 1)]}";
    expect(evaluated(source, { inputs })).toEqual([[1, 2, 3], [2, 1, 3], [3, 1, 2], [3]]);
    expect(inputs.list).toEqual([3, 1, 2]);
  });

  it.each([
    ["inputs.list.slice(-1, 2)", "invalid-argument"],
    ["inputs.list.slice(2, 1)", "invalid-argument"],
    ["inputs.mixed.sum()", "invalid-argument"],
    ["[duration('1s')].sum()", "invalid-argument"],
    ["type([1, 9223372036854775807].sum())", "integer-overflow"],
    ["[].min()", "index-out-of-range"],
    ["[].max()", "index-out-of-range"],
    ["[].first()", "index-out-of-range"],
    ["[].last()", "index-out-of-range"],
    ["inputs.mixed.min()", "type-mismatch"],
    ["inputs.list.keys()", "type-mismatch"],
    ["inputs.map.reverse()", "type-mismatch"],
    ["get(inputs.list, 'a', 0)", "type-mismatch"],
    ["get(inputs.map, 0, 0)", "type-mismatch"],
    ["get(inputs.list, 0.5, 0)", "type-mismatch"],
    ["get(inputs.list, '0', 0)", "type-mismatch"],
    ["inputs.list[dyn(true)]", "type-mismatch"],
    ["inputs.list[dyn('0')]", "type-mismatch"],
    ["[inputs.big, inputs.big].flatten()", "limit-exceeded"],
    ["inputs.big + inputs.big", "limit-exceeded"],
  ])("%s fails with %s", (expression, code) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe(code);
  });
});

const number = { type: "number" };
const integer = { type: "integer" };
const string = { type: "string" };
const properties = {
  numbers: { type: "array", items: number },
  ints: { type: "array", items: integer },
  texts: { type: "array", items: string },
  nested: {
    type: "array",
    items: { anyOf: [{ type: "array", items: integer }, string] },
  },
  either: { anyOf: [{ type: "null" }, { type: "array", items: integer }] },
  known: {
    type: "object",
    properties: { a: integer, b: string },
    required: ["a"],
    additionalProperties: false,
  },
  open: { type: "object", properties: { a: integer } },
  record: {
    type: "object",
    properties: { a: integer },
    additionalProperties: string,
  },
  either2: {
    anyOf: [
      {
        type: "object",
        properties: { a: integer },
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { a: string },
        additionalProperties: false,
      },
    ],
  },
  ab: { enum: ["a", "b"] },
  any: {},
};

describe("the type of what a function of lists and maps gives", () => {
  it.each([
    ["inputs.texts.size()", integer],
    ["inputs.known.size()", integer],
    ["inputs.numbers.sum()", number],
    ["inputs.ints.sum()", integer],
    ["[1, 2].sum()", integer],
    ["inputs.any.sum()", number],
    ["inputs.nested.flatten().sum()", number],
    ["inputs.texts.min()", string],
    ["inputs.ints.max()", integer],
    ["min(1, 2)", integer],
    ["max(1, 2.5)", number],
    ["inputs.texts.sort()", { type: "array", items: string }],
    ["inputs.ints.distinct()", { type: "array", items: integer }],
    ["inputs.ints.reverse()", { type: "array", items: integer }],
    ["inputs.texts.slice(0, 1)", { type: "array", items: string }],
    ["inputs.texts.slice(inputs.ints[0], 2)", { type: "array", items: string }],
    ["inputs.either.reverse()", { type: "array", items: integer }],
    ["inputs.any.reverse()", { type: "array", items: {} }],
    ["inputs.nested.flatten()", { type: "array", items: { anyOf: [integer, string] } }],
    ["inputs.ints.first()", integer],
    ["inputs.texts.last()", string],
    ["inputs.ints.contains(1)", { type: "boolean" }],
    ["inputs.known.keys()", { type: "array", items: string }],
    ["inputs.known.values()", { type: "array", items: { anyOf: [integer, string] } }],
    ["inputs.record.values()", { type: "array", items: { anyOf: [integer, string] } }],
    ["inputs.open.values()", { type: "array", items: {} }],
    ["inputs.any.values()", { type: "array", items: {} }],
    ["get(inputs.known, 'a', 1)", integer],
    ["get(inputs.known, 'a', inputs.texts)", { anyOf: [integer, { type: "array", items: string }] }],
    ["get(inputs.known, 'none', true)", { type: "boolean" }],
    ["get(inputs.known, inputs.ab, true)", { anyOf: [integer, string, { type: "boolean" }] }],
    ["get(inputs.known, inputs.texts[0], true)", { anyOf: [integer, string, { type: "boolean" }] }],
    ["get(inputs.open, 'none', true)", {}],
    ["get(inputs.record, 'none', true)", { anyOf: [string, { type: "boolean" }] }],
    ["get(inputs.record, 'a', 1)", integer],
    ["get(inputs.either2, 'a', true)", { anyOf: [integer, string, { type: "boolean" }] }],
    ["get(inputs.any, 'a', true)", {}],
    ["get(inputs.ints, 0, 'x')", { anyOf: [integer, { type: "string", enum: ["x"] }] }],
  ])("of %s is %j", (expression, type) => {
    const result = checked(`\${${expression}}`, properties);
    expect(result.ok ? result.template.type : result.findings).toEqual(type);
  });
});

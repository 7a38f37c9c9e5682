import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { checked, evaluated, failure } from "../evaluated.ts";

const proto: Json = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as Json;
const inputs = {
  weather: [{ city: "Oslo", celsius: -3 }, null, { city: "Rome", celsius: 14.5, sky: ["sun", "wind"] }],
  proto,
  sparse: Array.from({ length: 1_000 }, (_, row) =>
    Object.fromEntries(Array.from({ length: 50 }, (_name, at) => [`c${row}_${at}`, at])),
  ),
  big: Array(60_000).fill(0),
  long: "x".repeat(700_000),
};

describe("a function that combines", () => {
  it.each([
    ["merge({}, {})", {}],
    ["{'a': {'x': 1}}.merge({'a': {'y': 2}})", { a: { y: 2 } }],
    ["[].merge()", {}],
    ["[{'a': 1}, {'a': 2}, {'b': null}].merge()", { a: 2, b: null }],
    ["[].concat()", []],
    ["['a', 'b', 'c'].concat()", "abc"],
    ["[[], [1, [2]]].concat()", [1, [2]]],
    ["[1].concat(['a'])", [1, "a"]],
    ["[].table()", { columns: [], rows: [] }],
    [
      "inputs.weather.table()",
      {
        columns: ["city", "celsius", "sky"],
        rows: [
          ["Oslo", -3, null],
          [null, null, null],
          ["Rome", 14.5, ["sun", "wind"]],
        ],
      },
    ],
    [
      "inputs.weather.table(['sky', 'none'])",
      {
        columns: ["sky", "none"],
        rows: [
          [null, null],
          [null, null],
          [["sun", "wind"], null],
        ],
      },
    ],
    ["[].markdown()", ""],
    ["[{'a': 1}, {}].markdown()", "| a   |\n| --- |\n| 1   |\n|     |"],
    [
      "markdown({'columns': ['a', 'b'], 'rows': [[1], [1, 2, 3]]})",
      "| a   | b   |\n| --- | --- |\n| 1   |     |\n| 1   | 2   |",
    ],
    ["[{'a': true, 'b': {'c': [1]}}].markdown()", '| a    | b         |\n| ---- | --------- |\n| true | {"c":[1]} |'],
  ])("%s gives %j", (expression, value) => {
    expect(evaluated(`\${${expression}}`, { inputs })).toEqual(value);
  });

  it.each([
    ["[1].merge()", "invalid-argument"],
    ["[null].merge()", "invalid-argument"],
    ["merge({}, dyn([]))", "type-mismatch"],
    ["[1].concat()", "invalid-argument"],
    ["['a', ['b']].concat()", "invalid-argument"],
    ["[['b'], 'a'].concat()", "invalid-argument"],
    ["concat('a', dyn(['b']))", "type-mismatch"],
    ["[1].table()", "invalid-argument"],
    ["[{}].table([1])", "invalid-argument"],
    ["markdown({'columns': ['a']})", "invalid-argument"],
    ["markdown({'columns': [1], 'rows': []})", "invalid-argument"],
    ["markdown({'columns': ['a'], 'rows': [1]})", "invalid-argument"],
    ["inputs.sparse.table()", "limit-exceeded"],
    ["inputs.sparse.markdown()", "limit-exceeded"],
    ["inputs.big.concat(inputs.big)", "limit-exceeded"],
    ["[inputs.big, inputs.big].concat()", "limit-exceeded"],
    ["inputs.long.concat(inputs.long)", "limit-exceeded"],
    ["[inputs.long, inputs.long].concat()", "limit-exceeded"],
    ["[{'a': inputs.long, 'b': inputs.long}].markdown()", "limit-exceeded"],
  ])("%s fails with %s", (expression, code) => {
    expect(failure(`\${${expression}}`, { inputs }).code).toBe(code);
  });

  it("takes names that every object has as names like any other", () => {
    const merged = evaluated("${merge(inputs.proto, {'a': 1})}", { inputs });
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":1},"constructor":2,"a":1}');
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(evaluated("${[inputs.proto, {}].table()}", { inputs })).toEqual({
      columns: ["__proto__", "constructor"],
      rows: [
        [{ polluted: 1 }, 2],
        [null, null],
      ],
    });
    expect("polluted" in {}).toBe(false);
  });

  it("leaves the data that it reads as it is", () => {
    const before = JSON.stringify(inputs.weather);
    evaluated("${[inputs.weather.table(), inputs.weather[0].merge({'city': 'x'})]}", { inputs });
    expect(JSON.stringify(inputs.weather)).toBe(before);
  });
});

function text(list: string, values: JsonObject): string {
  const value = evaluated(`\${${list}.markdown()}`, { inputs: values });
  if (typeof value !== "string") throw new Error("a text is wanted");
  return value;
}

describe("a Markdown table", () => {
  it.each([
    ["a|b", "a\\|b"],
    ["a\\|b", "a\\\\\\|b"],
    ["C:\\temp\\file", "C:\\temp\\file"],
    ["\\*", "\\\\*"],
    ["a\r\n\n| b |", "a \\| b \\|"],
    ["\u001b[2J\u2028x", "[2J x"],
  ])("has %j as the one cell %j", (value, cell) => {
    const [, , line] = text("[{'a': inputs.value}]", { value }).split("\n");
    expect(line?.slice(2, -2).trimEnd()).toBe(cell);
  });

  it("has a line for each row and a cell for each column, whatever the values", () => {
    const rows = fc.array(fc.dictionary(fc.constantFrom("a", "b|", "c\\"), fc.jsonValue()), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(rows, (value) => {
        const list = JSON.parse(JSON.stringify(value)) as Json;
        const shown = text("inputs.list", { list });
        const { columns } = evaluated("${inputs.list.table()}", { inputs: { list } }) as { columns: string[] };
        if (columns.length === 0) {
          expect(shown).toBe("");
          return;
        }
        const lines = shown.split("\n");
        expect(lines).toHaveLength(value.length + 2);
        // As a renderer reads it: an escaped character is none of the table's.
        const cells = lines.map((line) => line.replaceAll(/\\[!-/:-@[-`{-~]/g, "x").split("|").length - 2);
        expect(new Set(cells)).toEqual(new Set([columns.length]));
      }),
    );
  });
});

describe("what merge gives", () => {
  it("is what the specification by entries says, and the last one's wherever several have a property", () => {
    const map = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as Json);
    fc.assert(
      fc.property(fc.array(map, { maxLength: 4 }), (maps) => {
        const merged = evaluated("${inputs.maps.merge()}", { inputs: { maps } });
        const entries = maps.flatMap((one) => (isJsonObject(one) ? Object.entries(one) : []));
        expect(merged).toEqual(Object.fromEntries(entries));
      }),
    );
  });
});

const number = { type: "number" };
const string = { type: "string" };
const properties = {
  a: { type: "object", properties: { x: number, y: string }, required: ["x", "y"], additionalProperties: false },
  b: { type: "object", properties: { y: number, z: string }, required: ["y"], additionalProperties: false },
  c: { type: "object", properties: { x: string }, additionalProperties: false },
  open: { type: "object", properties: { x: string } },
  rest: { type: "object", additionalProperties: string },
  list: {
    type: "array",
    items: { type: "object", properties: { x: number }, required: ["x"], additionalProperties: false },
  },
  texts: { type: "array", items: string },
  lists: { type: "array", items: { type: "array", items: number } },
  any: {},
};

function typeOf(expression: string) {
  const inner = compileTemplate(`\${${expression}}`, {
    scope: typeScope({ inputs: { type: "object", properties, required: Object.keys(properties) }, steps: {} }),
  });
  if (!inner.ok) throw new Error(inner.findings[0]?.message);
  return inner.template.type;
}

describe("the type of what is combined", () => {
  it.each([
    ["merge(inputs.a, inputs.b).y", number],
    ["merge(inputs.a, inputs.b).x", number],
    ["merge(inputs.a, inputs.b).z", string],
    ["merge(inputs.a, inputs.c).x", { anyOf: [number, string] }],
    ["merge(inputs.a, inputs.open).y", {}],
    ["merge(inputs.open, inputs.a).x", number],
    ["merge(inputs.a, inputs.rest).x", { anyOf: [number, string] }],
    ["merge(inputs.a, inputs.any).x", {}],
    ["inputs.list.merge().x", number],
    ["inputs.texts.concat()", string],
    ["inputs.lists.concat()", { type: "array", items: number }],
    ["inputs.lists[0].concat(inputs.texts)", { type: "array", items: { anyOf: [number, string] } }],
    ["inputs.list.table().columns", { type: "array", items: string }],
    ["inputs.list.table().rows[0][0]", { anyOf: [{ type: "null" }, number] }],
    ["inputs.any.table().rows[0][0]", {}],
    ["inputs.list.markdown()", string],
  ])("%s", (expression, type) => {
    expect(typeOf(expression)).toEqual(type);
  });

  it.each([
    ["merge(inputs.a, inputs.b).w", "unknown-property"],
    ["inputs.list.table().row", "unknown-property"],
    ["merge(inputs.a, inputs.texts)", "wrong-argument"],
    ["concat(inputs.texts, 'a')", "wrong-argument"],
    ["inputs.a.table()", "wrong-argument"],
  ])("%s is refused with %s", (expression, code) => {
    expect(checked(`\${${expression}}`, properties)).toMatchObject({ ok: false, findings: [{ code }] });
  });
});

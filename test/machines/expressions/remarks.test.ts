import { describe, expect, it } from "vitest";
import type { ExpressionType } from "#machines/expressions/expression-type.ts";
import { typeOfSchema } from "#machines/expressions/json-schema.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { typeScope, type TypeScope } from "#machines/expressions/type-scope.ts";
import { checked } from "./evaluated.ts";

const number = { type: "number" };
const integer = { type: "integer" };
const string = { type: "string" };
const boolean = { type: "boolean" };
const list = (items: object) => ({ type: "array", items });

const properties = {
  b: boolean,
  i: integer,
  s: string,
  texts: list(string),
  map: {
    type: "object",
    properties: { alpha: integer, beta: string },
    additionalProperties: false,
  },
  record: {
    type: "object",
    properties: { alpha: integer },
    additionalProperties: number,
  },
  loose: { type: "object", properties: { alpha: integer } },
  lm: {
    anyOf: [list(integer), { type: "object", additionalProperties: boolean }],
  },
  two: {
    anyOf: [
      {
        type: "object",
        properties: { left: integer, both: integer },
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { right: string, both: string },
        additionalProperties: false,
      },
    ],
  },
  maybe: {
    anyOf: [{ type: "object", properties: { alpha: string } }, { type: "null" }],
  },
  any: {},
  anyOrText: { anyOf: [list({}), string] },
};
const steps = { commits: list(string) };

function typeOf(expression: string) {
  const result = checked(`\${${expression}}`, properties, steps);
  return result.ok ? result.template.type : result.findings.map(({ code }) => code);
}

function remarksOf(expression: string) {
  const result = checked(`\${${expression}}`, properties, steps);
  if (result.ok) return [];
  return result.findings.map(({ offset, length, message, suggestion }) => ({
    at: `\${${expression}}`.slice(offset, offset + length),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  }));
}

describe("the type of an expression", () => {
  it.each([
    ["has(steps.commits.output)", boolean],
    ["has(inputs.map.alpha)", boolean],
    ["steps.commits.errors", {}],
    ["inputs.s.matches('a')", boolean],
    ["inputs.any.matches('a')", boolean],
    ["!inputs.b", boolean],
    ["inputs.b && inputs.any", boolean],
    ["inputs.texts.all(x, x == 'a')", boolean],
    ["inputs.texts.exists(x, x == 'a')", boolean],
    ["inputs.texts.exists_one(x, x == 'a')", boolean],
    ["inputs.texts.filter(x, x != '')", list(string)],
    ["inputs.texts.map(x, size(x))", list(integer)],
    ["inputs.texts.map(x, x != '', size(x))", list(integer)],
    ["inputs.map.map(key, key)", list(string)],
    ["inputs.any.map(x, x)", list({})],
    ["inputs.lm.map(x, x)", list({ anyOf: [integer, string] })],
    ["inputs.anyOrText.map(x, x)", list({})],
    ["inputs.texts.map(x, inputs.texts.map(y, [x, size(y)]))", list(list(list({ anyOf: [string, integer] })))],
    ["{'a': 1, 'b': inputs.s}.b", string],
    [
      "{inputs.s: 1, 'a': 'x'}",
      {
        type: "object",
        properties: {},
        required: [],
        additionalProperties: {
          anyOf: [integer, { type: "string", enum: ["x"] }],
        },
      },
    ],
    [
      "{inputs.s: 1}",
      {
        type: "object",
        properties: {},
        required: [],
        additionalProperties: integer,
      },
    ],
    [
      "{'a': 1}",
      {
        type: "object",
        properties: { a: integer },
        required: ["a"],
        additionalProperties: false,
      },
    ],
    [
      "{}",
      {
        type: "object",
        properties: {},
        required: [],
        additionalProperties: false,
      },
    ],
    ["inputs.map.alpha", integer],
    ["inputs.map['alpha']", integer],
    ["inputs.map[inputs.s]", { anyOf: [integer, string] }],
    ["inputs.map[inputs.any]", { anyOf: [integer, string] }],
    ["inputs.record.none", number],
    ["inputs.record['none']", number],
    ["inputs.record[inputs.s]", number],
    ["inputs.loose[inputs.s]", {}],
    ["inputs.lm[0]", integer],
    ["inputs.lm[1.5]", integer],
    ["inputs.lm['a']", boolean],
    ["inputs.lm[inputs.any]", { anyOf: [integer, boolean] }],
    ["inputs.any[true]", {}],
    ["inputs.texts[inputs.any]", string],
    ["inputs.two.left", integer],
    ["inputs.two.both", { anyOf: [integer, string] }],
    ["inputs.two['right']", string],
    ["inputs.maybe.alpha", string],
    ["inputs.any.a.b", {}],
  ])("%s is %j", (expression, type) => {
    expect(typeOf(expression)).toEqual(type);
  });
});

describe("a remark about an expression", () => {
  it.each<[string, string, string, string?]>([
    [
      "has(steps.comits.output)",
      "has(steps.comits.output)",
      "there is no step comits; did you mean commits?",
      "commits",
    ],
    ["steps.none.output", "steps.none.output", "there is no step none"],
    ["steps.comits.errors", "steps.comits.errors", "there is no step comits; did you mean commits?", "commits"],
    [
      "inptus.s",
      "inptus",
      "there is no inptus; an expression reads inputs.<name> and steps.<id>.output; did you mean inputs?",
      "inputs",
    ],
    [
      "step.s",
      "step",
      "there is no step; an expression reads inputs.<name> and steps.<id>.output; did you mean steps?",
      "steps",
    ],
    ["1 + inputs.map.alhpa", "alhpa", "there is no property alhpa; did you mean alpha?", "alpha"],
    ["has(inputs.map.zzz)", "zzz", "there is no property zzz"],
    ["inputs.two.rihgt", "rihgt", "there is no property rihgt; did you mean right?", "right"],
    ["inputs.map['alhpa']", "'alhpa'", "there is no property alhpa; did you mean alpha?", "alpha"],
    ["inputs.i.x", "x", "integer has no property x"],
    ["inputs.texts.x", "x", "list of string has no property x"],
    ["inputs.map[1]", "1", "object has no index of type int"],
    ["inputs.texts['a']", "'a'", 'list of string has no index of type "a"'],
    ["inputs.s[0]", "0", "string has no index of type int"],
    ["lower(inputs.i)", "lower(inputs.i)", "lower(string) is wanted, this is lower(integer)"],
    [
      "get(inputs.i, 0, 1)",
      "get(inputs.i, 0, 1)",
      "get(map, string, any) or get(list, int, any) is wanted, this is get(integer, int, int)",
    ],
    ["inputs.i.matches('a')", "inputs.i", "a string is wanted, this is integer"],
    ["true && inputs.i", "inputs.i", "a bool is wanted, this is integer"],
    ["inputs.i || true", "inputs.i", "a bool is wanted, this is integer"],
    ["!inputs.s", "inputs.s", "a bool is wanted, this is string"],
    ["inputs.s ? 1 : 2", "inputs.s", "a bool is wanted, this is string"],
    ["1 + -inputs.s", "-inputs.s", "there is no - string"],
    ["inputs.s.map(x, x)", "inputs.s", "map wants a list or a map"],
    ["inputs.texts.all(x, x)", "x", "a bool is wanted, this is string"],
    ["{1: 2}", "1", "a key of a map is a string"],
    ["1 + (inputs.i == 'a' ? 1 : 2)", "inputs.i == 'a'", 'integer is never equal to "a"'],
    ["1 in inputs.texts", "1 in inputs.texts", "int is never in list of string"],
    ["inputs.i < inputs.s", "inputs.i < inputs.s", "there is no integer < string"],
  ])("of %s stands at %s", (...[expression, at, message, suggestion]) => {
    expect(remarksOf(expression)).toEqual([{ at, message, ...(suggestion === undefined ? {} : { suggestion }) }]);
  });

  it("is made of each part that is wrong, and none of what follows from it", () => {
    expect(remarksOf("[inputs.x1, inputs.x2.y + 1].map(i, i.z)").map(({ at }) => at)).toEqual(["x1", "x2"]);
    expect(remarksOf("{'a': inputs.x1, 1: inputs.x2}").map(({ at }) => at)).toEqual(["x1", "x2", "1"]);
    expect(remarksOf("{1: 2}.a").map(({ at }) => at)).toEqual(["1"]);
    expect(remarksOf("inputs.s.map(x, x.y.z)").map(({ at }) => at)).toEqual(["inputs.s"]);
    expect(remarksOf("inputs.x1 ? inputs.x2 : inputs.x3").map(({ at }) => at)).toEqual(["x1", "x2", "x3"]);
    expect(remarksOf("lower(1, inputs.x1)").map(({ at }) => at)).toEqual(["lower(1, inputs.x1)"]);
  });
});

describe("the errors of a step", () => {
  const errors = typeOfSchema(list({ type: "object", properties: { code: string } }));
  const scope = (stepErrors: TypeScope["stepErrors"]): TypeScope => {
    const names = typeScope({ inputs: {}, steps: { each: {}, plain: {} } });
    return {
      ...names,
      inputs: names.inputs,
      ...(stepErrors === undefined ? {} : { stepErrors }),
    };
  };
  const ofEach = scope((id): ExpressionType | undefined => (id === "each" ? errors : undefined));

  it("have their type in one that goes over a list, and are refused in another", () => {
    const each = compileTemplate("${steps.each.errors[0].code}", {
      scope: ofEach,
    });
    expect(each.ok && each.template.type).toEqual(string);
    expect(compileTemplate("${steps.plain.errors}", { scope: ofEach })).toMatchObject({
      findings: [
        {
          code: "unknown-step-part",
          offset: 2,
          length: "steps.plain.errors".length,
        },
      ],
    });
  });

  it("may be anything where nobody says which steps have some", () => {
    const result = compileTemplate("${steps.plain.errors.x}", {
      scope: scope(undefined),
    });
    expect(result.ok && result.template.type).toEqual({});
  });
});

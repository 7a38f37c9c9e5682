import { describe, expect, it } from "vitest";
import { checked } from "./evaluated.ts";

const number = { type: "number" };
const integer = { type: "integer" };
const string = { type: "string" };
const boolean = { type: "boolean" };
const time = { type: "string", format: "date-time" };
const list = (items: object) => ({ type: "array", items });

const properties = {
  i: integer,
  d: number,
  s: string,
  b: boolean,
  e: { enum: ["low", "high"] },
  f: { enum: ["high", "top"] },
  g: { enum: ["other"] },
  ints: list(integer),
  texts: list(string),
  map: {
    type: "object",
    properties: { a: integer },
    additionalProperties: false,
  },
  si: { type: ["string", "integer"] },
  sn: { type: ["string", "null"] },
  bi: { type: ["boolean", "integer"] },
  im: { anyOf: [list(integer), { type: "object", additionalProperties: integer }] },
  lm: {
    anyOf: [list(string), { type: "object", additionalProperties: integer }],
  },
  any: {},
};

const T = "timestamp(0)";
const D = "duration('1s')";

function typeOf(expression: string) {
  const result = checked(`\${${expression}}`, properties);
  return result.ok ? result.template.type : result.findings.map(({ code }) => code);
}

describe("the type of arithmetic", () => {
  it.each([
    ["1 + 2", integer],
    ["1 / 2", integer],
    ["1 % 2", integer],
    ["inputs.i + 1", integer],
    ["inputs.i * inputs.i", integer],
    ["inputs.i - inputs.i", integer],
    ["inputs.i % 2", integer],
    ["inputs.i / 2", number],
    ["2 / inputs.i", number],
    ["inputs.i + inputs.d", number],
    ["inputs.d + 1", number],
    ["1 - 0.5", number],
    ["inputs.s + inputs.e", string],
    ["inputs.ints + inputs.ints", list(integer)],
    ["inputs.ints + inputs.texts", list({ anyOf: [integer, string] })],
    ["inputs.ints + []", list(integer)],
    ["inputs.any + 'a'", string],
    ["'a' + inputs.any", string],
    ["inputs.any + inputs.ints", list({})],
    ["inputs.any + 1", number],
    ["2 * inputs.any", number],
    ["inputs.any - inputs.any", {}],
    ["inputs.si + 1", integer],
    ["inputs.si + 'a'", string],
    ["inputs.si + inputs.si", { anyOf: [string, integer] }],
    ["inputs.sn + inputs.sn", string],
    ["['a', 1, 2].map(x, x / 2)", list(integer)],
    ["-inputs.i", integer],
    ["-1.5", number],
    ["-inputs.any", {}],
    ["-inputs.si", integer],
    [`(-${D}).getHours()`, integer],
  ])("%s is %j", (expression, type) => {
    expect(typeOf(expression)).toEqual(type);
  });

  it("knows what times and durations add up to", () => {
    for (const sum of [`${T} + ${D}`, `${D} + ${T}`, `${T} - ${D}`]) expect(typeOf(sum), sum).toEqual(time);
    for (const span of [`${T} - ${T}`, `${D} + ${D}`, `${D} - ${D}`])
      expect(typeOf(`(${span}).getHours()`), span).toEqual(integer);
    for (const open of [`inputs.any + ${T}`, `inputs.any - ${T}`, `inputs.any + ${D}`, `${D} - inputs.any`])
      expect(typeOf(open), open).toEqual({});
  });

  it.each([
    "inputs.s + 1",
    "inputs.s - inputs.s",
    "inputs.s * 2",
    "inputs.b + inputs.b",
    "inputs.ints - inputs.ints",
    "inputs.ints + 1",
    "inputs.s + inputs.ints",
    "inputs.map + inputs.map",
    "inputs.sn - 1",
    "inputs.any - 'a'",
    "inputs.any * inputs.ints",
    "inputs.any - inputs.ints",
    "inputs.any + inputs.b",
    "inputs.any + null",
    `inputs.any * ${D}`,
    `inputs.any / ${T}`,
    `${T} + ${T}`,
    `${D} - ${T}`,
    `${D} * 2`,
    `${T} + 1`,
    "-inputs.s",
    "-inputs.b",
    "-inputs.ints",
    `-${T}`,
  ])("%s cannot work", (expression) => {
    expect(typeOf(expression)).toEqual(["wrong-operand"]);
  });

  it("says how a number becomes text where one side is a text", () => {
    const messageOf = (expression: string) => {
      const result = checked(`\${${expression}}`, properties);
      return result.ok ? "" : result.findings[0]?.message;
    };
    expect(messageOf("inputs.s + 1")).toBe("there is no string + int; string(x) makes a text");
    expect(messageOf("1 + inputs.s")).toBe("there is no int + string; string(x) makes a text");
    expect(messageOf("inputs.s - 1")).toBe("there is no string - int");
    expect(messageOf("inputs.b + 1")).toBe("there is no bool + int");
  });
});

describe("a comparison of types", () => {
  it.each([
    "inputs.i == 1.5",
    "inputs.s != inputs.sn",
    "inputs.i == null",
    "null != inputs.ints",
    "inputs.any == inputs.map",
    "inputs.map == inputs.any",
    "inputs.e == 'high'",
    "inputs.e == inputs.f",
    "inputs.s == inputs.g",
    "inputs.g == inputs.s",
    "inputs.si == 1",
    "inputs.bi == true",
    "inputs.ints == [1]",
    `${T} == ${T}`,
    "inputs.i < 1.5",
    "inputs.s < inputs.e",
    "inputs.b < true",
    `${T} < ${T}`,
    `${D} <= ${D}`,
    "inputs.any > 1",
    "1 >= inputs.any",
    "inputs.any < inputs.any",
    "inputs.si > 1",
    "1 in inputs.ints",
    "inputs.any in inputs.ints",
    "'a' in inputs.map",
    "inputs.si in inputs.map",
    "inputs.s in inputs.lm",
    "1 in inputs.im",
    "1 in inputs.any",
    "1 in []",
    "null in inputs.ints",
  ])("%s may hold", (expression) => {
    expect(typeOf(expression)).toEqual(boolean);
  });

  it.each([
    ["inputs.i == 'a'", "never-equal"],
    ["inputs.b != 1", "never-equal"],
    ["inputs.e == inputs.g", "never-equal"],
    ["inputs.e != 'top'", "never-equal"],
    ["inputs.ints == inputs.map", "never-equal"],
    [`${T} == ${D}`, "never-equal"],
    [`${T} == 'a'`, "never-equal"],
    ["'a' in inputs.ints", "never-equal"],
    ["1 in inputs.map", "never-equal"],
    ["inputs.b in inputs.lm", "never-equal"],
    ["'a' in inputs.s", "never-equal"],
    ["inputs.i < 'a'", "wrong-operand"],
    ["null < null", "wrong-operand"],
    ["inputs.i > null", "wrong-operand"],
    ["inputs.ints < inputs.ints", "wrong-operand"],
    ["inputs.map >= inputs.map", "wrong-operand"],
    ["inputs.any < inputs.ints", "wrong-operand"],
    ["inputs.ints < inputs.any", "wrong-operand"],
    [`${T} < ${D}`, "wrong-operand"],
    ["inputs.b < 1", "wrong-operand"],
  ])("%s is refused as %s", (expression, code) => {
    expect(typeOf(expression)).toEqual([code]);
  });

  it("suggests the value that a misspelt text may mean, on either side", () => {
    const suggestionOf = (expression: string) => {
      const result = checked(`\${${expression}}`, properties);
      return result.ok ? undefined : result.findings[0]?.suggestion;
    };
    expect(suggestionOf("inputs.e == 'hihg'")).toBe("high");
    expect(suggestionOf("'lwo' != inputs.e")).toBe("low");
    expect(suggestionOf("'hihg' in [inputs.e]")).toBeUndefined();
    expect(suggestionOf("inputs.e == inputs.g")).toBeUndefined();
    expect(suggestionOf("inputs.i == 'hihg'")).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { assignable } from "#machines/expressions/assignable.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";

const string = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer" };
const nothing = { type: "null" };
const list = (items: JsonSchema) => ({ type: "array", items });
const open = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  required,
});
const closed = (properties: object, required: string[] = []) => ({
  ...open(properties, required),
  additionalProperties: false,
});
const either = (...anyOf: JsonSchema[]) => ({ anyOf });

describe("what can be passed", () => {
  it.each<[JsonSchema, JsonSchema]>([
    [list({}), list(string)],
    [list(string), list({})],
    [list(false as never), list(string)],
    [closed({ a: {} }), closed({ a: number })],
    [closed({ a: number }), closed({ a: {} })],
    [either(string, {}), number],
    [string, either(number, {})],
    [{ type: "boolean" }, { type: "boolean" }],
    [number, number],
    [integer, integer],
    [{ const: 2 }, integer],
    [open({ a: string }), open({ b: string })],
    [closed({ a: string }), { type: "object", additionalProperties: string }],
    [{ type: "object", additionalProperties: string }, open({ a: string }, ["a"])],
    [{ type: "object", additionalProperties: {} }, closed({ a: string }, ["a"])],
    [{ type: "object" }, { type: "object", additionalProperties: number }],
    [{ type: "object", additionalProperties: number }, open({})],
    [either(list(string), nothing), either(nothing, list(string))],
    [{ enum: ["a", "b"] }, { enum: ["b"] }],
    [{ enum: ["a", "b"] }, string],
  ])("%j for %j", (from, to) => {
    expect(assignable(from, to)).toEqual({ ok: true });
  });

  it("may be a time or a duration, which leave as text", () => {
    const time = { type: "string", format: "date-time" };
    expect(assignable(time, string)).toEqual({ ok: true });
  });
});

describe("what cannot be passed", () => {
  it.each<[JsonSchema, JsonSchema, object]>([
    [
      number,
      integer,
      {
        code: "wrong-type",
        path: [],
        message: "integer is wanted, this is number",
      },
    ],
    [{ const: 1.5 }, integer, { code: "wrong-type" }],
    [integer, string, { code: "wrong-type", message: "string is wanted, this is integer" }],
    [
      string,
      list(string),
      {
        code: "wrong-type",
        message: "list of string is wanted, this is string",
      },
    ],
    [list(string), string, { code: "wrong-type" }],
    [
      list(string),
      open({}),
      {
        code: "wrong-type",
        message: "object is wanted, this is list of string",
      },
    ],
    [open({}), list(string), { code: "wrong-type" }],
    [open({}), string, { code: "wrong-type" }],
    [nothing, { type: "boolean" }, { code: "wrong-type" }],
    [list(list(string)), list(list(number)), { code: "wrong-type", path: [0, 0] }],
    [{ enum: ["aaaa", "bbbb"] }, { enum: ["cccc", "aaab"] }, { code: "wrong-type", suggestion: "aaab" }],
    [{ enum: ["aaaa"] }, { enum: ["zzzz"] }, { code: "wrong-type", path: [] }],
    [
      closed({}),
      closed({ a: either(string, nothing) }, ["a"]),
      {
        code: "missing-property",
        message: 'the property "a" is missing (string or null)',
      },
    ],
    [
      closed({ b: string }, ["b"]),
      closed({ a: string, b: string }, ["a", "b"]),
      { code: "missing-property", path: [] },
    ],
    [
      closed({ aaa: string }),
      closed({ zzz: string }),
      {
        code: "unknown-property",
        path: [],
        message: 'there is no property "aaa"',
      },
    ],
    [open({ a: open({ b: string }) }), open({ a: open({ b: number }) }), { path: ["a", "b"] }],
    [closed({ a: string }), { type: "object", additionalProperties: number }, { path: ["a"] }],
    [
      {
        type: "object",
        properties: { a: number },
        additionalProperties: string,
      },
      { type: "object", additionalProperties: number },
      { path: ["*"] },
    ],
    [
      either(string, number),
      either(nothing, list(string)),
      {
        code: "wrong-type",
        path: [],
        message: "null or list of string is wanted, this is string or number",
      },
    ],
  ])("%j for %j", (from, to, refusal) => {
    const result = assignable(from, to);
    expect(result).toMatchObject({ ok: false, ...refusal });
    if (!("suggestion" in refusal)) expect(result).not.toHaveProperty("suggestion");
  });

  it("is told for the alternative that fits deepest, the first of those, and before all for one with a suggestion", () => {
    const deep = (part: JsonSchema) => open({ a: open({ b: part }) });
    expect(assignable(deep(string), either(list(string), deep(number), string))).toMatchObject({
      path: ["a", "b"],
      message: "number is wanted, this is string",
    });
    expect(assignable(either(list(string), deep(string)), either(list(number), deep(number)))).toMatchObject({
      path: ["a", "b"],
    });
    expect(assignable(either(deep(string), list(string)), either(list(number), deep(number)))).toMatchObject({
      path: ["a", "b"],
    });
    const misspelt = [either(deep(string), { const: "hgih" }), either(deep(number), { enum: ["high"] })] as const;
    expect(assignable(...misspelt)).toMatchObject({ path: ["a", "b"] });
    expect(assignable({ const: "hgih" }, either({ enum: ["high"] }, number))).toMatchObject({ suggestion: "high" });
    expect(assignable(closed({ pth: string }), either(number, closed({ path: string })))).toMatchObject({
      code: "unknown-property",
      suggestion: "path",
    });
  });

  it("is found in a schema that goes into itself, wherever it is met first", () => {
    const tree = (part: JsonSchema) => ({
      type: "object",
      properties: { left: { $ref: "#" }, right: { $ref: "#" }, part },
      required: ["part"],
      additionalProperties: false,
    });
    expect(assignable(tree(string), tree(string))).toEqual({ ok: true });
    expect(assignable(tree(string), tree(number))).toMatchObject({
      ok: false,
      path: ["part"],
    });
    const pair = (part: JsonSchema) => ({
      type: "object",
      properties: {
        one: { $ref: "#/$defs/part" },
        two: { $ref: "#/$defs/part" },
      },
      $defs: { part: list(part) },
    });
    expect(assignable(pair(string), pair(number))).toMatchObject({
      ok: false,
      path: ["one", 0],
    });
    const maybe = {
      anyOf: [open({ one: { $ref: "#/$defs/part" } }), open({ two: { $ref: "#/$defs/part" } })],
      $defs: { part: list(string) },
    };
    expect(assignable(maybe, pair(number))).toMatchObject({ ok: false });
  });
});

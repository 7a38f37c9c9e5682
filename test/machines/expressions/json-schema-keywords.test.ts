import { describe, expect, it } from "vitest";
import type { Json } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { nested } from "./evaluated.ts";

const violations = (schema: JsonSchema, value: Json) =>
  violationsOf(schema, value).map(({ code, path, message }) => `${path.join("/")} ${code}: ${message}`);

describe("a keyword of a schema", () => {
  it.each<[JsonSchema, Json, string]>([
    [{ type: "string" }, 1, " wrong-type: string is wanted, this is a number"],
    [{ type: "number" }, "1", " wrong-type: number is wanted, this is a text"],
    [{ type: "integer" }, 1.5, " wrong-type: integer is wanted, this is a number"],
    [{ type: "boolean" }, null, " wrong-type: boolean is wanted, this is nothing (null)"],
    [{ type: "null" }, false, " wrong-type: null is wanted, this is false"],
    [{ type: "array" }, {}, " wrong-type: array is wanted, this is a mapping"],
    [{ type: "object" }, [], " wrong-type: object is wanted, this is a list"],
    [{ type: "object" }, null, " wrong-type: object is wanted, this is nothing (null)"],
    [{ type: ["string", "null"] }, true, " wrong-type: string or null is wanted, this is true"],
    [
      { type: "object", secret: true },
      "x",
      ' wrong-type: a reference to a secret, { $secret: "NAME" }, is wanted, this is a text',
    ],
    [{ const: 1 }, 2, " wrong-value: 1 is wanted"],
    [{ enum: ["a"] }, "b", ' wrong-value: "a" is wanted'],
    [{ enum: ["a", 2, undefined] }, "b", ' wrong-value: one of "a", 2 is wanted'],
    [{ enum: [1, 2, 3, 4, 5, 6, 7, 8] }, 0, " wrong-value: one of 1, 2, 3, 4, 5, 6, 7, 8 is wanted"],
    [{ enum: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, 0, " wrong-value: one of 1, 2, 3, 4, 5, 6, 7, 8, … is wanted"],
    [{ const: null, enum: [1] }, 1, " wrong-value: null is wanted"],
    [{ minimum: 2 }, 1, " out-of-range: at least 2 is wanted"],
    [{ maximum: 2 }, 3, " out-of-range: at most 2 is wanted"],
    [{ exclusiveMinimum: 2 }, 2, " out-of-range: more than 2 is wanted"],
    [{ exclusiveMaximum: 2 }, 2, " out-of-range: less than 2 is wanted"],
    [{ multipleOf: 2 }, 3, " out-of-range: a multiple of 2 is wanted"],
    [{ minLength: 2 }, "a", " out-of-range: at least 2 characters are wanted"],
    [{ minLength: 2 }, "😀", " out-of-range: at least 2 characters are wanted"],
    [{ maxLength: 1 }, "😀😀", " out-of-range: at most 1 characters are possible"],
    [{ pattern: "b" }, "aca", " wrong-value: a text of the pattern b is wanted"],
    [{ minItems: 1 }, [], " out-of-range: at least 1 items are wanted"],
    [{ maxItems: 1 }, [1, 1], " out-of-range: at most 1 items are possible"],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      " wrong-value: each item may be there once",
    ],
    [{ minProperties: 1 }, {}, " out-of-range: at least 1 properties are wanted"],
    [{ maxProperties: 1 }, { a: 1, b: 2 }, " out-of-range: at most 1 properties are possible"],
    [{ required: ["a"] }, { b: 1 }, ' missing-property: the property "a" is missing'],
    [{ items: { type: "string" } }, ["a", 1], "1 wrong-type: string is wanted, this is a number"],
    [{ items: false }, ["a"], "0 unknown-property: nothing is possible here"],
    [{ properties: { a: false } }, { a: 1 }, "a unknown-property: nothing is possible here"],
    [{ additionalProperties: false }, { a: 1 }, 'a unknown-property: there is no property "a"'],
    [{ allOf: [{ type: "string" }] }, 1, " wrong-type: string is wanted, this is a number"],
    [{ oneOf: [{ type: "string" }, { type: "null" }] }, 1, " wrong-type: string or null is wanted, this is a number"],
    [
      { anyOf: [{ type: "string" }, { const: 2 }, { enum: [3] }] },
      1,
      " wrong-type: string or another form is wanted, this is a number",
    ],
    [{ anyOf: [{ type: "string" }] }, 1, " wrong-type: string is wanted, this is a number"],
    [{ anyOf: [{ minimum: 5 }] }, 1, " out-of-range: at least 5 is wanted"],
    [{ anyOf: [false, { type: "null" }] }, 1, " wrong-type: another form or null is wanted, this is a number"],
  ])("%j finds in %j what is wrong", (schema, value, found) => {
    expect(violations(schema, value)).toEqual([found]);
  });

  it.each<[JsonSchema, Json]>([
    [{ type: "integer" }, 2],
    [{ type: "array" }, []],
    [{ type: "object" }, {}],
    [{ type: "boolean" }, false],
    [{ type: ["null", "number"] }, 1.5],
    [{ const: { a: 1, b: [2] } }, { b: [2], a: 1 }],
    [{ enum: [undefined, 1] }, 1],
    [{ minimum: 2, maximum: 2, multipleOf: 2 }, 2],
    [{ minimum: "3", maximum: "1" }, 2],
    [{ minimum: 3 }, "2"],
    [{ multipleOf: 0.1 }, 0.5],
    [{ minLength: 1, maxLength: 2 }, "😀a"],
    [{ minLength: 5 }, 1],
    [{ minLength: "5", maxLength: "0" }, "abc"],
    [{ minItems: 1, maxItems: 1 }, ["a"]],
    [{ minItems: 5 }, { a: 1 }],
    [{ minProperties: 1, maxProperties: 1 }, { a: 1 }],
    [{ minProperties: 5 }, ["a"]],
    [{ uniqueItems: true }, [1, "1", [1]]],
    [{ uniqueItems: false }, [1, 1]],
    [{ uniqueItems: "yes" }, [1, 1]],
    [{ pattern: "^a" }, "ab"],
    [{ pattern: 3 }, "ab"],
    [{ pattern: "(?=a)" }, "b"],
    [{ pattern: "a".repeat(1_001) }, "b"],
    [{ required: ["a"] }, { a: null }],
    [{ required: [3, "a"] }, { a: 1 }],
    [{ required: "a" }, {}],
    [{ required: ["a"] }, "text"],
    [{ properties: { a: { type: "string" } } }, {}],
    [{ properties: { a: { type: "string" } } }, { b: 1 }],
    [{ properties: 3, additionalProperties: { type: "string" } }, { properties: "x" }],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 1 }],
    [{ prefixItems: [{ type: "string" }], items: { type: "number" } }, ["a", 1, 2]],
    [{ prefixItems: [{ type: "string" }] }, ["a", 1]],
    [{ items: { type: "string" } }, []],
    [{ anyOf: [{ type: "string" }, { type: "number" }] }, 1],
    [{ anyOf: [{ type: "string" }], oneOf: [{ type: "number" }] }, 1],
    [{ anyOf: [] }, 1],
    [{ allOf: [] }, 1],
    [{ allOf: { minimum: 5 } }, 1],
    [{ $ref: "#/$defs/a", $defs: { a: { type: "number" } } }, 1],
    [{ $ref: "#/$defs/none", $defs: {} }, 1],
    [{ $ref: "#/$defs/toString/a", $defs: {} }, 1],
    [{ $ref: "#/none/deeper" }, 1],
    [{ $ref: "$defs/a", $defs: { a: false } }, 1],
    [{ $ref: "other.json#/$defs/a", $defs: { a: false } }, 1],
    [{ $ref: "other.json", "-": false, "": false }, 1],
  ])("%j takes %j", (schema, value) => {
    expect(violations(schema, value)).toEqual([]);
  });

  it("takes a pattern of 1,000 characters and runs it", () => {
    const pattern = `[${"a".repeat(998)}]`;
    expect(violations({ pattern }, "a")).toEqual([]);
    expect(violations({ pattern }, "b")).toHaveLength(1);
    expect(violations({ pattern: `${pattern}?x` }, "b")).toEqual([]);
  });

  it("tells of a length and not of the pattern of the same text, and of both faults of a list", () => {
    expect(violations({ minLength: 2, pattern: "b" }, "a")).toEqual([
      " out-of-range: at least 2 characters are wanted",
    ]);
    expect(violations({ maxItems: 1, uniqueItems: true }, [1, 1])).toHaveLength(2);
  });

  it("reads references by their JSON pointers, escapes too", () => {
    const $defs = {
      "a/b": { "c~d": { type: "string" } },
      "~1": { type: "null" },
    };
    expect(violations({ $ref: "#/$defs/a~1b/c~0d", $defs }, 1)).toHaveLength(1);
    expect(violations({ $ref: "#/$defs/a~1b/c~0d", $defs }, "x")).toEqual([]);
    expect(violations({ $ref: "#/$defs/~01", $defs }, 1)).toHaveLength(1);
    expect(violations({ $ref: "#/$defs/~01", $defs }, null)).toEqual([]);
  });
});

describe("what is wrong with a value", () => {
  it("stands at its path, each fault at its own", () => {
    const schema = {
      type: "object",
      properties: {
        list: {
          type: "array",
          items: { properties: { n: { minimum: 1 } }, required: ["n"] },
        },
        pair: { prefixItems: [{ type: "string" }, { type: "number" }] },
      },
      additionalProperties: { type: "string" },
    };
    expect(
      violations(schema, {
        list: [{ n: 1 }, { n: 0 }, {}],
        pair: [1, "a"],
        other: 1,
      }),
    ).toEqual([
      "list/1/n out-of-range: at least 1 is wanted",
      'list/2 missing-property: the property "n" is missing',
      "pair/0 wrong-type: string is wanted, this is a number",
      "pair/1 wrong-type: number is wanted, this is a text",
      "other wrong-type: string is wanted, this is a number",
    ]);
  });

  it("is named with the property that was meant", () => {
    const schema = {
      properties: { since: {}, until: {} },
      additionalProperties: false,
    };
    expect(violationsOf(schema, { sinse: 1 })).toEqual([
      {
        code: "unknown-property",
        message: 'there is no property "sinse"',
        path: ["sinse"],
        suggestion: "since",
      },
    ]);
    expect(violationsOf(schema, { frobnicate: 1 })[0]).not.toHaveProperty("suggestion");
  });

  it("is told for the alternative that went furthest into the value, the first of those", () => {
    const form = (kind: string, part: object) => ({
      type: "object",
      properties: { kind: { const: kind }, part },
    });
    const deep = { properties: { x: { type: "string" } } };
    const schema = {
      anyOf: [
        { type: "string" },
        form("a", { type: "string" }),
        form("a", deep),
        form("a", { properties: { x: { type: "null" } } }),
      ],
    };
    expect(violations(schema, { kind: "a", part: { x: 1 } })).toEqual([
      "part/x wrong-type: string is wanted, this is a number",
    ]);
    expect(violations({ properties: { p: schema } }, { p: 1 })).toEqual([
      "p wrong-type: string or object is wanted, this is a number",
    ]);
  });

  it("is told for an alternative by its first 20 faults", () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, { type: "string" }]));
    const at = (path: readonly string[]): object =>
      path.length === 0 ? { type: "string" } : { properties: { [path[0] as string]: at(path.slice(1)) } };
    const value = { ...Object.fromEntries(Object.keys(wide).map((name) => [name, 1])), z: { y: { x: 1 } } };
    const deepAfter = { properties: { ...wide, z: at(["y", "x"]) } };
    expect(violations({ anyOf: [deepAfter, at(["z", "y"])] }, value)).toEqual([
      "z/y wrong-type: string is wanted, this is a mapping",
    ]);
  });

  it("is told at most 20 times", () => {
    const many = Array.from({ length: 30 }, () => 1);
    expect(violations({ items: { type: "string" } }, many)).toHaveLength(20);
    expect(violations({ required: Array.from({ length: 30 }, (_, index) => `p${index}`) }, {})).toHaveLength(20);
    expect(violations({ items: { type: "string" } }, many.slice(0, 20))).toHaveLength(20);
  });

  it("is not looked for deeper than 256 schemas within each other", () => {
    const arrays = {
      type: "array",
      items: { type: ["array", "number"], items: { $ref: "#/items" } },
    };
    expect(violations(arrays, nested(128, "end"))).toHaveLength(1);
    expect(violations(arrays, nested(129, "end"))).toEqual([]);
    const within = (levels: number): JsonSchema => (levels === 0 ? { type: "null" } : { allOf: [within(levels - 1)] });
    expect(violations(within(255), 1)).toHaveLength(1);
    expect(violations(within(256), 1)).toEqual([]);
  });

  it("is not looked for after 100,000 schemas", () => {
    const trues = (count: number) => Array.from({ length: count }, () => true);
    const after = (others: number) => violations({ allOf: [...trues(others), { type: "string" }] }, 1);
    expect(after(99_998)).toHaveLength(1);
    expect(after(99_999)).toEqual([]);
  });

  it("is not looked for after 100,000 schemas, those of alternatives counted", () => {
    const trues = (count: number) => Array.from({ length: count }, () => true);
    const second = (others: number) =>
      violations({ anyOf: [{ allOf: [...trues(others), { type: "null" }] }, { type: "string" }] }, 1);
    expect(second(99_996)).toHaveLength(1);
    expect(second(99_997)).toEqual([]);
  });

  it("is looked for in each of many values beside each other", () => {
    const many = [...Array.from({ length: 300 }, () => 1), "text"];
    expect(violations({ items: { type: "number" } }, many)).toHaveLength(1);
  });
});

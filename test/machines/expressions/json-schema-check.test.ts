import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "#events/json.ts";
import { violationsOf } from "#machines/expressions/json-schema-check.ts";

const codes = (schema: Readonly<Record<string, unknown>>, value: Json) =>
  violationsOf(schema, value).map(({ code, path }) => [...path, code].join("."));

describe("a value against a JSON Schema", () => {
  it.each<[string, Readonly<Record<string, unknown>>, Json, Json, string]>([
    ["type", { type: "string" }, "a", 1, "wrong-type"],
    ["type as a list", { type: ["string", "null"] }, null, 1, "wrong-type"],
    ["integer", { type: "integer" }, 2, 2.5, "wrong-type"],
    ["enum", { enum: [1, { a: 1 }] }, { a: 1 }, { a: 2 }, "wrong-value"],
    ["const", { const: null }, null, 0, "wrong-value"],
    ["minimum", { minimum: 1 }, 1, 0, "out-of-range"],
    ["exclusiveMinimum", { exclusiveMinimum: 1 }, 2, 1, "out-of-range"],
    ["maximum", { maximum: 1 }, 1, 2, "out-of-range"],
    ["exclusiveMaximum", { exclusiveMaximum: 1 }, 0, 1, "out-of-range"],
    ["multipleOf", { multipleOf: 2 }, 4, 3, "out-of-range"],
    ["minLength", { minLength: 2 }, "ab", "a", "out-of-range"],
    ["maxLength in code points", { maxLength: 1 }, "😀", "ab", "out-of-range"],
    ["pattern", { pattern: "^a+$" }, "aa", "ab", "wrong-value"],
    ["minItems", { minItems: 1 }, [1], [], "out-of-range"],
    ["maxItems", { maxItems: 1 }, [1], [1, 2], "out-of-range"],
    ["uniqueItems", { uniqueItems: true }, [1, 2], [1, 1], "wrong-value"],
    ["items", { items: { type: "string" } }, ["a"], ["a", 1], "1.wrong-type"],
    ["prefixItems", { prefixItems: [{ type: "string" }], items: false }, ["a"], ["a", 1], "1.unknown-property"],
    ["required", { required: ["a"] }, { a: 1 }, {}, "missing-property"],
    ["properties", { properties: { a: { type: "string" } } }, { a: "x", b: 1 }, { a: 1 }, "a.wrong-type"],
    ["additionalProperties", { additionalProperties: { type: "string" } }, { a: "x" }, { a: 1 }, "a.wrong-type"],
    [
      "no additionalProperties",
      { properties: { a: {} }, additionalProperties: false },
      { a: 1 },
      { b: 1 },
      "b.unknown-property",
    ],
    ["maxProperties", { maxProperties: 1 }, { a: 1 }, { a: 1, b: 1 }, "out-of-range"],
    ["anyOf", { anyOf: [{ type: "string" }, { type: "null" }] }, null, 1, "wrong-type"],
    ["allOf", { allOf: [{ minimum: 1 }, { maximum: 2 }] }, 2, 3, "out-of-range"],
    ["$ref", { $ref: "#/$defs/a~1b", $defs: { "a/b": { type: "string" } } }, "x", 1, "wrong-type"],
  ])("is checked by %s", (...[, schema, right, wrong, expected]) => {
    expect(codes(schema, right)).toEqual([]);
    expect(codes(schema, wrong)).toEqual([expected]);
  });

  it("names the alternative that it came nearest to", () => {
    const circle = z.strictObject({ kind: z.literal("circle"), radius: z.number() });
    const square = z.strictObject({ kind: z.literal("square"), side: z.number() });
    const schema = z.toJSONSchema(z.union([circle, square]));
    expect(codes(schema, { kind: "circle", radius: "1" })).toContain("radius.wrong-type");
  });

  it("follows a schema into itself as deep as the value goes", () => {
    const schema = { type: "object", properties: { next: { $ref: "#" } }, additionalProperties: false };
    expect(codes(schema, { next: { next: { nxt: 1 } } })).toEqual(["next.next.nxt.unknown-property"]);
  });

  it("ends for a schema that refers to itself without looking at anything", () => {
    const spin = { anyOf: [{ $ref: "#" }, { $ref: "#" }] };
    expect(codes(spin, 1)).toEqual([]);
  });

  it("takes a schema of any form", () => {
    for (const schema of [{ type: 3 }, { required: 3 }, { pattern: "(" }, { $ref: "x" }, { anyOf: 1 }, { enum: {} }]) {
      expect(codes(schema, "x")).toEqual([]);
    }
  });

  it("takes a type that nobody knows for none, also where every object has something of that name", () => {
    for (const type of ["__proto__", "constructor", "toString", "text"]) {
      expect(violationsOf({ type }, 1), type).toEqual([]);
      expect(violationsOf({ type: [type, "string"] }, 1), type).toEqual([]);
    }
  });
});

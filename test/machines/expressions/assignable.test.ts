import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assignable } from "#machines/expressions/assignable.ts";

const string = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer" };
const object = (properties: object, required: string[] = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

describe("assignability", () => {
  it.each([
    [integer, number],
    [{}, string],
    [string, {}],
    [{ anyOf: [string, { type: "null" }] }, string],
    [string, { anyOf: [number, string] }],
    [
      { type: "array", items: integer },
      { type: "array", items: number },
    ],
    [object({ a: integer }), object({ a: number })],
    [object({ a: integer }, []), object({ a: number })],
    [object({ a: string }), object({ a: string, b: string }, ["a"])],
    [object({ a: string, b: string }), { type: "object", properties: { a: string } }],
    [{ type: "object", additionalProperties: string }, object({ a: string })],
    [{ enum: ["a", "b"] }, { enum: ["b", "c"] }],
    [string, { enum: ["a"] }],
    [{ const: "a" }, string],
    [{ const: 1 }, integer],
    [{ type: ["string", "null"] }, { type: "null" }],
  ])("accepts %j for %j", (from, to) => {
    expect(assignable(from, to)).toEqual({ ok: true });
  });

  it.each([
    [string, number, { path: [], code: "wrong-type", message: "number is wanted, this is string" }],
    [number, integer, { code: "wrong-type" }],
    [number, string, { code: "wrong-type" }],
    [object({ a: string }), object({ a: number }), { path: ["a"], code: "wrong-type" }],
    [object({}), object({ path: string }), { path: [], code: "missing-property" }],
    [object({ pth: string }), object({ path: string }, []), { code: "unknown-property", suggestion: "path" }],
    [
      { type: "array", items: object({ a: string }) },
      { type: "array", items: object({ a: number }) },
      { path: [0, "a"] },
    ],
    [{ const: "hihg" }, { enum: ["low", "high"] }, { code: "wrong-type", suggestion: "high" }],
    [{ anyOf: [string, { type: "null" }] }, number, { code: "wrong-type" }],
    [object({ a: string }), { anyOf: [string, object({ a: number })] }, { path: ["a"] }],
    [
      { type: "object", additionalProperties: string },
      { type: "object", additionalProperties: number },
      { path: ["*"] },
    ],
  ])("refuses %j for %j", (from, to, refusal) => {
    expect(assignable(from, to)).toMatchObject({ ok: false, ...refusal });
  });

  it("names the missing property", () => {
    expect(assignable(object({}), object({ path: string }))).toMatchObject({
      message: 'the property "path" is missing (string)',
    });
  });

  it("ends for recursive schemas", () => {
    const tree = z.object({
      value: z.number(),
      get children() {
        return z.array(z.union([tree, z.string()]));
      },
    });
    const texts = z.object({
      value: z.string(),
      get children() {
        return z.array(z.union([texts, z.string()]));
      },
    });
    expect(assignable(z.toJSONSchema(tree), z.toJSONSchema(tree))).toEqual({ ok: true });
    expect(assignable(z.toJSONSchema(tree), z.toJSONSchema(texts))).toMatchObject({ ok: false, path: ["value"] });
  });
});

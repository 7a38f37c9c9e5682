import { describe, expect, it } from "vitest";
import { typeOfSchema, type JsonSchema } from "#machines/expressions/json-schema.ts";
import { schemaOfType } from "#machines/expressions/schema-text.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { checked } from "./evaluated.ts";

const integer = { type: "integer" };
const string = { type: "string" };
const nothing = { type: "null" };
const boolean = { type: "boolean" };
const number = { type: "number" };
const open = {
  type: "object",
  properties: {},
  required: [],
  additionalProperties: {},
};

const understood = (schema: JsonSchema) => schemaOfType(typeOfSchema(schema));

describe("a schema read as a type and written again", () => {
  it.each<[JsonSchema, JsonSchema]>([
    [{}, {}],
    [{ title: "anything" }, {}],
    [string, string],
    [integer, integer],
    [number, number],
    [boolean, boolean],
    [nothing, nothing],
    [{ type: "text" }, {}],
    [{ type: 5 }, {}],
    [{ type: ["string", "null"] }, { anyOf: [string, nothing] }],
    [{ type: ["integer", "number"] }, number],
    [{ type: [] }, {}],
    [{ const: "a" }, { type: "string", enum: ["a"] }],
    [{ const: 1 }, integer],
    [{ const: 1.5 }, number],
    [{ const: true }, boolean],
    [{ const: null }, nothing],
    [{ const: undefined }, {}],
    [
      { const: [1, "a"] },
      {
        type: "array",
        items: { anyOf: [integer, { type: "string", enum: ["a"] }] },
      },
    ],
    [
      { const: { a: 1 } },
      {
        type: "object",
        properties: { a: integer },
        required: ["a"],
        additionalProperties: false,
      },
    ],
    [{ enum: ["a", "b", "a"] }, { type: "string", enum: ["a", "b"] }],
    [{ enum: ["a", 1, null] }, { anyOf: [{ type: "string", enum: ["a"] }, integer, nothing] }],
    [{ enum: "a" }, {}],
    [{ anyOf: [string, integer] }, { anyOf: [string, integer] }],
    [{ oneOf: [string, integer] }, { anyOf: [string, integer] }],
    [{ anyOf: [string, {}] }, {}],
    [{ anyOf: [string, false] }, string],
    [{ anyOf: 3 }, {}],
    [{ allOf: [string] }, string],
    [{ allOf: [string, integer] }, {}],
    [{ allOf: [string, integer], type: "string" }, string],
    [{ allOf: [], type: "string" }, string],
    [{ allOf: { length: 1 }, type: "string" }, string],
    [{ type: "array" }, { type: "array", items: {} }],
    [
      { type: "array", items: string },
      { type: "array", items: string },
    ],
    [
      { type: "array", items: false },
      { type: "array", items: {} },
    ],
    [
      { type: "array", prefixItems: [string, integer], items: false },
      { type: "array", items: { anyOf: [string, integer] } },
    ],
    [
      { type: "array", prefixItems: [string], items: integer },
      { type: "array", items: { anyOf: [string, integer] } },
    ],
    [
      { type: "array", prefixItems: [string] },
      { type: "array", items: {} },
    ],
    [
      { type: "array", items: [string, integer] },
      { type: "array", items: { anyOf: [string, integer] } },
    ],
    [{ type: "object" }, open],
    [{ type: "object", properties: 3 }, open],
    [{ properties: { a: string } }, { type: "object", properties: { a: string }, required: [] }],
    [
      { type: "object", properties: { a: string, b: {} }, required: ["a", 3] },
      { type: "object", properties: { a: string, b: {} }, required: ["a"] },
    ],
    [
      { type: "object", properties: { a: string }, required: "a" },
      { type: "object", properties: { a: string }, required: [] },
    ],
    [
      { type: "object", additionalProperties: false },
      {
        type: "object",
        properties: {},
        required: [],
        additionalProperties: false,
      },
    ],
    [
      {
        type: "object",
        properties: { a: string },
        additionalProperties: integer,
      },
      {
        type: "object",
        properties: { a: string },
        required: [],
        additionalProperties: integer,
      },
    ],
    [{ type: "object", additionalProperties: true }, open],
    [{ $ref: "#/$defs/a~1b~0c", $defs: { "a/b~c": string } }, string],
    [{ $ref: "#/$defs/none", $defs: {} }, {}],
    [{ $ref: "#/none/deeper" }, {}],
    [{ $ref: "#/type/length", type: "string" }, {}],
    [{ $ref: "#/constructor" }, {}],
    [{ $ref: "other.json#/$defs/a", $defs: { a: string } }, {}],
    [{ $ref: "/$defs/a", $defs: { a: string } }, {}],
    [{ $ref: 3, type: "string" }, string],
    [{ $ref: "#" }, {}],
    [{ anyOf: [{ $ref: "#" }, string] }, {}],
    [{ anyOf: [{ $ref: "#" }, { $ref: "#" }] }, {}],
  ])("%j is %j", (schema, written) => {
    expect(understood(schema)).toEqual(written);
  });

  it("reads through alternatives within each other to a depth that no schema needs, and no deeper", () => {
    const within = (levels: number): JsonSchema => {
      let schema: JsonSchema = string;
      for (let level = 0; level < levels; level++) schema = { anyOf: [schema] };
      return schema;
    };
    expect(understood(within(64))).toEqual(string);
    expect(understood(within(65))).toEqual({});
  });

  it("knows at most 64 values of a text one by one", () => {
    const values = Array.from({ length: 64 }, (_, index) => `v${index}`);
    expect(understood({ enum: values })).toEqual({
      type: "string",
      enum: values,
    });
    expect(understood({ enum: [...values, "one more"] })).toEqual(string);
  });

  it("is cut off where it goes into itself deeper than 12 levels", () => {
    const schema = understood({ type: "array", items: { $ref: "#" } });
    let levels = 0;
    for (let part: JsonSchema = schema; part.type === "array"; part = part.items as JsonSchema) levels++;
    expect(levels).toBe(13);
    let maps = 0;
    const record = understood({ type: "object", additionalProperties: { $ref: "#" } });
    for (let part = record; part.type === "object"; part = part.additionalProperties as JsonSchema) maps++;
    expect(maps).toBe(13);
    let unions = 0;
    type Union = { readonly anyOf?: readonly [JsonSchema & { readonly items: Union }, ...unknown[]] };
    const union = understood({ anyOf: [{ type: "array", items: { $ref: "#" } }, string] }) as Union;
    for (let part: Union = union; part.anyOf?.[0].type === "array"; part = part.anyOf[0].items) unions++;
    expect(unions).toBe(6);
  });

  it("is written with at most 500 parts", () => {
    const properties = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, string]));
    const wide = (count: number) => understood({ type: "object", properties: properties(count) });
    expect(Object.keys(wide(499).properties as object)).toHaveLength(499);
    expect(wide(500)).toEqual({ type: "object" });
    const listed = (count: number) => {
      const lists = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`p${index}`, { type: "array", items: string }]),
      );
      return Object.values(understood({ properties: lists }).properties as object).at(-1) as JsonSchema;
    };
    expect(listed(249)).toEqual({ type: "array", items: string });
    expect(listed(250)).toEqual({ type: "array", items: {} });
    const halves = {
      type: "object",
      properties: {
        a: { properties: properties(300) },
        b: { properties: properties(300) },
      },
    };
    const written = understood(halves).properties as Record<string, JsonSchema>;
    expect(Object.keys(written.a?.properties as object)).toHaveLength(300);
    expect(written.b).toEqual({ type: "object" });
  });

  it("says of times what JSON has for them", () => {
    const typeOf = (source: string) => {
      const result = checked(source, {});
      return result.ok && result.template.type;
    };
    expect(typeOf("${timestamp(0)}")).toEqual({
      type: "string",
      format: "date-time",
    });
    expect(typeOf("${duration('1s')}")).toEqual(string);
    expect(typeOf("${[]}")).toEqual({ type: "array", items: {} });
    expect(typeOf("${null}")).toEqual(nothing);
  });
});

describe("a scope of names", () => {
  const scope = typeScope({
    inputs: {},
    steps: { a: string },
    variables: { item: integer },
  });

  it("has inputs that are an object also where nothing is said about them", () => {
    expect(schemaOfType(scope.inputs)).toEqual(open);
    const known = typeScope({
      inputs: { type: "object", properties: { a: string } },
      steps: {},
    });
    expect(schemaOfType(known.inputs)).toEqual({
      type: "object",
      properties: { a: string },
      required: [],
    });
    expect(known.inputs).toBe(known.inputs);
  });

  it("knows the names that it was given and no others", () => {
    expect(scope.stepIds()).toEqual(["a"]);
    expect(scope.variableNames()).toEqual(["item"]);
    expect(scope.stepOutput("a")).toEqual({ kind: "string" });
    expect(scope.stepOutput("item")).toBeUndefined();
    expect(scope.stepOutput("toString")).toBeUndefined();
    expect(scope.variable("item")).toEqual({ kind: "double", integral: true });
    expect(scope.variable("a")).toBeUndefined();
    expect(typeScope({ inputs: {}, steps: {} }).variableNames()).toEqual([]);
    expect(typeScope({ inputs: {}, steps: {} }).variable("item")).toBeUndefined();
  });

  it("converts a schema once", () => {
    const lists = typeScope({
      inputs: {},
      steps: { a: { type: "array", items: string } },
    });
    expect(lists.stepOutput("a")).toBe(lists.stepOutput("a"));
  });
});

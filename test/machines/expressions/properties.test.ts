import { evaluate as evaluateByLibrary } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import * as limits from "#machines/expressions/limits.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { splitTemplate } from "#machines/expressions/template-text.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { evaluated } from "./evaluated.ts";
import { anyExpression, typedExpression } from "./expression-texts.ts";

const properties: Record<string, JsonSchema> = {
  n: { type: "integer" },
  d: { type: "number" },
  s: { type: "string" },
  e: { enum: ["low", "high"] },
  b: { type: "boolean" },
  u: { anyOf: [{ type: "string" }, { type: "null" }] },
  xs: { type: "array", items: { type: "number" } },
  o: {
    type: "object",
    properties: { a: { type: "string" }, size: { type: "integer" } },
    required: ["a"],
    additionalProperties: false,
  },
  m: { type: "object", additionalProperties: { type: "integer" } },
  any: {},
};
const inputsSchema = { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const inputsOfSchema: fc.Arbitrary<JsonObject> = fc.record({
  n: fc.integer(),
  d: double,
  s: fc.string(),
  e: fc.constantFrom("low", "high"),
  b: fc.boolean(),
  u: fc.option(fc.string()),
  xs: fc.array(double, { maxLength: 4 }),
  o: fc.record({ a: fc.string(), size: fc.integer() }, { requiredKeys: ["a"] }),
  m: fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
  any: fc.jsonValue() as fc.Arbitrary<Json>,
});
const paths = [...Object.keys(properties).map((name) => `inputs.${name}`), "x", "steps.a.output"];
const reading = anyExpression(paths);
const typedReading = typedExpression({
  number: ["0", "1", "2", "0.5", "inputs.n", "inputs.d", "inputs.m.k", "inputs.o.size", "inputs.any"],
  text: ["'a'", "''", "inputs.s", "inputs.e", "inputs.u", "inputs.o.a"],
  list: ["[]", "[1, 2.5]", "inputs.xs", "steps.a.output.map(x, x.size)"],
});
/** Ints only: the library has no operators for mixed numbers. */
const closed = typedExpression({
  number: ["0", "1", "2", "7"],
  text: ["'a'", "'ba'", "''"],
  list: ["[1]", "[3, 1, 2]"],
});

describe("any text", () => {
  it("is itself where it has no expression", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes("${"));
        expect(evaluated(value as Json)).toBe(value);
      }),
    );
  });

  it("is itself again after it was escaped", () => {
    const text = fc
      .array(fc.constantFrom("$", "{", "}", "${", "$${", "a", "'"), { maxLength: 12 })
      .map((all) => all.join(""));
    fc.assert(fc.property(text, (source) => evaluated(source.replaceAll("${", () => "$${")) === source));
  });
});

describe("any expression", () => {
  it("ends at the brace that the grammar says", () => {
    fc.assert(
      fc.property(reading, fc.constantFrom("", "}", " '", "{"), (text, rest) => {
        const split = splitTemplate(`\${${text}}${rest}`);
        expect(split.ok && split.parts[0]).toEqual({ kind: "expression", text, offset: 2 });
      }),
    );
  });

  it("never throws and gives JSON or an error, whatever the values", () => {
    // As data is once it was stored: a zero has no sign.
    const stored = fc.jsonValue().map((value) => jsonCopy(value as Json));
    const values = fc.record({
      inputs: fc.dictionary(fc.constantFrom(...Object.keys(properties)), stored),
      a: stored,
    });
    fc.assert(
      fc.property(reading, values, (text, { inputs, a }) => {
        const result = compileTemplate([`\${${text}}`, `text \${${text}}`]);
        if (!result.ok) return;
        const outcome = result.template.evaluate({ inputs: inputs as JsonObject, steps: () => a as Json });
        if (outcome.ok) expect(outcome.value).toEqual(jsonCopy(outcome.value));
        else expect(outcome.error.code).not.toBe("internal");
      }),
      { numRuns: 500 },
    );
  });

  /** Each costs more than an expression may; of those that are drawn about one in a hundred does. */
  const COSTLY = [
    "inputs.xs.map(a, inputs.xs.map(b, a * b))",
    "inputs.xs.filter(a, inputs.xs.exists(b, a + b < 0))",
    "inputs.xs.all(a, inputs.s.contains(inputs.s))",
    "inputs.xs.map(a, inputs.s + inputs.s)",
    "inputs.xs.exists(a, inputs.xs.all(b, a == b || a != b) && false)",
  ];

  it("stays within its bounds of time and size, over values that are as large as any", () => {
    const large = {
      n: 3,
      s: "ab".repeat(100_000),
      xs: Array.from({ length: 20_000 }, (_, index) => index),
      any: [[[1]]],
    };
    let stopped = 0;
    fc.assert(
      fc.property(fc.oneof(reading, typedReading), (text) => {
        const result = compileTemplate(`\${${text}}`);
        if (!result.ok) return;
        const before = process.cpuUsage();
        const outcome = result.template.evaluate({ inputs: large, steps: () => large.xs, variables: { x: large.s } });
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1_000).toBeLessThan(MAX_CPU_MS);
        if (outcome.ok) checkSize(outcome.value, 0);
        else if (outcome.error.code === "limit-exceeded") stopped++;
      }),
      { numRuns: 1_000, examples: COSTLY.map((text): [string] => [text]) },
    );
    expect(stopped).toBeGreaterThan(COSTLY.length);
  });

  it("gives a value of the type that its check says", () => {
    const scope = typeScope({ inputs: inputsSchema, steps: { a: { type: "array", items: properties.o } } });
    const outputs = fc.array(fc.record({ a: fc.string(), size: fc.integer() }, { requiredKeys: ["a"] }), {
      maxLength: 3,
    });
    let compared = 0;
    fc.assert(
      fc.property(fc.oneof(reading, typedReading), inputsOfSchema, outputs, (text, inputs, a) => {
        const result = compileTemplate(`\${${text}}`, { scope });
        if (!result.ok) return;
        const outcome = result.template.evaluate({ inputs, steps: () => a });
        if (!outcome.ok) return;
        compared++;
        expect(misfits(result.template.type, outcome.value)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  it("gives what the library's evaluator gives, where both give something", () => {
    let compared = 0;
    fc.assert(
      fc.property(closed, (text) => {
        const result = compileTemplate(`\${${text}}`);
        const outcome = result.ok && result.template.evaluate({ inputs: {}, steps: () => undefined });
        const theirs = fromLibrary(text);
        if (!outcome || !outcome.ok || theirs === undefined) return;
        compared++;
        expect(outcome.value).toEqual(theirs);
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});

/** Of this process's own time. The units of work that an expression may spend were measured as a tenth of it. */
const MAX_CPU_MS = 1_000;

function checkSize(value: Json, depth: number): void {
  expect(depth).toBeLessThanOrEqual(limits.MAX_VALUE_DEPTH);
  if (typeof value === "string") expect(value.length).toBeLessThanOrEqual(limits.MAX_TEXT_CHARS);
  if (!Array.isArray(value)) return;
  expect(value.length).toBeLessThanOrEqual(limits.MAX_LIST_ELEMENTS);
  for (const item of new Set(value as readonly Json[])) if (typeof item === "object") checkSize(item, depth + 1);
}

/** What is wrong but the size of a number: zod's integers end at 2^53, a double without fraction need not. */
function misfits(schema: JsonSchema, value: Json) {
  const issues = z.fromJSONSchema(schema).safeParse(value).error?.issues ?? [];
  return issues.filter(({ code }) => code !== "too_big" && code !== "too_small");
}

function jsonCopy(value: Json): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Undefined where it refuses, or gives what JSON has not. */
function fromLibrary(text: string): unknown {
  try {
    const value: unknown = evaluateByLibrary(text);
    const json = JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? Number(part) : part));
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

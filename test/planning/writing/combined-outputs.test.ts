import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import type { Call } from "#src/planning/binding/source.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { tableSentences } from "#src/planning/responding/table-sentences.ts";
import { combinationsOf } from "#src/planning/writing/combined-outputs.ts";
import { combinedOutputs, returnsOf } from "#src/planning/writing/returned-outputs.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

const said = (value: Json) => ({ kind: "said", value, said: { from: 0, to: 1, words: "x" } }) as const;

interface Shown {
  readonly list: Json;
  readonly text: Json;
  readonly returns: JsonObject | undefined;
}

/** Two calls of a tool, checked as a plan, and what becomes of the outputs that it gives. */
function combined(
  output: z.ZodType,
  given: readonly [Json, Json],
  { by = ["Oslo", "Rome"], label = "the city" }: { readonly by?: readonly Json[]; readonly label?: string } = {},
): Shown {
  const run = (): never => {
    throw new Error("only its schemas matter here");
  };
  const traits = { version: "1.0.0", description: "", sideEffects: "read", run } as const;
  const tool = defineTool({ ...traits, name: "it.find", input: z.object({ city: z.unknown() }), output });
  const tools = registry([tool]);
  const calls: readonly Call[] = by.map((city) => ({ tool: tool.name, arguments: { city: said(city) } }));
  const ids = ["a", "b"];
  const entries = tools.list().map(catalogEntry);
  const combinations = combinationsOf({ calls, ids, entries, taken: ["a_all"] });
  const [combination] = combinations;
  if (combination === undefined) throw new Error("nothing is combined");
  expect(combination.id).toBe("a_all_2");
  const outputs = combinedOutputs({ a: "${steps.a.output}", b: "${steps.b.output}" }, combinations, ids);
  const returns = returnsOf(outputs, { calls, ids, entries, combined: combinations });
  const respond = tableSentences(combination, label);
  const steps = {
    ...Object.fromEntries(ids.map((id): [string, Json] => [id, { tool: tool.name, with: { city: "x" } }])),
    [combination.id]: { value: combination.gathered },
  };
  const source = { plan: "p", steps, outputs, respond, ...(returns === undefined ? {} : { returns }) };
  const parsed = parsePlan(source, { file: "p", format: "json" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
  const value = (template: Json, output_: Json | undefined): Json => {
    const compiled = compileTemplate(template);
    if (!compiled.ok) throw new Error("not a template");
    const steps_ = (id: string): Json | undefined => (id === "a" ? given[0] : id === "b" ? given[1] : output_);
    const result = compiled.template.evaluate({ inputs: {}, steps: steps_ });
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };
  const gathered = value(combination.gathered, undefined);
  return { list: value(outputs["a_all_2"] ?? null, gathered), text: value(respond, gathered), returns };
}

describe("outputs that are combined", () => {
  it("are added up where the sentence is about what each has counted", () => {
    expect(combined(z.object({ words: z.int() }), [{ words: 3 }, { words: 2 }], { label: "words" }).text).toMatch(
      /^Words: 5 in all\./,
    );
    expect(
      combined(z.object({ words: z.string() }), [{ words: "a" }, { words: "b" }], { label: "words" }).text,
    ).toMatch(/^Words: 2 in all\./);
  });

  it("are records with what each is of", () => {
    const { list, text, returns } = combined(z.object({ sky: z.string(), celsius: z.number() }), [
      { sky: "sun", celsius: 20 },
      { sky: "rain", celsius: 3.5 },
    ]);
    expect(list).toEqual([
      { city: "Oslo", sky: "sun", celsius: 20 },
      { city: "Rome", sky: "rain", celsius: 3.5 },
    ]);
    expect(text).toBe(
      [
        "The city: 2 in all.",
        "| city | sky  | celsius |",
        "| ---- | ---- | ------- |",
        "| Oslo | sun  | 20      |",
        "| Rome | rain | 3.5     |",
      ].join("\n"),
    );
    expect(returns).toEqual({ a_all_2: { type: "array", items: { type: "object", required: ["city"] } } });
  });

  it("are the items of their lists, whether the output is one or has one", () => {
    const items = [{ title: "x" }];
    const expected = [
      { city: "Oslo", title: "x" },
      { city: "Rome", title: "x" },
    ];
    const item = z.object({ title: z.string() });
    expect(combined(z.array(item), [items, items]).list).toEqual(expected);
    expect(
      combined(z.object({ found: z.array(item), total: z.int() }), [
        { found: items, total: 1 },
        { found: items, total: 1 },
      ]).list,
    ).toEqual(expected);
    expect(combined(z.array(z.string()), [["x"], []]).list).toEqual([{ city: "Oslo", value: "x" }]);
  });

  it("are values where they are neither", () => {
    expect(combined(z.number(), [1, 2]).list).toEqual([
      { city: "Oslo", value: 1 },
      { city: "Rome", value: 2 },
    ]);
    expect(combined(z.unknown(), [[1], { a: 1 }]).list).toEqual([
      { city: "Oslo", value: [1] },
      { city: "Rome", value: { a: 1 } },
    ]);
  });

  it("have a value whatever an output leaves out or has as null", () => {
    const item = z.object({ name: z.string().nullable().optional() }).nullable();
    expect(combined(z.array(item).nullable(), [null, [null, {}, { name: null }]]).list).toHaveLength(3);
    expect(combined(z.object({ rows: z.array(item).nullable().optional() }).nullable(), [null, {}]).list).toEqual([]);
    expect(combined(z.object({ a: z.number().optional() }).nullable(), [null, {}]).list).toHaveLength(2);
    expect(combined(z.string().nullable(), [null, "x"]).text).toContain("| Rome | x     |");
  });

  it("take values of the request as data, and bound what is shown", () => {
    const hostile = '${inputs.secret} "| \\';
    const { list, text } = combined(z.array(z.string()), [Array(30).fill("y".repeat(500)), ["z"]], {
      by: [hostile, "b"],
    });
    expect(list).toContainEqual({ city: "b", value: "z" });
    expect((list as readonly JsonObject[])[0]).toMatchObject({ city: hostile });
    expect((text as string).split("\n")).toHaveLength(1 + 2 + 20);
    expect(text).toContain("31 in all, the first 20.");
    expect(text).not.toContain("y".repeat(201));
  });

  it("are told apart by number where nothing else tells them apart", () => {
    expect(combined(z.number(), [1, 2], { by: [["x"], ["y"]] }).list).toEqual([
      { number: 1, value: 1 },
      { number: 2, value: 2 },
    ]);
  });
});

describe("what a plan returns that was made for a request", () => {
  const returnedBy = (outputSchema: JsonObject) => {
    const entry = catalogEntry({
      ...{ name: "it.find", version: "1.0.0", description: "", sideEffects: "read" },
      inputSchema: {},
      outputSchema,
    });
    const calls = [{ tool: entry.name, arguments: {} }];
    return returnsOf({ a: "${steps.a.output}" }, { calls, ids: ["a"], entries: [entry], combined: [] });
  };

  it("is what the tool says of its output, in words that a plan has", () => {
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    expect(returnedBy({ $schema, type: "array", items: { type: "string" } })).toEqual({
      a: { type: "array", items: { type: "string" } },
    });
  });

  it.each([
    ["nothing is said", {}],
    ["there are other words", { type: "object", patternProperties: {} }],
    ["there are others inside", { type: "array", items: { $ref: "#/$defs/x" } }],
    ["it is too long", { type: "string", description: "x".repeat(9_000) }],
  ])("is not said where %s", (_, schema) => {
    expect(returnedBy(schema)).toBeUndefined();
  });
});

import fc from "fast-check";
import type { Json, JsonObject } from "#events/json.ts";
import type { Call, Source } from "#src/planning/binding/source.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { feedsBetween } from "#src/planning/graph/data-flow.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import { ENTRIES, wrongs } from "./substitutable.ts";

// Random plans as the planner writes them: calls of tools, with values of the right type, and outputs of calls before where they fit.

const TEXTS = ["Oslo", "tea", "${steps.x.output}", "https://example.org/a", "", "a@b.c"];

const values: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  string: fc.constantFrom(...TEXTS),
  number: fc.integer({ min: 0, max: 50 }),
  integer: fc.integer({ min: 1, max: 90 }),
  boolean: fc.boolean(),
};

const said = (value: Json): Source => ({ kind: "said", value, said: { from: 0, to: 1, words: "x" } });

function callOf(entry: CatalogEntry, before: readonly Call[]): fc.Arbitrary<Call> {
  const own = entry.parameters.filter(({ path, type }) => path.length === 1 && type !== "object");
  const slots = own.map((parameter): readonly [string, fc.Arbitrary<Source | undefined>] => {
    const { type, options, isRequired } = parameter;
    const value = (options === undefined ? (values[type] ?? fc.constant([])) : fc.constantFrom(...options)).map(said);
    const outputs = before.flatMap(({ tool }, call): readonly Source[] => {
      const from = ENTRIES.find(({ name }) => name === tool);
      const feeds = from === undefined ? [] : feedsBetween(from, entry);
      return feeds
        .filter((feed) => feed.parameter === parameter)
        .map(({ output }) => ({ kind: "output", call, path: output.path }));
    });
    const fed = outputs.length === 0 ? value : fc.oneof(value, fc.constantFrom(...outputs));
    return [parameter.path[0] ?? "", isRequired ? fed : fc.option(fed, { nil: undefined })];
  });
  return fc.record(Object.fromEntries(slots)).map((drawn) => {
    const given = Object.entries(drawn).flatMap(([name, source]) =>
      source === undefined ? [] : [[name, source] as const],
    );
    return { tool: entry.name, arguments: Object.fromEntries(given) };
  });
}

function callsFrom(tools: readonly CatalogEntry[], before: readonly Call[] = []): fc.Arbitrary<readonly Call[]> {
  const [next, ...rest] = tools;
  if (next === undefined) return fc.constant(before);
  return callOf(next, before).chain((call) => callsFrom(rest, [...before, call]));
}

/** Those that can run. */
export const randomPlans: fc.Arbitrary<JsonObject> = fc
  .array(fc.constantFrom(...ENTRIES), { minLength: 1, maxLength: 5 })
  .chain((tools) => callsFrom(tools))
  .map((calls) => planSource({ name: "random" }, calls, ENTRIES))
  .filter((source) => wrongs(source).length === 0);

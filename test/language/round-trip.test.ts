// A plan is the same plan however it is written down: as YAML in any style, as JSON, as the value, and as the definition that
// the store keeps. Random plans are those of the language with parts changed, as far as they are accepted.
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stringify, type DocumentOptions, type SchemaOptions, type ToStringOptions } from "yaml";
import { contentHash } from "#events/canonical.ts";
import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import { isJsonObject, json, type Json } from "#events/json.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import { writtenPlan } from "#src/language/written-plan.ts";
import { parsePlan, type Parsed, type PlanSource } from "#src/language/parse.ts";
import { SeededRandom } from "#src/testing/seeded-random.ts";
import { AS_YAML } from "../builders/every-word.ts";
import { mutated } from "../fuzz/mutation/structure.ts";
import { planTools } from "../fuzz/targets/plan-tools.ts";

const example = (name: string): string =>
  readFileSync(new URL(`../../examples/${name}.plan.yaml`, import.meta.url), "utf8");
const IMPRINT = example("magazine/imprint");
const PLANNED = `
plan: planned
steps:
  plan: { tool: shop.find, with: { key: a }, revises: true, fallback: [{ value: { found: [] }, on: [timeout, quota] }] }
replan: { tool: shop.replan, with: { request: x }, retry: 2, max: 4 }
`;
const TEXTS = [PLANNED, AS_YAML, example("examine"), example("tour/release"), example("magazine/issue"), IMPRINT];
const WORDS = ["needs", "when", "value", "description", "priority", "timeout", "retry", "estimate", "outputs"];

const tools = toolRegistry(planTools(TEXTS));
const plans = planLibrary([sourceOf(parsePlan(IMPRINT, { file: "imprint.yaml" }))]);
const values = TEXTS.map((text) => sourceOf(parsePlan(text, { file: "plan.yaml" })).root.value).filter(isJsonObject);

function sourceOf(parsed: Parsed): PlanSource {
  if (parsed.ok) return parsed.source;
  throw new Error(parsed.findings.map(({ message }) => message).join("; "));
}

function definitionOf(parsed: Parsed): PlanDefinition | undefined {
  const checked = parsed.ok ? checkPlan(parsed.source, { tools, plans }) : parsed;
  return checked.ok ? checked.definition : undefined;
}

const hashOf = (definition: PlanDefinition | undefined): string | undefined =>
  definition === undefined ? undefined : contentHash(json.parse(definition));

/** What a step needs is a set. */
function sorted(plan: PlanDefinition): unknown {
  return JSON.parse(
    JSON.stringify(plan, (word, value: unknown) =>
      word === "needs" && Array.isArray(value) ? value.toSorted() : value,
    ),
  );
}

type Style = DocumentOptions & SchemaOptions & ToStringOptions;
const anyStyle: fc.Arbitrary<Style> = fc.record({
  indent: fc.integer({ min: 1, max: 8 }),
  lineWidth: fc.constantFrom(0, 40, 80),
  defaultStringType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"),
  defaultKeyType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE"),
  collectionStyle: fc.constantFrom("any", "block", "flow"),
  aliasDuplicateObjects: fc.boolean(),
});

/** The library that writes them adds a line end where it folds a literal block, so those are not folded. */
const style = anyStyle.map((drawn): Style => {
  return drawn.defaultStringType === "BLOCK_LITERAL" ? { ...drawn, lineWidth: 0 } : drawn;
});

/** Ends of lines, and a mark of the byte order before the first. */
const ends = fc.record({ end: fc.constantFrom("\n", "\r\n"), mark: fc.constantFrom("", "\uFEFF") });

/** Plans of the language, most of them changed in a few places. */
const random = fc.tuple(fc.constantFrom(...values), fc.integer(), fc.nat(3)).map(([value, seed, changes]): Json => {
  const chance = new SeededRandom(seed);
  let plan: Json = value;
  for (let change = 0; change < changes; change++) plan = mutated(plan, chance, WORDS);
  return plan;
});

describe("a plan that is accepted", () => {
  it("has one definition and one hash in YAML of any style, in JSON, and as the value", () => {
    let compared = 0;
    fc.assert(
      fc.property(random, style, ends, (plan, yaml, { end, mark }) => {
        fc.pre(isJsonObject(plan));
        const asJson = definitionOf(parsePlan(JSON.stringify(plan), { file: "plan.json" }));
        fc.pre(asJson !== undefined);
        compared++;
        const written = mark + stringify(plan, yaml).replaceAll("\n", end);
        expect(hashOf(definitionOf(parsePlan(written, { file: "plan.yaml" })))).toBe(hashOf(asJson));
        expect(definitionOf(parsePlan(plan, { file: "plan" }))).toEqual(asJson);
      }),
      { numRuns: 100 },
    );
    expect(compared).toBeGreaterThan(30);
  });

  it("is the same definition after it was written back from it", () => {
    let compared = 0;
    fc.assert(
      fc.property(random, (plan) => {
        const definition = isJsonObject(plan) ? definitionOf(parsePlan(plan, { file: "plan" })) : undefined;
        fc.pre(definition !== undefined);
        compared++;
        const again = definitionOf(parsePlan(writtenPlan(definition), { file: "plan" }));
        expect(again && sorted(again)).toEqual(sorted(definition));
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(60);
  });

  it("is the same definition after the store has kept it", () => {
    fc.assert(
      fc.property(random, (plan) => {
        const definition = isJsonObject(plan) ? definitionOf(parsePlan(plan, { file: "plan" })) : undefined;
        fc.pre(definition !== undefined);
        const kept = planDefinition.parse(JSON.parse(JSON.stringify(definition)));
        expect(kept).toEqual(definition);
        expect(hashOf(kept)).toBe(hashOf(definition));
      }),
      { numRuns: 60 },
    );
  });
});

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "#events/json.ts";
import { planJsonSchema } from "#src/language/plan-schema.ts";
import { WORDS } from "#src/language/plan-words.ts";
import * as vocabulary from "#src/language/vocabulary.ts";
import { codeBlocks } from "../readme/markdown.ts";
import { listFiles, readText } from "../tidy/tree.ts";
import { definitionOf, findingsOf, planOf } from "./tools.ts";

const schema = planJsonSchema();
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const isPlan = ajv.compile(schema);
const definitions = schema.$defs as Record<string, JsonObject>;

/** The mapping of a definition, which may be one of several forms. */
function mappingOf(name: string): JsonObject {
  const shape = name === "plan" ? schema : definitions[name]!;
  const forms = isJsonList(shape.anyOf ?? null) ? (shape.anyOf as readonly JsonObject[]) : [];
  return "properties" in shape ? shape : forms.find((form) => "properties" in form)!;
}

const propertiesOf = (name: string) => mappingOf(name).properties as Record<string, JsonObject>;

describe("the JSON Schema of plans", () => {
  it("has the words of the language, each with its meaning, in closed mappings", () => {
    const { PLAN, INPUT, SCHEMA, STEPS, BLOCK, WAIT, APPROVE, JOIN, FALLBACK, RETRY, RETRY_ON } = vocabulary;
    const { ANSWERS, UNKNOWN, VERIFY, UNDO, REPLAN } = vocabulary;
    const kinds = Object.entries(STEPS).map(([kind, words]): [string, vocabulary.Vocabulary] => [`${kind}Step`, words]);
    const mappings = {
      ...{ plan: PLAN, input: INPUT, schema: SCHEMA, block: BLOCK, waiting: WAIT, question: APPROVE, join: JOIN },
      ...{ fallback: FALLBACK, retry: RETRY, retryOn: RETRY_ON, unknown: UNKNOWN, verify: VERIFY, undo: UNDO },
      ...{ replan: REPLAN, answers: ANSWERS },
      ...Object.fromEntries(kinds),
    };
    expect(Object.keys(mappings).toSorted()).toEqual(Object.keys(WORDS).toSorted());
    for (const [name, { words }] of Object.entries(mappings)) {
      expect(Object.keys(propertiesOf(name)).toSorted(), name).toEqual(words.toSorted());
      expect(Object.keys(WORDS[name]!).toSorted(), name).toEqual(words.toSorted());
      expect(mappingOf(name).additionalProperties, name).toBe(false);
      for (const [word, shape] of Object.entries(propertiesOf(name)))
        expect(shape.description, `${name}.${word}`).toBeTruthy();
    }
  });

  it("accepts the example of every word", () => {
    for (const [name, words] of Object.entries(WORDS)) {
      for (const [word, { example }] of Object.entries(words)) {
        const accepts = ajv.compile({ $defs: definitions as never, ...propertiesOf(name)[word]! });
        expect(accepts(example), `${name}.${word}: ${ajv.errorsText(accepts.errors)}`).toBe(true);
      }
    }
  });
});

const json = (text: string): Json => JSON.parse(text) as Json;

/** Where a word of a mapping stands in a small plan. */
const PLACES: Readonly<Record<string, (words: JsonObject) => Json>> = {
  plan: (words) => ({ plan: "p", steps: { a: { value: 1 } }, ...words }),
  toolStep: (words) => oneStep({ tool: "json.read", with: { path: "x" }, ...words }),
  eachStep: (words) => oneStep({ each: [1], do: { value: 1 }, ...words }),
  retry: (words) => oneStep({ tool: "json.read", with: { path: "x" }, retry: { attempts: 2, ...words } }),
  unknown: (words) =>
    oneStep({
      tool: "json.read",
      with: { path: "x" },
      unknown: { verify: { tool: "json.read", with: { path: "y" } }, done: true, ...words },
    }),
};
const oneStep = (step: JsonObject): Json => ({ plan: "p", steps: { a: step } });

describe("a default that the schema names", () => {
  const presets = Object.entries(PLACES).flatMap(([name, place]) =>
    Object.entries(WORDS[name]!).flatMap(([word, { preset }]) =>
      preset === undefined ? [] : [{ name, word, preset, place }],
    ),
  );

  it("is there", () => expect(presets.length).toBeGreaterThan(10));

  it.each(presets)("is the one that counts: $name.$word", ({ word, preset, place }) => {
    const without = definitionOf(JSON.stringify(place({})));
    expect(definitionOf(JSON.stringify(place({ [word]: preset })))).toEqual(without);
  });
});

const PLAN_FILES = listFiles().filter((file) => file.endsWith(".plan.yaml"));

describe("a plan that ships", () => {
  const shown = listFiles()
    .filter((file) => file.endsWith(".md"))
    .flatMap((page) =>
      codeBlocks(readText(page))
        .filter(({ language, text }) => language === "yaml" && /^plan:/m.test(text) && /^steps:/m.test(text))
        .map(({ text, line }) => ({ name: `${page}, line ${line}`, text })),
    );
  const plans = [...PLAN_FILES.map((name) => ({ name, text: readText(name) })), ...shown];

  it("is found", () => expect(plans.length).toBeGreaterThan(6));

  it.each(plans)("is accepted: $name", ({ text }) => {
    expect(isPlan(parse(text)), ajv.errorsText(isPlan.errors)).toBe(true);
  });

  it.each(PLAN_FILES)("names the schema to editors, where it is: %s", (file) => {
    const [, link = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readText(file)) ?? [];
    expect(link).not.toMatch(/^[/]|:/);
    const named = json(readFileSync(new URL(link, new URL(`../../${file}`, import.meta.url)), "utf8"));
    expect(named).toEqual(json(JSON.stringify(schema)));
  });
});

/** What is wrong with the shape alone. */
const STRUCTURAL = new Set(
  (
    "unknown-word missing-word bad-word out-of-range no-steps no-kind two-kinds bad-step-id bad-duration bad-wait bad-fallback " +
    "bad-join bad-name bad-tolerate repeat-without-max bad-type bad-input-name not-available-yet"
  ).split(" "),
);

describe("a plan whose shape is wrong", () => {
  it.each([
    ["a misspelled word", "plan: p\nverson: 1.0.0\nsteps:\n  a: { value: 1 }\n"],
    ["no name", "steps:\n  a: { value: 1 }\n"],
    ["no steps", "plan: p\nsteps: {}\n"],
    ["steps as a list", "plan: p\nsteps: [1]\n"],
    ["an unknown onFailure", "plan: p\nonFailure: stopp\nsteps:\n  a: { value: 1 }\n"],
    ["a bad input name", "plan: p\ninputs: { a-b: { type: string } }\nsteps:\n  a: { value: 1 }\n"],
    ["a bad type", "plan: p\ninputs: { a: { type: strin } }\nsteps:\n  a: { value: 1 }\n"],
    ["a misspelled keyword inside", "plan: p\ninputs: { a: { items: { typ: string } } }\nsteps:\n  a: { value: 1 }\n"],
    ["no kind", planOf("  a: { with: {} }")],
    ["two kinds", planOf("  a: { value: 1, wait: 1s }")],
    ["a word of another kind", planOf("  a: { value: 1, retry: 2 }")],
    ["an id with a hyphen", planOf("  a-b: { value: 1 }")],
    ["a duration without unit", planOf("  a: { value: 1, deadline: 10 }")],
    ["a bound of nothing", planOf("  a: { value: 1, deadline: 0.0s }")],
    ["a join of nothing", planOf("  a: { value: 1, join: { first: 0 } }")],
    ["a wait of two kinds", planOf("  a: { wait: { for: 1s, until: x } }")],
    ["a wait of none", planOf("  a: { wait: {} }")],
    ["a fallback of two kinds", planOf("  a: { value: 1, fallback: [{ value: 1, tool: x }] }")],
    ["a fallback that is none", planOf("  a: { value: 1, fallback: [{ with: {} }] }")],
    ["a fallback of later", planOf("  a: { value: 1, fallback: [{ call: x }] }")],
    ["a retry of nothing", planOf("  a: { tool: x, retry: 0 }")],
    ["a category that is none", planOf("  a: { tool: x, retry: { on: { down: { attempts: 2 } } } }")],
    ["a policy that is none", planOf("  a: { tool: x, unknown: rety }")],
    ["a verify without done", planOf("  a: { tool: x, unknown: { verify: { tool: y } } }")],
    ["an undo without a tool", planOf("  a: { tool: x, undo: { with: {} } }")],
    ["a repeat without end", planOf("  a: { repeat: { value: 1 }, until: false }")],
    ["a share over all", planOf("  a: { each: [1], do: { value: 1 }, tolerate: 120% }")],
    ["a name that is taken", planOf("  a: { each: [1], as: index, do: { value: 1 } }")],
    ["nothing to do", planOf("  a: { each: [1] }")],
    ["a wrong step inside", planOf("  a: { each: [1], do: { steps: { b: { vale: 1 } } } }")],
    ["an approve that is a text", planOf("  a: { approve: editor }")],
    ["nothing of a resource", planOf("  a: { tool: x, uses: { db: 0 } }")],
    ["a priority beyond", planOf("  a: { value: 1, priority: 2000 }")],
  ])("is refused by schema and language alike: %s", (_, text) => {
    expect(findingsOf(text).some(({ severity }) => severity === "error")).toBe(true);
    expect(isPlan(parse(text))).toBe(false);
  });

  it("or is not, is so for schema and language alike, however a plan is bent", () => {
    const source = parse(readText("examples/magazine/issue.plan.yaml")) as Json;
    fc.assert(
      fc.property(bent(source), (plan) => {
        const codes = findingsOf(JSON.stringify(plan), "bent.json").map(({ code }) => code);
        const isShapeWrong = codes.some((code) => STRUCTURAL.has(code));
        if (isShapeWrong) expect(isPlan(plan), codes.join(" ")).toBe(false);
        else if (!codes.includes("wrong-type")) expect(isPlan(plan), ajv.errorsText(isPlan.errors)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});

/** The plan with one place changed: a word left out, renamed or added, or another value. */
function bent(plan: Json): fc.Arbitrary<Json> {
  const places = placesOf(plan);
  const others: readonly Json[] = [null, true, 0, 1, 2.5, -1, "", "x", "10s", "5%", "a-b", [], {}, ["x"], { x: 1 }];
  const value = fc.constantFrom<Json>(...others, ...places.map((place) => place.value));
  const name = fc.constantFrom(...new Set(places.map(({ path }) => String(path.at(-1)))), "wrd", "a-b");
  const change = fc.oneof(
    value.map((other): Change => (at) => [[at, other]]),
    fc.constant<Change>(() => []),
    name.map((word): Change => (_, part) => [[word, part]]),
    fc
      .tuple(name, value)
      .map(([word, other]): Change => (at, part) => [[at, isJsonObject(part) ? { ...part, [word]: other } : part]]),
  );
  return fc.tuple(fc.constantFrom(...places), change).map(([{ path }, changed]) => changedAt(plan, path, changed));
}

/** What stands in the place of a part of that name. */
type Change = (name: string, part: Json) => readonly (readonly [string, Json])[];
type At = readonly (string | number)[];

function placesOf(value: Json, path: At = []): { readonly path: At; readonly value: Json }[] {
  const own = path.length === 0 ? [] : [{ path, value }];
  return [...own, ...partsOf(value).flatMap(([name, part]) => placesOf(part, [...path, name]))];
}

function partsOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (isJsonList(value)) return [...value.entries()];
  return isJsonObject(value) ? Object.entries(value) : [];
}

function changedAt(value: Json, [step, ...rest]: At, change: Change): Json {
  const parts = partsOf(value).flatMap(([name, part]): readonly (readonly [string, Json])[] => {
    if (name !== step) return [[String(name), part]];
    return rest.length > 0 ? [[String(name), changedAt(part, rest, change)]] : change(String(name), part);
  });
  return isJsonList(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

// A plan that becomes a template, or is written again from what the store keeps, stays the same plan: with every word of the language.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { PlanDefinition } from "#events/definition.ts";
import { isJsonObject, json, type JsonObject } from "#events/json.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan, type Parsed, type PlanSource } from "#src/language/parse.ts";
import { templateOf } from "#src/templates/generalised.ts";
import { triedTemplate } from "#src/templates/trial.ts";
import { writtenPlan } from "#src/templates/written-plan.ts";
import { yamlText } from "#src/templates/yaml-text.ts";
import { AS_YAML, billing } from "../builders/every-word.ts";
import { planTools } from "../fuzz/targets/plan-tools.ts";
import { templateOf as templateIn } from "./template-file.ts";

const example = (name: string): string =>
  readFileSync(new URL(`../../examples/${name}.plan.yaml`, import.meta.url), "utf8");
const IMPRINT = example("magazine/imprint");
const TEXTS = {
  "every word": AS_YAML,
  examine: example("examine"),
  release: example("tour/release"),
  issue: example("magazine/issue"),
};

const tools = toolRegistry(planTools([...Object.values(TEXTS), IMPRINT]));
const plans = planLibrary([
  sourceOf(parsePlan(IMPRINT, { file: "imprint.yaml" })),
  sourceOf(parsePlan(billing, { file: "billing.yaml" })),
]);

function sourceOf(parsed: Parsed): PlanSource {
  if (parsed.ok) return parsed.source;
  throw new Error(parsed.findings.map(({ message }) => message).join("; "));
}

function definitionOf(written: string): PlanDefinition {
  const checked = checkPlan(sourceOf(parsePlan(written, { file: "plan.yaml" })), { tools, plans });
  if (checked.ok) return checked.definition;
  throw new Error(JSON.stringify(checked.findings));
}

function valueOf(text: string): JsonObject {
  const { value } = sourceOf(parsePlan(text, { file: "plan.yaml" })).root;
  return isJsonObject(value) ? value : {};
}

const hashOf = (definition: PlanDefinition): string => contentHash(json.parse(definition));

describe.each(Object.entries(TEXTS))("the plan of %s", (_name, text) => {
  it("is the same when its definition is written in the language again", () => {
    const definition = definitionOf(text);
    const written = yamlText(writtenPlan(definition));
    expect(definitionOf(written)).toEqual(definition);
    expect(hashOf(definitionOf(written))).toBe(hashOf(definition));
  });

  it("comes out of the template that is made of it, without any values", () => {
    const file = yamlText(templateOf("made", valueOf(text)));
    const results = triedTemplate(templateIn(file), { tools, plans });
    expect(results).toMatchObject([{ ok: true, problems: [] }]);
  });
});

describe("a plan made general", () => {
  it("has one parameter for one word, and takes nothing that is an expression", () => {
    const plan = {
      plan: "p",
      steps: {
        a: {
          tool: "t",
          with: { path: "x", n: 1, on: true, list: [1], "odd-name": "y", said: "${inputs.q}", text: "$${" },
        },
        b: { tool: "t", with: { path: "x", n: 2 } },
        c: { each: [1], do: { tool: "t", with: { path: "z" } } },
        d: { repeat: { steps: { e: { tool: "t", with: { n: 1 } } } }, until: true, max: 1 },
      },
    };
    expect(templateOf("g", plan)).toMatchObject({
      parameters: {
        path: { type: "string", default: "x" },
        n: { type: "number", default: 1 },
        on: { type: "boolean", default: true },
        odd_name: { type: "string", default: "y" },
        b_n: { default: 2 },
        c_path: { default: "z" },
      },
      plan: {
        steps: {
          a: {
            with: {
              ...{ path: "${parameters.path}", n: "${parameters.n}", list: [1], said: "${inputs.q}", text: "$${" },
              "odd-name": "${parameters.odd_name}",
            },
          },
          b: { with: { path: "${parameters.path}", n: "${parameters.b_n}" } },
          c: { do: { with: { path: "${parameters.c_path}" } } },
          d: { repeat: { steps: { e: { with: { n: "${parameters.n}" } } } } },
        },
      },
    });
  });

  it("has no more parameters than a person reads", () => {
    const given = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`a${at}`, at]));
    const { parameters } = templateOf("g", { plan: "p", steps: { a: { tool: "t", with: given } } });
    expect(Object.keys(isJsonObject(parameters) ? parameters : {})).toHaveLength(40);
  });
});

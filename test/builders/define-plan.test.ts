import { describe, expect, it } from "vitest";
import type { JsonObject } from "#events/json.ts";
import { cel } from "#src/builders/expression.ts";
import { calledPlans, definePlan } from "#src/builders/plan.ts";
import { planLibrary } from "#src/language/called-plans.ts";
import { checkPlan, type Checked } from "#src/language/check.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { APPROVE, BLOCK, JOIN, PLAN, RETRY, STEPS, UNDO, UNKNOWN, VERIFY } from "#src/language/vocabulary.ts";
import { runPlan } from "#src/testing/run-plan.ts";
import { AS_YAML, billing, BILLING_AS_YAML, everyWord } from "./every-word.ts";
import { order, search, tools } from "./tools.ts";

function sourceOf(written: string | JsonObject): PlanSource {
  const parsed = parsePlan(written, { file: "plan.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.source;
}

function checked(written: string | JsonObject, called: string | JsonObject): Checked {
  return checkPlan(sourceOf(written), { tools, plans: planLibrary([sourceOf(called)]) });
}

/** Names of everything that is in a value. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...namesIn(part)]);
}

describe("a plan written as code", () => {
  it("is the plan that YAML would be", () => {
    const fromCode = checked(everyWord, billing);
    const fromYaml = checked(AS_YAML, BILLING_AS_YAML);
    expect(fromYaml).toMatchObject({ ok: true });
    expect(fromCode).toEqual(fromYaml);
  });

  it("can say every kind and every word", () => {
    const vocabularies = [PLAN, ...Object.values(STEPS), BLOCK, UNDO, UNKNOWN, VERIFY, APPROVE, JOIN, RETRY];
    const words = new Set(vocabularies.flatMap((one) => one.words));
    const said = new Set(namesIn(everyWord));
    expect([...words].filter((word) => !said.has(word))).toEqual([]);
  });

  it("is data that JSON carries", () => {
    expect(JSON.parse(JSON.stringify(everyWord))).toEqual(everyWord);
  });

  it("knows the plans that it calls, and those that they call", () => {
    const middle = definePlan({ plan: "middle" }, ({ step }) => {
      step.each("all", [1], {
        do: ({ step }) => step.call("bill", billing, { with: { order: "o", rate: 1 } }),
      });
    });
    const top = definePlan({ plan: "top" }, ({ step }) => {
      step.call("one", middle, {});
      step.call("two", billing, { with: { order: "o", rate: 2 }, range: "^2.0.0" });
      step.call("other", "by_name", {});
    });
    expect(calledPlans(top)).toEqual([middle, billing]);
    expect(calledPlans(billing)).toEqual([]);
  });

  it("runs, and takes along what it calls", async () => {
    const plan = definePlan({ plan: "buy", inputs: { words: { type: "string" } } }, ({ inputs, step }) => {
      const books = step.tool("books", search, { with: { words: inputs.words } });
      const orders = step.each("orders", books.output, {
        do: ({ item, step }) =>
          step.tool("do", order, { with: { titles: [item.title], pay: { amount: item.price, by: "bill" } } }),
      });
      const bill = step.call("bill", billing, { with: { order: "o", rate: 2 } });
      return { outputs: { to: cel`${orders.output}[0]["ship-to"]`, total: bill.output.total } };
    });
    const run = await runPlan(plan, { tools: [search, order], inputs: { words: "sagas" } });
    expect(run).toMatchObject({ outcome: "succeeded", outputs: { to: "home", total: 40 } });
  });
});

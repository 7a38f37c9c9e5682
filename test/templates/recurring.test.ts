import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planDefinition, type PlanDefinition } from "#events/definition.ts";
import { isJsonObject, type JsonObject } from "#events/json.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { instantiated } from "#src/templates/instantiate.ts";
import { callGraph } from "#src/templates/recurring/call-graph.ts";
import { offeredTemplates, type Offered } from "#src/templates/recurring/offered.ts";
import { templateOf } from "./template-file.ts";

type Steps = Readonly<
  Record<string, { readonly tool?: string; readonly with: JsonObject; readonly needs?: readonly string[] }>
>;

/** As a draft has it, with needs as the check of plans finds them. */
function definition(steps: Steps): PlanDefinition {
  const written = Object.entries(steps).map(([id, { tool = "text.wrap", with: given, needs = [] }]) => {
    const read = [...JSON.stringify(given).matchAll(/steps\.(\w+)/g)].map(([, need = ""]) => need);
    const retry = { attempts: 1, delayMs: 0, backoff: "fixed", jitter: "none", maxDelayMs: 0 };
    const call = { tool, version: "1.0.0", with: given, idempotent: true, timeoutMs: 1_000 };
    return { kind: "tool", id, needs: [...new Set([...needs, ...read])], call, retry };
  });
  return planDefinition.parse({ name: "p", steps: written });
}

function offered(...plans: readonly Steps[]): Offered {
  return offeredTemplates(plans.map((steps, at) => callGraph(`p${at}`, definition(steps))));
}

const pair = (text: string, names: readonly [string, string] = ["a", "b"], width = 20): Steps => ({
  [names[0]]: { with: { text, width: 40 } },
  [names[1]]: { with: { text: `see \${steps.${names[0]}.output}`, width } },
});

describe("what recurs", () => {
  it("is offered with what was the same, and with parameters for what differed", () => {
    const { templates, plans, isComplete } = offered(
      pair("one"),
      { ...pair("two", ["x", "y"]), z: { tool: "fs.write", with: { path: "p", text: "${steps.y.output}" } } },
      pair("three", ["first", "second"]),
    );
    expect({ plans, isComplete }).toEqual({ plans: 3, isComplete: true });
    expect(templates).toMatchObject([{ plans: ["p0", "p1", "p2"], tools: ["text.wrap", "text.wrap"] }]);
    expect(templates[0]?.template).toMatchObject({
      parameters: { text: { type: "string" } },
      plan: {
        steps: {
          a: { tool: "text.wrap", with: { text: "${parameters.text}", width: 40 } },
          b: { tool: "text.wrap", with: { text: "see ${steps.a.output}", width: 20 } },
        },
        outputs: { b: "${steps.b.output}" },
      },
    });
  });

  it("is a template that makes a plan that could run", () => {
    const [offer] = offered(pair("one"), pair("two"), pair("three")).templates;
    const template = templateOf(JSON.stringify(offer?.template));
    const made = instantiated(template, { text: "${steps.b.output}" });
    if (!made.ok) throw new Error(JSON.stringify(made.findings));
    const parsed = parsePlan(made.source, { file: "made" });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
    expect(checkPlan(parsed.source, { tools: toolRegistry() })).toMatchObject({ ok: true });
  });

  it("is in three different plans: what a file does again and again is one", () => {
    expect(offered(pair("one"), pair("two")).templates).toEqual([]);
    expect(offered(pair("one"), pair("one"), pair("one"), pair("two")).templates).toEqual([]);
  });

  it("is the same whatever steps are called and whichever comes first", () => {
    const turned = (text: string): Steps => Object.fromEntries(Object.entries(pair(text, ["q", "r"])).reverse());
    const found = offered(pair("one"), turned("two"), pair("three", ["b", "a"]));
    expect(found.templates).toHaveLength(1);
    expect(found.templates[0]?.id).toBe(offered(turned("1"), pair("2"), turned("3")).templates[0]?.id);
  });

  it("tells flows apart: another argument, another part of an output, another text around it", () => {
    const flow = (given: JsonObject): Steps => ({ a: { with: { text: "x" } }, b: { with: given } });
    expect(
      offered(
        ...[
          { text: "${steps.a.output}" },
          { note: "${steps.a.output}" },
          { text: "${steps.a.output.x}" },
          { text: "- ${steps.a.output}" },
        ].map(flow),
      ).templates,
    ).toEqual([]);
  });

  it("is only the largest, and an order alone is kept as a need", () => {
    const chain = (text: string): Steps => ({
      ...pair(text),
      c: { tool: "fs.write", with: { path: "out", text: "${steps.b.output}" } },
      d: { tool: "fs.read", with: { path: text }, needs: ["c"] },
    });
    const { templates } = offered(chain("1"), chain("2"), chain("3"), pair("4"));
    expect(templates.map(({ tools }) => tools.length)).toEqual([4]);
    expect(templates[0]?.template).toMatchObject({
      plan: { steps: { d: { needs: ["c"] } }, outputs: { d: "${steps.d.output}" } },
    });
  });

  it("takes what comes from outside as a parameter, and leaves out what some do without", () => {
    const plan = (text: string, more: JsonObject): Steps => ({
      o: { tool: `t.${text}`, with: {} },
      a: { with: { text: "${steps.o.output}", width: 30, nested: { list: [1, text], same: true } } },
      b: { with: { text: "${steps.a.output} of ${inputs.who}", ...more } },
    });
    const { templates } = offered(plan("1", { width: 1 }), plan("2", {}), plan("3", { width: 2 }));
    const { parameters, plan: body } = templates[0]?.template ?? {};
    expect(isJsonObject(body) && body.steps).toEqual({
      a: {
        tool: "text.wrap",
        with: {
          text: "${parameters.text}",
          width: 30,
          nested: { list: [1, "${parameters.nested_list_1}"], same: true },
        },
      },
      b: { tool: "text.wrap", with: { text: "${parameters.b_text}" }, needs: ["a"] },
    });
    expect(parameters).toMatchObject({ text: { description: "text of a" }, nested_list_1: { type: "string" } });
  });

  it("is a whole plan where that recurs, however large and however often", () => {
    const chain = (text: string, calls: number): Steps =>
      Object.fromEntries(
        Array.from({ length: calls }, (_, at) => [
          `s${at}`,
          { tool: `t${at % 5}`, with: { q: at === 0 ? text : `\${steps.s${Math.floor((at - 1) / 2)}.output}` } },
        ]),
      );
    const { templates, isComplete } = offered(...Array.from({ length: 300 }, (_, at) => chain(String(at), 12)));
    expect(isComplete).toBe(true);
    expect(templates.map(({ tools, plans }) => [tools.length, plans.length])).toEqual([[12, 300]]);
    const larger = offered(...Array.from({ length: 3 }, (_, at) => chain(String(at), 40)));
    expect(larger.templates.map(({ tools }) => tools.length)).toEqual([40]);
  });

  it("is looked for with bounded work, and says where that was not enough", () => {
    const wide = (seed: number): Steps =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [
          `s${at}`,
          {
            with: {
              text: `\${steps.s${Math.max(0, at - 1)}.output}${at === 0 ? "" : `\${steps.s${(at * 7) % at}.output}`}`,
              n: seed,
            },
          },
        ]).map(([id, step], at) => [id, at === 0 ? { with: { text: String(seed) } } : step]),
      ) as Steps;
    const found = offered(...Array.from({ length: 40 }, (_, seed) => wide(seed)));
    expect(found.isComplete).toBe(false);
    expect(found.templates.length).toBeLessThanOrEqual(50);
  });

  it("is the same every time, whatever the plans", () => {
    const step = fc.record({ tool: fc.constantFrom("t.a", "t.b"), from: fc.nat(4), text: fc.constantFrom("x", "y") });
    const plan = fc
      .array(step, { minLength: 1, maxLength: 5 })
      .map((steps) =>
        Object.fromEntries(
          steps.map(({ tool, from, text }, at) => [
            `s${at}`,
            { tool, with: { in: from < at ? `\${steps.s${from}.output}` : text, more: text } },
          ]),
        ),
      );
    fc.assert(
      fc.property(fc.array(plan, { maxLength: 8 }), (plans) => {
        const found = offered(...plans);
        expect(offered(...plans)).toEqual(found);
        for (const { plans: having, tools } of found.templates) {
          expect(new Set(having).size).toBeGreaterThanOrEqual(3);
          expect(tools.length).toBeGreaterThanOrEqual(2);
        }
      }),
    );
  });
});

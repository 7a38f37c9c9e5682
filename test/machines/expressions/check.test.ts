import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compileTemplate } from "#machines/expressions/template.ts";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { typeScope } from "#machines/expressions/type-scope.ts";
import { checked } from "./evaluated.ts";

const properties = {
  since: { type: "string" },
  n: { type: "integer" },
  level: { enum: ["low", "high"] },
  maybe: { anyOf: [{ type: "string" }, { type: "null" }] },
  any: {},
  items: { type: "array", items: { type: "object", properties: { size: { type: "number" } }, required: ["size"] } },
};
const steps = { commits: { type: "array", items: { type: "object", properties: { subject: { type: "string" } } } } };

function typeOf(source: string): JsonSchema {
  const result = checked(source, properties, steps);
  if (!result.ok) throw new Error(result.findings.map(({ message }) => message).join());
  return result.template.type;
}

function findingsOf(source: string) {
  const result = checked(source, properties, steps);
  return result.ok ? [] : result.findings;
}

describe("a checked template", () => {
  it("names a misspelt input, step, property, function and value with the nearest one", () => {
    expect(findingsOf("v ${inputs.sinse}")).toEqual([
      {
        code: "unknown-property",
        message: "there is no property sinse; did you mean since?",
        path: [],
        offset: 11,
        length: 5,
        caret: "v ${inputs.sinse}\n           ^^^^^",
        suggestion: "since",
      },
    ]);
    expect(findingsOf("${steps.comits.output}")).toMatchObject([{ code: "unknown-step", suggestion: "commits" }]);
    expect(findingsOf("${inputs.items.map(i, i.sise)}")).toMatchObject([{ suggestion: "size" }]);
    expect(findingsOf("${stpes.commits.output}")).toMatchObject([{ code: "unknown-name", suggestion: "steps" }]);
    expect(findingsOf("${inputs.since.uper()}")).toMatchObject([{ code: "unknown-function", suggestion: "upper" }]);
    expect(findingsOf("${has(inputs.sinse)}")).toMatchObject([{ suggestion: "since" }]);
    expect(findingsOf('${inputs.level == "hihg"}')).toMatchObject([{ code: "never-equal", suggestion: "high" }]);
  });

  it.each([
    ["${inputs.since + 1}", "wrong-operand"],
    ["${inputs.since - inputs.since}", "wrong-operand"],
    ["${inputs.n && true}", "wrong-operand"],
    ["${!inputs.n}", "wrong-operand"],
    ["${-inputs.since}", "wrong-operand"],
    ["${inputs.n ? 1 : 2}", "wrong-operand"],
    ["${inputs.n.x}", "wrong-operand"],
    ["${inputs.since[0]}", "wrong-operand"],
    ["${inputs.items['a']}", "wrong-operand"],
    ["${inputs.n < inputs.since}", "wrong-operand"],
    ["${inputs.since == 1}", "never-equal"],
    ["${1 in ['a']}", "never-equal"],
    ["${lower(inputs.n)}", "wrong-argument"],
    ["${inputs.n.map(x, x)}", "wrong-operand"],
    ["${inputs.items.filter(x, x.size)}", "wrong-operand"],
    ["${{1: 2}}", "wrong-operand"],
  ])("refuses %s as %s", (source, code) => {
    expect(findingsOf(source)).toMatchObject([{ code }]);
  });

  it.each([
    ["${inputs.n + 1}", { type: "integer" }],
    ["${inputs.n / 2}", { type: "number" }],
    ["${7 / 2}", { type: "integer" }],
    ["${size(inputs.items) * 0.5}", { type: "number" }],
    ["${1 == 1.0}", { type: "boolean" }],
    ["${inputs.items[inputs.n].size}", { type: "number" }],
    ["${inputs.since + 'x'}", { type: "string" }],
    ["x ${inputs.n}", { type: "string" }],
    ["${inputs.level}", { type: "string", enum: ["low", "high"] }],
    ["${inputs.maybe}", { anyOf: [{ type: "string" }, { type: "null" }] }],
    ["${inputs.maybe.size()}", { type: "integer" }],
    ["${inputs.any.what.ever}", {}],
    ["${true ? 1 : 'a'}", { anyOf: [{ type: "integer" }, { type: "string", enum: ["a"] }] }],
    ["${steps.commits.output.map(c, c.subject)}", { type: "array", items: { type: "string" } }],
    ["${inputs.items.map(i, i.size).sum()}", { type: "number" }],
    ["${timestamp('2026-01-01T00:00:00Z')}", { type: "string", format: "date-time" }],
    ["${get({'a': 1}, 'a', 0)}", { type: "integer" }],
  ])("types %s", (source, type) => {
    expect(typeOf(source)).toEqual(type);
  });

  it("gives an object template the type of its parts", () => {
    const result = checked({ a: "${inputs.n}", b: ["x", "${inputs.since}"], c: 1 }, properties);
    expect(result.ok && result.template.type).toEqual({
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "array", items: { type: "string" } }, c: { type: "integer" } },
      required: ["a", "b", "c"],
      additionalProperties: false,
    });
  });

  it("remarks one mistake once", () => {
    expect(findingsOf("${(inputs.sinse + 'x').size() * 2 == inputs.n}")).toHaveLength(1);
  });

  it("understands what zod writes, recursive schemas too", () => {
    const node = z.object({
      name: z.string(),
      size: z.number().optional(),
      get children() {
        return z.array(node);
      },
    });
    const scope = typeScope({
      inputs: z.toJSONSchema(
        z.object({ root: node, tags: z.record(z.string(), z.int()), pair: z.tuple([z.string(), z.int()]) }),
      ),
      steps: {},
    });
    const check = (source: string) => compileTemplate(source, { scope });
    expect(check("${inputs.root.children[0].children.map(c, c.name).join(', ')}").ok).toBe(true);
    expect(check("${inputs.tags.anything + 1}").ok).toBe(true);
    expect(check("${inputs.pair[1]}").ok).toBe(true);
    expect(check("${inputs.root.children[0].nmae}")).toMatchObject({ findings: [{ suggestion: "name" }] });
    const whole = check("${inputs.root}");
    expect(whole.ok && JSON.stringify(whole.template.type).length).toBeLessThan(20_000);
  });

  it("takes a schema that makes no sense for anything", () => {
    const odd = { $ref: "#/nowhere" };
    const self = { anyOf: [{ $ref: "#" }, { type: "string" }] };
    for (const schema of [odd, self, { type: 5 }, { properties: 3 }, { enum: 5 }, { allOf: [{}, {}] }]) {
      const scope = typeScope({ inputs: { type: "object" }, steps: { a: schema } });
      expect(compileTemplate("${steps.a.output.x}", { scope })).toMatchObject({ ok: true });
    }
  });

  it("reads the schemas of those steps only that an expression names", () => {
    const read: string[] = [];
    const ids = Array.from({ length: 10_000 }, (_, index) => `s${index}`);
    const many = new Proxy(Object.fromEntries(ids.map((id) => [id, { type: "string" }])), {
      get: (target, id): unknown => (read.push(String(id)), Reflect.get(target, id)),
      ownKeys: () => expect.fail("all steps were listed"),
    });
    const scope = typeScope({ inputs: { type: "object" }, steps: many });
    expect(compileTemplate("${steps.s7.output + steps.s9.output}", { scope }).ok).toBe(true);
    expect(read).toEqual(["s7", "s9"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "#events/json.ts";
import { compileTemplate } from "#machines/expressions/template.ts";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { responseFor } from "#src/planning/responding/response-for.ts";
import { validated } from "#src/planning/validation/validate.ts";
import { defineTool, type Tool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";

function toolOf(name: string, output: z.ZodType, sideEffects: "read" | "write" = "read"): Tool {
  const run = (): never => {
    throw new Error("only its schemas matter here");
  };
  return defineTool({ name, version: "1.0.0", description: "", input: z.object({}), output, sideEffects, run });
}

/** The response to a request that one tool answers, after it was checked as part of a plan. */
function responded(request: string, tool: Tool): JsonObject {
  const tools = registry([tool]);
  const result = analysed(request, { now: 0 });
  const analysis = result.kind === "analysed" ? result.analysis : { intents: [] };
  const calls = [{ tool: tool.name, arguments: {} }];
  const respond = responseFor({ analysis, calls, ids: ["it"], entries: tools.list().map(catalogEntry) });
  const parsed = parsePlan({ plan: "p", steps: { it: { tool: tool.name } }, respond }, { file: "p", format: "json" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  const checked = checkPlan(parsed.source, { tools });
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
  expect(validated(checked.definition, { catalog: tools, granted: {} })).toEqual([]);
  return respond;
}

function text(respond: JsonObject, output: Json): Json {
  const compiled = compileTemplate(respond["$done"] ?? null);
  if (!compiled.ok) throw new Error("not a template");
  const result = compiled.template.evaluate({ inputs: {}, steps: () => output });
  return result.ok ? result.value : result.error.message;
}

describe("the response for a request", () => {
  it("says a number as a number, and a condition as yes or no", () => {
    expect(text(responded("Calculate the total distance", toolOf("math.sum", z.number())), 5.5)).toBe(
      "Total distance: 5.5.",
    );
    expect(text(responded("Check the door lock", toolOf("door.check", z.boolean())), false)).toBe("Door lock: no.");
  });

  it("says how many were found and names the first, or that there is none", () => {
    const found = z.object({
      articles: z.array(z.object({ title: z.string().optional(), url: z.string() })).optional(),
    });
    const respond = responded("Find articles about tea", toolOf("news.search", found));
    const articles = ["a", "b", "c", "d", "e"].map((title) => ({ title, url: "u" }));
    expect(text(respond, { articles })).toBe("Articles tea: 5 found: a, b, c and 2 more.");
    expect(text(respond, { articles: [{ url: "u" }] })).toBe("Articles tea: 1 found: ?.");
    expect(text(respond, { articles: [] })).toBe("Articles tea: none found.");
    expect(text(respond, {})).toBe("Articles tea: none found.");
    expect(text(responded("List files", toolOf("fs.names", z.array(z.string()))), ["x", "y"])).toBe(
      "Files: 2 found: x, y.",
    );
  });

  it("names what was made by its id and address", () => {
    const made = z.object({ id: z.int(), url: z.string().nullable(), body: z.string() });
    const respond = responded("Create a ticket", toolOf("tickets.create", made, "write"));
    expect(text(respond, { id: 7, url: null, body: "long" })).toBe("Created: ticket: id 7, url unknown.");
  });

  it("has a value whatever the output leaves out or has as null", () => {
    const item = z.object({ name: z.string().nullable().optional() }).nullable();
    const outputs: readonly (readonly [z.ZodType, Json])[] = [
      [z.array(item).nullable(), null],
      [z.array(item), [null, {}, { name: null }]],
      [z.object({ rows: z.array(item).nullable() }).nullable(), null],
      [z.object({ a: z.number().optional() }).nullable(), null],
      [z.string().nullable(), null],
      [z.number().nullable(), null],
      [z.boolean().nullable(), null],
      [z.unknown(), { any: ["thing"] }],
    ];
    for (const [schema, output] of outputs) {
      expect(text(responded("Find things", toolOf("things.find", schema)), output)).toMatch(/^Things: |^Things\.$/);
    }
  });

  it("bounds the texts that it takes over", () => {
    const respond = responded("Summarize the page", toolOf("page.summary", z.string()));
    expect(JSON.stringify(text(respond, "x".repeat(100_000))).length).toBeLessThan(5_000);
  });

  it("is a valid one whatever the request is, and nothing of that is an expression", () => {
    const hostile = fc.constantFrom(
      "${inputs.x}",
      "$${",
      "}",
      '"',
      "\\",
      "\n",
      ". ",
      "find",
      "secret",
      "delete all",
      "“",
    );
    const tool = toolOf("notes.find", z.array(z.object({ name: z.string() })));
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, fc.string({ maxLength: 9 })), { maxLength: 8 }), (words) => {
        const respond = responded(words.join(" "), tool);
        expect(text(respond, [])).toMatch(/: none found\.$/);
        expect(JSON.stringify(respond)).not.toContain("inputs.x");
      }),
      { numRuns: 60 },
    );
  });
});

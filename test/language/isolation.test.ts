import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkPlan } from "#src/language/check.ts";
import { parsePlan } from "#src/language/parse.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { planOf } from "./tools.ts";

const shared = {
  version: "1.0.0",
  description: "Does nothing.",
  input: z.strictObject({}),
  output: z.null(),
  sideEffects: "write",
  run: () => null,
} as const;

const tools = registry([
  defineTool({ ...shared, name: "loop.only" }),
  defineTool({ ...shared, name: "own.module", module: import.meta.url }),
  defineTool({ ...shared, name: "own.process", module: import.meta.url, isolate: "process" }),
  defineTool({ ...shared, name: "lost.process", isolate: "process" }),
]);

function check(steps: string) {
  const parsed = parsePlan(planOf(steps), { file: "plan.yaml" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return checkPlan(parsed.source, { tools });
}

function stepsOf(steps: string): unknown {
  const checked = check(steps);
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
  return checked.definition.steps;
}

function places(steps: string): readonly string[] {
  const checked = check(steps);
  return (checked.ok ? [] : checked.findings).map(({ line, column, code, suggestion }) => {
    return `${line}:${column} ${code}${suggestion === undefined ? "" : ` -> ${suggestion}`}`;
  });
}

describe("isolate", () => {
  it("stands in a step, its fallbacks and its undo, each for itself", () => {
    const step = "tool: own.module, isolate: thread";
    const fallback = "[{ tool: own.module, isolate: process }, { tool: own.module }]";
    expect(
      stepsOf(`  a: { ${step}, fallback: ${fallback}, undo: { tool: own.module, isolate: process } }`),
    ).toMatchObject([
      {
        call: { isolate: "thread" },
        fallback: [{ isolate: "process" }, expect.not.objectContaining({ isolate: expect.anything() })],
        undo: { call: { isolate: "process" } },
      },
    ]);
  });

  it("stands at a tool that looks what became of a step", () => {
    const verify = "{ verify: { tool: own.module, isolate: thread }, done: true }";
    expect(stepsOf(`  a: { tool: own.module, unknown: ${verify} }`)).toMatchObject([
      { unknown: { verify: { tool: "own.module", isolate: "thread" } } },
    ]);
  });

  it("is as the tool says where the step says nothing", () => {
    const steps = "  a: { tool: own.process }\n  b: { tool: own.process, isolate: thread }\n  c: { tool: own.module }";
    expect(stepsOf(steps)).toMatchObject([
      { call: { isolate: "process" } },
      { call: { isolate: "thread" } },
      { call: expect.not.objectContaining({ isolate: expect.anything() }) },
    ]);
  });

  it.each([
    ["a word that is none", "  a: { tool: own.module, isolate: proces }", "3:35 bad-word -> process"],
    [
      "a step's word for a tool of an unknown module",
      "  a: { tool: loop.only, isolate: thread }",
      "3:34 tool-without-module",
    ],
    ["the tool's own word without a module", "  a: { tool: lost.process }", "3:14 tool-without-module"],
    [
      "a fallback's",
      "  a: { value: 1, fallback: [{ tool: loop.only, isolate: process }] }",
      "3:57 tool-without-module",
    ],
    ["an undo's", "  a: { tool: own.module, undo: { tool: loop.only, isolate: process } }", "3:60 tool-without-module"],
    [
      "a fallback that is a value",
      "  a: { tool: own.module, fallback: [{ value: 1, isolate: thread }] }",
      "3:37 bad-fallback",
    ],
  ])("is refused for %s", (_, steps, expected) => {
    expect(places(steps)).toEqual([expected]);
  });
});

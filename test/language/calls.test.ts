import { describe, expect, it } from "vitest";
import type { PlanLibrary } from "#src/language/called-plans.ts";
import { checkPlan, type Checked } from "#src/language/check.ts";
import { parsePlan, type PlanSource } from "#src/language/parse.ts";
import { defineTool } from "#src/tools/define.ts";
import { registry } from "#src/tools/registry.ts";
import { z } from "zod";
import { planOf, tools } from "./tools.ts";

const GREET = `plan: greet
version: VERSION
inputs:
  name: { type: string }
  times: { type: integer, default: 1 }
steps:
  say: { value: "hello \${inputs.name}, \${inputs.times} times" }
outputs: { text: "\${steps.say.output}" }
`;

const SOURCES: Readonly<Record<string, readonly string[]>> = {
  greet: ["1.0.0", "1.4.0", "2.0.0-rc.1"].map((version) => GREET.replace("VERSION", version)),
  self: ["plan: self\nsteps:\n  a: { call: self }\n"],
  ping: ["plan: ping\nsteps:\n  a: { call: pong }\n"],
  pong: ["plan: pong\nsteps:\n  a: { each: [1], do: { call: ping } }\n"],
  writing: ["plan: writing\nsteps:\n  a: { tool: json.read, with: { path: a }, revises: true }\n"],
  replanned: ["plan: replanned\nsteps:\n  a: { value: 1 }\nreplan: { tool: test.replan }\n"],
  wrong: ["plan: wrong\nsteps:\n  a: { tool: no.such }\n"],
};

const plans: PlanLibrary = {
  find: (name) => (SOURCES[name] ?? []).map((text, index) => sourceOf(text, `${name}-${index}.plan.yaml`)),
  names: () => Object.keys(SOURCES),
};

function sourceOf(text: string, file: string): PlanSource {
  const parsed = parsePlan(text, { file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.findings));
  return parsed.source;
}

function check(steps: string): Checked {
  return checkPlan(sourceOf(planOf(steps), "plan.yaml"), { tools, plans });
}

function places(steps: string): readonly string[] {
  const checked = check(steps);
  return (checked.ok ? [] : checked.findings).map(({ file, line, column, code, suggestion }) => {
    const place = file === "plan.yaml" ? "" : `${file} `;
    return `${place}${line}:${column} ${code}${suggestion === undefined ? "" : ` -> ${suggestion}`}`;
  });
}

describe("a call of another plan", () => {
  it.each([
    ["that does not exist", "  a: { call: gret, with: { name: x } }", ["3:14 unknown-plan -> greet"]],
    ["in a version that does not exist", "  a: { call: greet@^3, with: { name: x } }", ["3:14 no-such-version"]],
    ["in a version that is none", "  a: { call: greet@new, with: { name: x } }", ["3:14 bad-version-range"]],
    ["without what it wants", "  a: { call: greet }", ["3:3 missing-input"]],
    [
      "with an input that it has not",
      "  a: { call: greet, with: { name: x, tims: 2 } }",
      ["3:38 unknown-input -> times"],
    ],
    ["with an input of another type", "  a: { call: greet, with: { name: x, times: two } }", ["3:45 wrong-type"]],
    ["that is written while it runs", "  a: { call: writing }", ["3:14 revises-called"]],
    ["that is itself", "  a: { call: self }", ["self-0.plan.yaml 3:14 recursive-call", "3:14 called-plan-wrong"]],
    [
      "of which something is wrong",
      "  a: { call: wrong }",
      ["wrong-0.plan.yaml 3:14 unknown-tool", "3:14 called-plan-wrong"],
    ],
    [
      "whose output it has not",
      "  a: { call: greet, with: { name: x } }\n  b: { value: '${steps.a.output.txt}' }",
      ["4:33 unknown-property -> text"],
    ],
  ])("%s is found where it stands", (_, steps, expected) => {
    expect(places(steps).toSorted()).toEqual(expected.toSorted());
  });

  it("that comes round again is refused where the circle closes", () => {
    expect(places("  a: { call: ping }")).toContainEqual(
      expect.stringMatching(/^pong-0\.plan\.yaml 3:\d+ recursive-call$/),
    );
  });

  it("takes the newest version in its range, and keeps what it found", () => {
    const calls = (steps: string) => {
      const checked = check(steps);
      if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
      return Object.keys(checked.definition.calls ?? {});
    };
    expect(calls("  a: { call: greet@~1.0, with: { name: x } }")).toEqual(["greet@1.0.0"]);
    expect(
      calls("  a: { call: greet@^1, with: { name: x } }\n  b: { call: greet@1.0.0, with: { name: x } }").toSorted(),
    ).toEqual(["greet@1.0.0", "greet@1.4.0"]);
  });
});

describe("a called plan that is to be replanned", () => {
  it("is called as it stands: `replan` has no effect there, which is said", () => {
    const replan = defineTool({
      name: "test.replan",
      version: "1.0.0",
      description: "Replans.",
      input: z.object({ failure: z.unknown() }),
      output: z.object({ rest: z.unknown() }),
      sideEffects: "read",
      run: () => ({ rest: {} }),
    });
    const around = { tools: registry([...tools.list(), replan]), plans };
    const checked = checkPlan(sourceOf(planOf("  a: { call: replanned }"), "plan.yaml"), around);
    expect(checked.ok ? checked.warnings : []).toMatchObject([
      { code: "replan-called", severity: "warning", line: 3, column: 14 },
    ]);
    const own = "plan: p\nsteps:\n  a: { value: 1 }\nreplan: { tool: test.replan }\n";
    expect(checkPlan(sourceOf(own, "own.yaml"), around)).toMatchObject({ ok: true, warnings: [] });
  });
});

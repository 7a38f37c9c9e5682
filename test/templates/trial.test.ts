import { describe, expect, it } from "vitest";
import { toolRegistry } from "#src/all-tools.ts";
import { scaffold } from "#src/templates/scaffold.ts";
import { TEMPLATE_KINDS } from "#src/templates/template.ts";
import { triedTemplate, type TrialResult } from "#src/templates/trial.ts";
import { templateOf } from "./template-file.ts";

const tools = toolRegistry();
const tried = (text: string): readonly TrialResult[] => triedTemplate(templateOf(text), { tools });

const STEP = `template: t
parameters: { text: { type: string }, width: { type: integer, minimum: 1, default: 9 } }
step: { tool: text.wrap, with: { text: "\${parameters.text} \${steps.before.output}", width: "\${parameters.width}" } }
`;

describe("the tests of a template", () => {
  it("are met where what comes out is what they say, and could run", () => {
    const results = tried(
      `${STEP}tests:
  - name: whole
    with: { text: a }
    beside: { steps: { before: { value: x } } }
    expect: { step: { tool: text.wrap, with: { width: 9, text: "a \${steps.before.output}" } } }
  - { with: { text: a, width: 0 }, expect: { findings: [out-of-range] } }
  - { with: { text: a }, expect: { findings: [unknown-step] } }
`,
    );
    expect(results.map(({ test, ok, problems }) => [test, ok, problems])).toEqual([
      ["whole", true, []],
      ["test 2", true, []],
      ["test 3", true, []],
    ]);
  });

  it("say what is different, where, and what was not expected", () => {
    const results = tried(
      `${STEP}tests:
  - { with: { text: a }, beside: { steps: { before: { value: x } } }, expect: { step: { tool: text.wrap, with: { width: 8 } } } }
  - { with: { text: a } }
  - { with: { text: a }, beside: { steps: { before: { value: x } } }, expect: { findings: [out-of-range] } }
`,
    );
    expect(results.map(({ problems }) => problems)).toEqual([
      ['with.text is "a ${steps.before.output}", expected was not there', "with.width is 9, expected was 8"],
      [expect.stringMatching(/^steps\.step\.with\.text: unknown-step: /)],
      ["out-of-range was expected, and was not found"],
    ]);
  });

  it("find what is wrong with a plan that is made without any", () => {
    const [result] = tried("template: t\nplan: { steps: { a: { tool: text.warp } } }\n");
    expect(result).toMatchObject({ test: "its defaults", ok: false, findings: [{ code: "unknown-tool" }] });
    expect(tried(STEP)).toEqual([]);
  });

  it.each(TEMPLATE_KINDS)("of a new %s are met", (kind) => {
    for (const { ok, problems } of tried(scaffold("fresh", kind))) expect(ok, problems.join()).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import { definitionOf, findingsOf, places, planOf } from "./tools.ts";

describe("a reference", () => {
  it("makes a need, beside those that are named", () => {
    const { steps } = definitionOf(
      planOf(`  a: { value: 1 }
  b: { value: 2 }
  c: { value: 3 }
  d: { value: true }
  e: { value: 5 }
  f:
    tool: text.wrap
    with: { text: "\${steps.b.output} and \${[steps.a.output].map(x, x + steps.b.output)[0]}" }
    when: \${steps.d.output}
    needs: [c, a]
    fallback:
      - { tool: text.wrap, with: { text: "\${string(steps.e.output)}" } }`),
    );
    expect(steps.find(({ id }) => id === "f")?.needs.toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect(steps.find(({ id }) => id === "a")?.needs).toEqual([]);
  });

  it.each([
    [
      "to an unknown step",
      "  fetch: { value: 1 }\n  b: { value: '${steps.fecth.output}' }",
      "4:18 unknown-step -> fetch",
    ],
    ["to an unknown input", "  b: { value: '${inputs.x}' }", "3:25 unknown-property"],
    [
      "to a property that an output has not",
      "  a: { tool: fs.write, with: { path: x, text: y } }\n  b: { value: '${steps.a.output.byte}' }",
      "4:33 unknown-property -> bytes",
    ],
    [
      "to a step by a name with a hyphen",
      "  fetchAll: { value: 1 }\n  b: { value: '${steps.fetch-all.output}' }",
      "4:18 hyphenated-reference -> steps.fetchAll",
    ],
    ["to a name that does not exist", "  b: { value: '${step.a.output}' }", "3:18 unknown-name -> steps"],
    ["that is no expression", "  b: { value: '${1 +}' }", "3:21 syntax-error"],
    ["without its end", "  b: { value: 'x ${inputs.a' }", "3:18 unterminated-expression"],
    ["to the step itself", "  b: { value: 'x ${steps.b.output}' }", "3:20 self-reference"],
  ])("%s is found", (_, steps, expected) => {
    expect(places(planOf(steps))).toEqual([expected]);
  });

  it.each([
    ["a plain text", "  b:\n    value: a ${inputs.x}", "4:23"],
    ["a text in double quotes, behind escapes", '  b: { value: "\\u00e9\\n\\"${inputs.x}" }', "3:35"],
    ["a text in single quotes, behind a quote", "  b: { value: 'it''s ${inputs.x}' }", "3:31"],
    ["a literal block", "  b:\n    value: |\n      one\n\n      two ${inputs.x}", "7:20"],
    ["a folded block", "  b:\n    value: >-\n      one\n      two ${inputs.x}", "6:20"],
    ["a text over two lines", "  b:\n    value: one\n      two ${inputs.x}", "5:20"],
    ["a list in a mapping", "  b: { value: { x: [1, '${inputs.x}'] } }", "3:34"],
  ])("in %s has its exact place", (_, steps, place) => {
    expect(places(planOf(steps))).toEqual([`${place} unknown-property`]);
  });

  it("in JSON has its exact place", () => {
    const text = '{ "plan": "p",\n  "steps": { "a": { "value": "\\t${inputs.x}" } } }';
    expect(places(text, "plan.json")).toEqual(["2:42 unknown-property"]);
  });

  it("that is escaped is none", () => {
    const { steps } = definitionOf(planOf("  a: { value: 'costs $${inputs.x} $ {y}' }"));
    expect(steps[0]).toMatchObject({ value: "costs $${inputs.x} $ {y}", needs: [] });
  });
});

describe("needs", () => {
  it("name steps that exist", () => {
    const text = planOf("  fetch: { value: 1 }\n  b: { value: 1, needs: [fetch, fecth, b] }");
    expect(places(text)).toEqual(["4:33 unknown-step -> fetch", "4:40 self-reference"]);
  });

  it("that go round are named in order, from the first in the source", () => {
    const text = planOf(
      "  x: { value: 1 }\n  a: { value: 1, needs: [c] }\n  b: { value: '${steps.a.output}' }\n  c: { value: 1, needs: [b, x] }",
    );
    const [cycle, ...others] = findingsOf(text);
    expect(others).toEqual([]);
    expect(cycle).toMatchObject({
      code: "cycle",
      line: 4,
      column: 3,
      message: expect.stringContaining("a -> b -> c -> a"),
    });
  });

  it("that go round twice are two findings", () => {
    const pair = (a: string, b: string) => `  ${a}: { value: 1, needs: [${b}] }\n  ${b}: { value: 1, needs: [${a}] }`;
    expect(places(planOf(`${pair("a", "b")}\n${pair("c", "d")}`))).toEqual(["3:3 cycle", "5:3 cycle"]);
  });
});

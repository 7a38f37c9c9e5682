import { describe, expect, it } from "vitest";
import { MAX_STEPS_PER_PLAN } from "#events/definition.ts";
import { definitionOf, places, planOf, spots } from "./tools.ts";

const EACH = "  a: { each: [1, 2], do: { value: '${item}' } }";

describe("an each", () => {
  it.each([
    ["over a number", "  a: { each: 3, do: { value: 1 } }", "each-over-non-list: 3, do: {"],
    ["over a text", "  a: { each: '${inputs.name}', do: { value: 1 } }", "each-over-non-list: '${input"],
    [
      "over what is never a list",
      "  a: { tool: fs.write, with: { path: x, text: y } }\n  b: { each: '${steps.a.output}', do: { value: 1 } }",
      "each-over-non-list: '${steps",
    ],
    ["with a share of more than all", "  a: { each: [], do: { value: 1 }, tolerate: 101% }", "bad-tolerate: 101% }"],
    ["with a part of an item to tolerate", "  a: { each: [], do: { value: 1 }, tolerate: 0.5 }", "bad-tolerate: 0.5 }"],
    ["no item at once", "  a: { each: [], do: { value: 1 }, concurrency: 0 }", "out-of-range: 0 }"],
    ["whose item takes a reserved name", "  a: { each: [], as: steps, do: { value: 1 } }", "bad-name: steps, d"],
    [
      "whose item is called otherwise inside",
      "  a: { each: [1], as: row, do: { value: '${item}' } }",
      "unknown-name: item}' }",
    ],
    ["without what it does", "  a: { each: [] }", "missing-word: a: { eac"],
    ["that does nothing", "  a: { each: [], do: { steps: {} } }", "no-steps: steps: {"],
    [
      "that reads a property its items have not",
      "  c: { tool: git.log, with: { range: a } }\n  a: { each: '${steps.c.output}', do: { value: '${item.subjet}' } }",
      "unknown-property: subjet}'",
    ],
    [
      "whose tool is not given what it wants",
      "  a: { each: [1], do: { tool: text.wrap, with: { text: '${item}' } } }",
      "wrong-type: '${item}",
    ],
    [
      "that is read from outside as something inside",
      `${EACH}\n  b: { value: "\${steps.item.output}" }`,
      "unknown-step: steps.it",
    ],
    [
      "inside which one waits for a step outside of it by name",
      "  z: { value: 1 }\n  a: { each: [1], do: { steps: { b: { value: 1, needs: [z] } } } }",
      "unknown-step: z] } } }",
    ],
  ])("%s is found", (_, steps, expected) => {
    expect(spots(`plan: p\ninputs: { name: { type: string } }\nsteps:\n${steps}\n`)).toContain(expected);
  });

  it("gives a list of what is done for an item, null where one may fail, and the errors", () => {
    const wrapped = (text: string): readonly string[] =>
      places(planOf(`${EACH}\n  b: { tool: text.wrap, with: { text: ${text} } }`));
    expect(wrapped("'${steps.a.output[0]}'")).toEqual([expect.stringMatching(/^4:\d+ wrong-type$/)]);
    expect(wrapped("'${steps.a.errors[0].message}'")).toEqual([]);
    expect(wrapped("'${steps.a.errors[0].mesage}'")).toEqual([expect.stringMatching(/unknown-property -> message$/)]);
  });

  it("depends on what is read inside of it", () => {
    const { steps } = definitionOf(
      planOf("  z: { value: 1 }\n  a: { each: [1], do: { value: '${item + steps.z.output}' } }"),
    );
    expect(steps.find(({ id }) => id === "a")?.needs).toEqual(["z"]);
  });
});

describe("a repeat", () => {
  it.each([
    ["without an end", "  a: { repeat: { value: 1 }, until: 'index == 3' }", "repeat-without-max: a: { rep"],
    ["without a condition", "  a: { repeat: { value: 1 }, max: 3 }", "missing-word: a: { rep"],
    ["of no iteration", "  a: { repeat: { value: 1 }, until: 'true', max: 0 }", "out-of-range: 0 }"],
    [
      "whose end is no condition",
      "  a: { repeat: { value: 1 }, until: '${output + 1}', max: 3 }",
      "not-a-condition: ${output",
    ],
    [
      "that reads what an iteration does not give",
      "  a: { repeat: { tool: fs.write, with: { path: x, text: y } }, until: '${output.size == 1}', max: 3 }",
      "unknown-property: size == ",
    ],
  ])("%s is found", (_, steps, expected) => {
    expect(spots(planOf(steps))).toEqual([expected]);
  });

  it("knows its number and what the last iteration gave", () => {
    expect(
      places(
        planOf(
          "  a: { repeat: { value: '${previous == null ? 1 : 2}' }, until: '${index > 1 && output == 2}', max: 3 }",
        ),
      ),
    ).toEqual([]);
  });
});

describe("what takes a step back", () => {
  it.each([
    [
      "of a step that nothing takes back",
      "  a: { tool: json.read, with: { path: x }, irreversible: true, undo: { tool: json.read, with: { path: y } } }",
      "irreversible-with-undo: irrevers",
    ],
    [
      "that is not said, where an unknown outcome wants it",
      "  a: { tool: json.read, with: { path: x }, unknown: undo }",
      "undo-missing: undo }",
    ],
    [
      "that reads what the step does not give",
      "  a: { tool: fs.write, with: { path: x, text: y }, undo: { tool: json.read, with: { path: '${output.pth}' } } }",
      "unknown-property: pth}' } ",
    ],
  ])("%s is found", (_, steps, expected) => {
    expect(spots(planOf(steps))).toEqual([expected]);
  });
});

describe("a plan of too many steps", () => {
  it("is refused", () => {
    const steps = Object.fromEntries(
      Array.from({ length: MAX_STEPS_PER_PLAN + 1 }, (_, index) => [`s${index}`, { value: 1 }]),
    );
    expect(places(JSON.stringify({ plan: "p", steps }), "plan.json")).toEqual([
      expect.stringMatching(/too-many-steps$/),
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { runPlan } from "#src/testing/run-plan.ts";
import { findingsOf, found, plan } from "./checked.ts";

interface Case {
  readonly claim: string;
  readonly wrong: string;
  readonly says: readonly string[];
  /** The nearest plan that is right. */
  readonly right: string;
}

const RACE = `
one: { tool: person.find, with: { id: a } }
two: { tool: person.find, with: { id: b } }
`;

const CASES: readonly Case[] = [
  {
    claim: "an output that a step does not wait for may not be there",
    wrong: plan(`${RACE}then: { value: "\${steps.one.output.name}", needs: [two], join: any }`),
    says: ["error unbound-output steps.then.value"],
    right: plan(
      `${RACE}then: { value: "\${has(steps.one.output) ? steps.one.output.name : 'x'}", needs: [two], join: any }`,
    ),
  },
  {
    claim: "who waits for all that race has all",
    wrong: plan(`${RACE}then: { value: "\${steps.one.output.name}", needs: [two], join: { first: 1 } }`),
    says: ["error unbound-output steps.then.value"],
    right: plan(`${RACE}then: { value: "\${steps.one.output.name}", needs: [two], join: { first: 2 } }`),
  },
  {
    claim: "a response may not read a step that may be skipped",
    wrong: plan(`maybe: { value: 1, when: "\${inputs.yes}" }`, "respond: ${steps.maybe.output}"),
    says: ["error unbound-output respond"],
    right: plan(
      `maybe: { value: 1, when: "\${inputs.yes}" }`,
      'respond: "${has(steps.maybe.output) ? steps.maybe.output : 0}"',
    ),
  },
  {
    claim: "nor an output of the plan one that is skipped along",
    wrong: plan(
      `maybe: { value: 1, when: "\${inputs.yes}" }\nnext: { value: "\${steps.maybe.output}" }`,
      'outputs: { n: "${steps.next.output}" }',
    ),
    says: ["error unbound-output outputs.n"],
    right: plan(
      `maybe: { value: 1 }\nnext: { value: "\${steps.maybe.output}" }`,
      'outputs: { n: "${steps.next.output}" }',
    ),
  },
  {
    claim: "one that has lost a race gives nothing to the response",
    wrong: plan(
      `${RACE}then: { value: 1, needs: [one, two], join: { first: 1 } }`,
      "respond: ${steps.one.output.name}",
    ),
    says: ["error unbound-output respond"],
    right: plan(`${RACE}then: { value: 1, needs: [one, two], join: any }`, "respond: ${steps.one.output.name}"),
  },
  {
    claim: "a step that reads one that may be skipped is skipped along, unless another need is enough",
    wrong: plan(
      `maybe: { value: 1, when: "\${inputs.yes}" }\nother: { value: 2 }\nnext: { value: "\${steps.maybe.output + steps.other.output}", join: any }`,
    ),
    says: ["error unbound-output steps.next.value", "error unbound-output steps.next.value"],
    right: plan(
      `maybe: { value: 1, when: "\${inputs.yes}" }\nother: { value: 2 }\nnext: { value: "\${steps.maybe.output + steps.other.output}" }`,
    ),
  },
  {
    claim: "an item that failed is null in the list",
    wrong: plan(
      `all: { each: ["a"], tolerate: 1, do: { tool: person.find, with: { id: "\${item}" } } }\nnames: { value: "\${steps.all.output.map(p, p.name)}" }`,
    ),
    says: ["error may-be-null steps.names.value"],
    right: plan(
      `all: { each: ["a"], tolerate: 1, do: { tool: person.find, with: { id: "\${item}" } } }\nnames: { value: "\${steps.all.output.filter(p, p != null).map(p, p.name)}" }`,
    ),
  },
  {
    claim: "so is one whose only step was skipped",
    wrong: plan(
      `all: { each: ["a"], do: { tool: person.find, with: { id: "\${item}" }, when: "\${inputs.yes}" } }\nnames: { value: "\${steps.all.output.map(p, p == null ? '' : p.name + p.mail)}" }`,
    ),
    says: ["warning may-be-null steps.names.value"],
    right: plan(
      `all: { each: ["a"], do: { tool: person.find, with: { id: "\${item}" }, when: "\${inputs.yes}" } }\nnames: { value: "\${steps.all.output.map(p, p == null ? '' : p.name)}" }`,
    ),
  },
  {
    claim: "the next list goes over the nulls of the last one",
    wrong: plan(
      `all: { each: ["a"], tolerate: 50%, do: { tool: person.find, with: { id: "\${item}" } } }\nnext: { each: "\${steps.all.output}", as: p, do: { value: "\${p.name}" } }`,
    ),
    says: ["error may-be-null steps.next.do.value"],
    right: plan(
      `all: { each: ["a"], tolerate: 50%, do: { tool: person.find, with: { id: "\${item}" } } }\nnext: { each: "\${steps.all.output.filter(x, x != null)}", as: p, do: { value: "\${p.name}" } }`,
    ),
  },
  {
    claim: "there is nothing before the first iteration",
    wrong: plan(`again: { repeat: { value: { n: "\${previous.n + 1}" } }, until: "\${index == 3}", max: 5 }`),
    says: ["error may-be-null steps.again.repeat.value.n"],
    right: plan(
      `again: { repeat: { value: { n: "\${index == 0 ? 0 : previous.n + 1}" } }, until: "\${index == 3}", max: 5 }`,
    ),
  },
  {
    claim: "a condition over an iteration that gave nothing fails",
    wrong: plan(
      `again: { repeat: { tool: state.read, when: "\${index > 0}" }, until: "\${output.state == 'ready'}", max: 5 }`,
    ),
    says: ["error may-be-null steps.again.until"],
    right: plan(
      `again: { repeat: { tool: state.read, when: "\${index > 0}" }, until: "\${output != null && output.state == 'ready'}", max: 5 }`,
    ),
  },
  {
    claim: "what a schema does not require may be missing",
    wrong: plan(`one: { tool: person.find, with: { id: a } }\nnote: { value: "\${steps.one.output.note}" }`),
    says: ["warning may-be-missing steps.note.value"],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nnote: { value: "\${get(steps.one.output, 'note', '')}" }`,
    ),
  },
  {
    claim: "a condition of the step makes sure for all that it reads",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nnote: { value: "\${steps.one.output.note}", when: "\${has(steps.one.output.note) || inputs.yes}" }`,
    ),
    says: ["warning may-be-missing steps.note.value"],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nnote: { value: "\${steps.one.output.note}", when: "\${has(steps.one.output.note) && inputs.yes}" }`,
    ),
  },
  {
    claim: "a condition around makes sure for what is inside",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nall: { each: [1], do: { value: "\${steps.one.output.note}" } }`,
    ),
    says: ["warning may-be-missing steps.all.do.value"],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nall: { each: [1], when: "\${has(steps.one.output.note)}", do: { value: "\${steps.one.output.note}" } }`,
    ),
  },
  {
    claim: "an argument may not be null where the tool wants a value",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nsend: { tool: text.send, with: { to: "\${steps.one.output.mail}", text: x } }`,
    ),
    says: ["warning may-be-null steps.send.with.to"],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nsend: { tool: text.send, with: { to: x, text: x, cc: "\${steps.one.output.mail}" } }`,
    ),
  },
  {
    claim: "the arguments of a fallback are bound like those of the step",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nsend: { tool: text.send, with: { to: x, text: y }, fallback: [{ tool: text.send, with: { to: "\${steps.one.output.mail}", text: "\${steps.one.output.note}" } }] }`,
    ),
    says: [
      "warning may-be-missing steps.send.fallback[0].with.text",
      "warning may-be-null steps.send.fallback[0].with.to",
    ],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nsend: { tool: text.send, with: { to: x, text: y }, fallback: [{ tool: text.send, with: { to: "\${steps.one.output.name}", text: y } }] }`,
    ),
  },
  {
    claim: "a fallback that may give something else may not fit",
    wrong: plan(`one: { tool: person.find, with: { id: a }, fallback: [{ tool: person.cached, with: { id: a } }] }`),
    says: ["warning fallback-may-not-fit steps.one.fallback[0]"],
    right: plan(`one: { tool: person.find, with: { id: a }, fallback: [{ tool: person.find, with: { id: b } }] }`),
  },
  {
    claim: "what reads a value step reads its fallbacks",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nv: { value: "\${steps.one.output}", fallback: [{ value: null }] }\nn: { value: "\${steps.v.output.name}" }`,
    ),
    says: ["warning may-be-null steps.n.value"],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nv: { value: "\${steps.one.output}", fallback: [{ value: { name: x } }] }\nn: { value: "\${steps.v.output.name}" }`,
    ),
  },
  {
    claim: "nobody has to write a note who approves",
    wrong: plan(`ask: { approve: {} }\nsend: { tool: text.send, with: { to: x, text: "\${steps.ask.output.note}" } }`),
    says: ["warning may-be-missing steps.send.with.text"],
    right: plan(`ask: { approve: {} }\nsend: { tool: text.send, with: { to: x, text: "\${steps.ask.output.by}" } }`),
  },
  {
    claim: "an undo reads null where nobody knows whether there was an effect",
    wrong: plan(
      `send: { tool: text.send, with: { to: x, text: y }, undo: { tool: text.recall, with: { id: "\${output.id}" } } }`,
    ),
    says: ["error may-be-null steps.send.undo.with.id"],
    right: plan(
      `send: { tool: text.send, idempotent: true, with: { to: x, text: y }, undo: { tool: text.recall, with: { id: "\${output.id}" } } }`,
    ),
  },
  {
    claim: "who looks for an effect may find nothing",
    wrong: plan(
      `send: { tool: text.send, with: { to: x, text: y }, unknown: { verify: { tool: person.find, with: { id: a } }, done: "\${output.note == 'sent'}", output: { id: a } } }`,
    ),
    says: ["warning may-be-missing steps.send.unknown.done"],
    right: plan(
      `send: { tool: text.send, with: { to: x, text: y }, unknown: { verify: { tool: person.find, with: { id: a } }, done: "\${has(output.note) && output.note == 'sent'}", output: { id: a } } }`,
    ),
  },
  {
    claim: "the name of a signal, a key and what is shown are bound too",
    wrong: plan(
      `one: { tool: person.find, with: { id: a } }\nsign: { signal: "\${steps.one.output.note}" }\nask: { approve: { show: "\${steps.one.output.note}" } }\nsend: { tool: text.send, with: { to: x, text: y }, key: "\${steps.one.output.note}" }\nuntil: { wait: { until: "\${steps.one.output.note}" } }`,
    ),
    says: [
      "warning may-be-missing steps.sign.signal",
      "warning may-be-missing steps.ask.approve.show",
      "warning may-be-missing steps.send.key",
      "warning may-be-missing steps.until.wait.until",
    ],
    right: plan(
      `one: { tool: person.find, with: { id: a } }\nsign: { signal: "\${steps.one.output.name}" }\nask: { approve: { show: "\${steps.one.output.name}" } }\nsend: { tool: text.send, with: { to: x, text: y }, key: "\${steps.one.output.name}" }\nuntil: { wait: { until: "\${steps.one.output.name}" } }`,
    ),
  },
];

describe("what is bound on every branch", () => {
  it.each(CASES)("$claim", ({ wrong, says, right }) => {
    expect(found(wrong)).toEqual(says);
    expect(found(right)).toEqual([]);
  });

  const CALLED = `plan: press\nversion: 1.0.0\ninputs: { title: { type: string } }\nsteps:\n  maybe: { tool: person.find, with: { id: a }, when: "\${inputs.title == 'x'}" }\n`;

  it("gives null for a called plan whose outputs read a step that was skipped", () => {
    const called = [`${CALLED}outputs: { name: "\${steps.maybe.output.name}" }\n`];
    const read = (what: string) => plan(`press: { call: press, with: { title: t } }\nthen: { value: "\${${what}}" }`);
    expect(found(read("steps.press.output.name"), { called })).toEqual(["error may-be-null steps.then.value"]);
    expect(
      found(read("steps.press.output == null ? '' : steps.press.output.name"), {
        called,
      }),
    ).toEqual([]);
  });

  it("names the place in a called plan, and has that of the call", () => {
    const called = [`${CALLED}  note: { value: "\${steps.maybe.output.note}" }\n`];
    const [finding] = findingsOf(plan("press: { call: press, with: { title: t } }"), { called });
    expect(finding).toMatchObject({
      code: "may-be-missing",
      path: ["steps", "press", "call"],
    });
    expect(finding?.message).toContain("in the plan press@1.0.0, steps.note.value: steps.maybe.output.note");
    expect(finding).not.toHaveProperty("spot");
  });

  it("says what to write instead, and where in the text", () => {
    const [finding] = findingsOf(
      plan(`one: { tool: person.find, with: { id: a } }`, "respond: It is ${steps.one.output.note}!"),
    );
    expect(finding).toMatchObject({
      suggestion: 'get(steps.one.output, "note", "")',
      spot: { offset: 8, length: 21 },
    });
  });

  it("asks nothing of what nobody knows the type of", () => {
    expect(
      found(plan(`one: { tool: anything, with: { value: 1 } }\ntwo: { value: "\${steps.one.output.a.b}" }`)),
    ).toEqual([]);
  });

  it("is what the engine does: the plan fails at its end where the response reads a step that was skipped", async () => {
    const text = (respond: string) =>
      `plan: t\ninputs: { yes: { type: boolean, default: false } }\nsteps:\n  maybe: { value: 1, when: "\${inputs.yes}" }\n${respond}`;
    const wrong = await runPlan(text("respond: ${steps.maybe.output}"));
    expect([wrong.outcome, wrong.error?.code]).toEqual(["failed", "missing-output"]);
    const right = await runPlan(text('respond: "${has(steps.maybe.output) ? steps.maybe.output : 0}"'));
    expect([right.outcome, right.response]).toEqual(["succeeded", 0]);
  });
});

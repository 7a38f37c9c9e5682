// The plans that run while processes are killed: every kind of step, on tools whose effects are counted outside.

export interface LoadPlan {
  readonly name: string;
  readonly source: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
}

const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h"];

export const LOAD_PLANS: readonly LoadPlan[] = [
  plan("parallel", 3, [
    ...LETTERS.slice(0, 4).map((id, index) => `${id}: { tool: effects.again, with: { ms: ${index * 15} } }`),
    'all: { value: "${[steps.a.output, steps.b.output, steps.c.output, steps.d.output]}" }',
  ]),
  plan("orders", 4, [
    "reserve: { tool: effects.once, with: { ms: 20 } }",
    'charge: { tool: effects.once, with: { after: "${steps.reserve.output}", ms: 25 } }',
    'ship: { tool: effects.once, with: { after: "${steps.charge.output}" } }',
  ]),
  plan("trusting", 1, [
    "send: { tool: effects.once, unknown: retry, with: { ms: 30 } }",
    'check: { tool: effects.again, with: { after: "${steps.send.output}" } }',
  ]),
  plan("items", 2, [
    "list: { value: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }",
    'each: { each: "${steps.list.output}", as: it, concurrency: 4, do: { tool: effects.again, with: { after: "${it}", ms: 8 } } }',
    'count: { value: "${size(steps.each.output)}" }',
  ]),
  plan("wide", 0, [
    `each: { each: "\${inputs.list}", as: it, concurrency: 64, do: { tool: text.count, with: { text: "\${string(it)}" } } }`,
    'count: { value: "${size(steps.each.output)}" }',
  ]),
  plan("again", 2, [
    'loop: { repeat: { tool: effects.again, with: { after: "${previous}", ms: 10 } }, until: "${index >= 4}", max: 9 }',
  ]),
  plan("stubborn", 2, [
    "flaky: { tool: effects.flaky, with: { failures: 2 }, retry: { attempts: 6, delay: 20ms, jitter: none } }",
    'after: { tool: effects.once, with: { after: "${steps.flaky.output}" } }',
  ]),
  plan("hopeless", 1, [
    "first: { tool: effects.once, undo: { tool: effects.take-back, with: { of: '${output}' } } }",
    "second: { needs: [first], tool: effects.once, undo: { tool: effects.take-back, with: { of: '${output}', ms: 20 } } }",
    "fails: { needs: [second], tool: effects.flaky, with: { failures: 100 }, retry: 1 }",
  ]),
  plan("sleepy", 2, [
    "nap: { wait: 150ms }",
    'late: { tool: effects.again, with: { after: "${steps.nap.output}" } }',
    "second: { needs: [late], wait: 100ms }",
    'end: { tool: effects.once, with: { after: "${steps.second.output}" } }',
  ]),
  plan("taken", 3, [
    "one: { tool: effects.once, with: { ms: 10 }, undo: { tool: effects.take-back, with: { of: '${output}', ms: 10 } } }",
    "two: { tool: effects.again, with: { ms: 10 }, undo: { tool: effects.take-back, with: { of: '${output}', ms: 10 } } }",
    "three: { needs: [one, two], tool: effects.once, undo: { tool: effects.take-back, with: { of: '${output}' } } }",
    "hold: { needs: [three], signal: never }",
  ]),
  plan("asked", 3, [
    "draft: { tool: effects.again }",
    'ok: { approve: { show: "${steps.draft.output}" } }',
    "publish: { needs: [ok], tool: effects.once, with: { ms: 15 } }",
  ]),
  plan("called", 3, [
    "before: { tool: effects.again }",
    'paid: { needs: [before], signal: "paid" }',
    'deliver: { tool: effects.once, with: { after: "${steps.paid.output}", ms: 10 } }',
  ]),
  plan("files", 2, [
    "kept: { tool: fs.snapshot, with: { path: '${inputs.id}.txt' } }",
    "written: { needs: [kept], tool: fs.write, with: { path: '${inputs.id}.txt', text: 'ours ${inputs.id}' }, undo: { tool: fs.restore, with: { before: '${steps.kept.output}', text: 'ours ${inputs.id}' } } }",
    "read: { needs: [written], tool: fs.read, with: { path: '${inputs.id}.txt' } }",
    'count: { tool: text.count, with: { text: "${steps.read.output}" } }',
  ]),
  plan("large", 2, [
    ...LETTERS.slice(0, 2).map((letter) => `${letter}: { tool: effects.big, with: { letter: "${letter}" } }`),
    'read: { tool: text.count, with: { text: "${steps.a.output}" } }',
    'both: { tool: text.count, with: { text: "${steps.b.output}" }, needs: [read] }',
  ]),
  plan(
    "bulky",
    1,
    LETTERS.map((id) => `${id}: { tool: effects.bulky }`),
  ),
];

function plan(name: string, weight: number, steps: readonly string[]): LoadPlan {
  const inputs = "inputs: { id: { type: string }, list: { type: array, items: { type: integer }, default: [] } }";
  const source = [`plan: ${name}`, inputs, "steps:", ...steps.map((step) => `  ${step}`), "respond: ended", ""];
  return { name, weight, source: source.join("\n") };
}

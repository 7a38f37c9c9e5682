import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { StepDefinition } from "#events/definition.ts";
import { jsonObject, type Json } from "#events/json.ts";
import { toolRegistry } from "#src/all-tools.ts";
import { followed } from "#src/planning/conversation/follow-up.ts";
import { requestsIn } from "#src/planning/conversation/requests-in.ts";
import { sessionOf } from "#src/planning/request/past-plans.ts";
import { planned, plannable } from "#src/planning/request/planning.ts";
import { defineTool } from "#src/tools/define.ts";

// Any request, with anything that may come with it: planning gives a rest that can be, a question or a refusal, and throws nothing.

const mail = defineTool({
  name: "mail.send",
  version: "1.0.0",
  description: "Sends an email message to a recipient.",
  input: z.strictObject({ to: z.email(), subject: z.string() }),
  output: z.null(),
  sideEffects: "irreversible",
  run: () => null,
});
const pay = defineTool({ ...mail, name: "bank.pay", permissions: ["payments.send"] });

const grounds = {
  ...{ tools: toolRegistry([mail, pay]), granted: { forbidden: ["http.*"] }, reports: [], past: [] },
  now: Date.UTC(2026, 10, 28),
};
const CATALOG = new Set(plannable(grounds).map(({ name }) => name));

const WORDS =
  "count list read write send email mail.send bank.pay http.get the words lines of in README.md docs/tools.md ann@example.org tomorrow by Friday " +
  "within 2 hours without deleting anything do not use fs.read spend at most $5 and then also it that result second same for Oslo again . , ; \n ${ } \" ' 7 -1 1e9 \u202E ß 漢";
const word = fc.constantFrom(...WORDS.split(" "));
const sentence = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
const request = fc.oneof(sentence, sentence, fc.string({ unit: "binary", maxLength: 200 }));
const value: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 2 })
  .map((one) => z.json().parse(JSON.parse(JSON.stringify(one))));
const named = fc.dictionary(fc.oneof(word, fc.string({ maxLength: 10 })), value, { maxKeys: 4 });
const answer = fc.oneof(request, value, named);
const earlier = request.map((text) =>
  jsonObject.parse({
    ...{ plan: "00000000-0000-7000-8000-000000000000", at: 1, outcome: "succeeded" },
    made: { text, calls: [{ tool: "fs.read", arguments: { path: { kind: "habit", value: "a" } } }] },
    outputs: { text: "a", list: [1, 2] },
  }),
);
const SEEDED = { seed: 20_261_128, numRuns: 80 };
const LONG_MS = 120_000;

describe("any request", { timeout: LONG_MS }, () => {
  it("comes to a rest that can be, a question or a refusal", () => {
    const anything = fc.record({
      request,
      context: named,
      earlier: fc.array(earlier, { maxLength: 2 }),
      answers: fc.array(answer, { maxLength: 2 }),
    });
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anything, (asked) => {
        const result = planned({ ...asked, number: asked.answers.length + 1 }, grounds);
        kinds.add(result.kind);
        if (result.kind === "refusal") expect(result.message).not.toBe("");
        else expect(problemsOf(result.rest.steps)).toEqual([]);
      }),
      SEEDED,
    );
    expect([...kinds].sort()).toEqual(expect.arrayContaining(["plan", "question", "refusal"]));
  });

  it("is the same for the same", () => {
    fc.assert(
      fc.property(request, named, (text, context) => {
        const asked = { request: text, context, earlier: [], answers: [], number: 1 };
        expect(planned(asked, grounds)).toEqual(planned(asked, grounds));
      }),
      { ...SEEDED, numRuns: 15 },
    );
  });
});

/** Steps that a plan could not have, or that nobody granted. */
function problemsOf(steps: readonly StepDefinition[]): readonly string[] {
  const ids = steps.map(({ id }) => id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return [...twice, ...steps.flatMap((step) => problemsOfStep(step, steps))];
}

function problemsOfStep(step: StepDefinition, steps: readonly StepDefinition[]): readonly string[] {
  const before = steps.slice(0, steps.indexOf(step)).map(({ id }) => id);
  const open = step.needs.filter((need) => !before.includes(need) && !/^(?:plan|ask)(?:_\d+)?$/.test(need));
  if (step.kind !== "tool") return open;
  const called = [step.call, ...step.fallback].flatMap((call) => ("tool" in call ? [call.tool] : []));
  const foreign = called.filter((tool) => !CATALOG.has(tool) && !(tool === "planwright.plan" && step.revises === true));
  const isApproved = step.needs.some((need) => steps.find(({ id }) => id === need)?.kind === "approve");
  return [...open, ...foreign, ...(called.includes("mail.send") && !isApproved ? ["not asked about"] : [])];
}

describe("any conversation", { timeout: LONG_MS }, () => {
  const following = { entries: plannable(grounds), now: grounds.now };

  it("is read without fail, and what is found stands in the text", () => {
    fc.assert(
      fc.property(request, fc.array(earlier, { maxLength: 2 }), named, (text, before, answers) => {
        const found = followed(text, sessionOf(before), { ...following, answers });
        if (found.kind === "new") {
          for (const { from, to, words } of found.references) expect(found.text.slice(from, to)).toBe(words);
        }
        for (const part of requestsIn(text)) {
          expect(part.from).toBeGreaterThanOrEqual(0);
          expect(part.to).toBeGreaterThanOrEqual(part.from);
          expect(part.to).toBeLessThanOrEqual(text.length);
        }
      }),
      { ...SEEDED, numRuns: 300 },
    );
  });

  it.each([
    "a ",
    "the same for ",
    "and also ",
    "it ",
    "1. ",
    "no, ",
    "\n",
    "cancel that ",
    "; ",
    "the second ",
    "“",
    "\u202E",
    "a@b.c ",
  ])("of a text of 1 MB of %j takes no longer than its length", (piece) => {
    const text = piece.repeat(Math.ceil((1024 * 1024) / piece.length));
    const [earlierOne] = fc.sample(earlier, { ...SEEDED, numRuns: 1 });
    const session = sessionOf(earlierOne === undefined ? [] : [earlierOne]);
    const began = performance.now();
    requestsIn(text);
    followed(text, session, following);
    requestsIn(text.slice(0, 8_000));
    followed(text.slice(0, 8_000), session, following);
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

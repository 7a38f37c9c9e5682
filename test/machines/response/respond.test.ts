import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fact, type Fact, type FactData } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { MAX_SENTENCES, MAX_STEPS_NAMED } from "#events/plan-facts.ts";
import { blobRef, inline, valueOf } from "#events/payload.ts";
import { ERROR_CATEGORIES, errorOf, type ErrorCategory } from "#events/errors.ts";
import { advance } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { draftedOf, emptyState, isEnded, type PlanState } from "#machines/state.ts";
import { advancing, SCENARIO, scenario } from "#src/testing/scenario.ts";
import {
  cancelRequested,
  dispatched,
  failed as failedAttempt,
  planOf,
  started,
  succeeded,
  tool,
  value,
} from "../plans.ts";

interface Said {
  readonly response: Json | undefined;
  readonly sentences: readonly (readonly [string, ...string[]])[];
}

/** The answer of the plan's end, each sentence with its steps. */
function said(...facts: readonly (Fact | readonly Fact[])[]): Said {
  const state = folded(...facts);
  const decided = advance(state, AROUND);
  for (const one of decided.kind === "facts" ? decided.facts : []) fold(state, { fact: one, at: 3_000 });
  expect(isEnded(state)).toBe(true);
  const { response: kept, provenance = [] } = state;
  const response = kept === undefined ? undefined : valueOf(kept, NO_BLOBS);
  const sentences = provenance.map(({ from, to, steps }) => {
    return [typeof response === "string" ? response.slice(from, to).trim() : "", ...steps] as const;
  });
  return { response, sentences };
}

function folded(...facts: readonly (Fact | readonly Fact[])[]): PlanState {
  const state = emptyState(SCENARIO.plan);
  for (const one of facts.flat()) fold(state, { fact: one, at: 1_000 });
  return state;
}

const AROUND = {
  moment: { now: 2_000, epoch: 1, random: () => 0.5 },
  blobs: NO_BLOBS,
  slots: { executorFor: () => undefined },
};

function failedOf(step: string, message = "nobody answers", category: ErrorCategory = "unavailable"): Fact {
  return failedAttempt(step, { error: errorOf(category, "gone", message) });
}

const given = (step: string, output: Json): readonly Fact[] => [
  dispatched(step),
  succeeded(step, { output: inline(output) }),
];

describe("the response of a plan that failed", () => {
  const steps = [
    tool("find"),
    tool("count"),
    tool("publish", { needs: ["find"] }),
    tool("tell", { needs: ["publish"] }),
  ];

  it("says by itself how far it came, what failed and why, and what comes next", () => {
    const facts = [started(planOf(steps)), given("find", [1]), given("count", 1), dispatched("publish")];
    expect(said(...facts, failedOf("publish", "nobody answers.\n  at line 3"))).toEqual({
      response:
        "2 of 4 steps done. publish failed because: nobody answers. at line 3. Not done: tell. " +
        "Next: try again when the other side answers.",
      sentences: [
        ["2 of 4 steps done.", "find", "count"],
        ["publish failed because: nobody answers. at line 3.", "publish"],
        ["Not done: tell.", "tell"],
        ["Next: try again when the other side answers.", "publish"],
      ],
    });
  });

  it("is the plan's own for what is done, without the sentences that read what is not there", () => {
    const $partial =
      "Found ${size(steps.find.output)} notes, e.g. ${steps.find.output[0]}. Published as ${steps.publish.output.url}. " +
      "${failed.map(f, f.step + ' failed because ' + f.reason).join('; ')}. Still to do: ${left.join(', ')}.";
    const plan = planOf(steps, { respond: { $done: "never", $partial } });
    const before = [started(plan), given("find", ["a. B", "c"]), given("count", 2)];
    expect(said(...before, dispatched("publish"), failedOf("publish")).sentences).toEqual([
      ["Found 2 notes, e.g. a.", "find"],
      ["B.", "find"],
      ["publish failed because nobody answers.", "publish"],
      ["Still to do: tell.", "tell"],
    ]);
  });

  it("of a mapping or list has the entries that there are", () => {
    const facts = [given("find", [7]), given("count", 1), dispatched("publish"), failedOf("publish")];
    const answer = ($partial: Json): Json | undefined =>
      said(started(planOf(steps, { respond: { $partial } })), ...facts).response;
    expect(answer({ found: "${steps.find.output}", url: "${steps.publish.output}", done: "${done}" })).toEqual({
      found: [7],
      done: 2,
    });
    expect(answer(["${steps.publish.output}", "${total}"])).toEqual([4]);
    expect(answer({ url: "${steps.publish.output}" })).toMatch(/^2 of 4 steps done/);
    expect(answer("${steps.publish.output}")).toMatch(/^2 of 4 steps done/);
    expect(answer("${steps.find.output}")).toEqual([7]);
  });

  it("is that of `$failed` where nothing is done", () => {
    const plan = planOf([tool("find")], { respond: { $failed: "Nothing: ${failed[0].category}.", $partial: "some" } });
    expect(said(started(plan), dispatched("find"), failedOf("find"))).toEqual({
      response: "Nothing: unavailable.",
      sentences: [["Nothing: unavailable.", "find"]],
    });
  });

  it("asks for the blobs that its sentences read", () => {
    const plan = planOf([tool("a"), tool("b", { needs: ["a"] })], {
      respond: { $partial: "It was ${steps.a.output}." },
    });
    const ref = blobRef.parse("1".repeat(64));
    scenario(advancing)
      .given(started(plan), dispatched("a"), succeeded("a", { output: { blob: ref, bytes: 70_000 } }))
      .given(dispatched("b"), failedOf("b"))
      .when({})
      .thenNeedsBlobs(ref);
  });

  it("of an ordinary mapping is the default: only a success has that", () => {
    const plan = planOf([tool("find")], { respond: { done: true, failed: 3 } });
    expect(said(started(plan), dispatched("find"), failedOf("find")).response).toMatch(/^0 of 1 step done/);
    expect(said(started(plan), given("find", 1)).response).toEqual({ done: true, failed: 3 });
  });

  it("counts no step that has planned the others", () => {
    const plan = planOf([tool("plan", { revises: true }), tool("find", { needs: ["plan"] })]);
    expect(said(started(plan), given("plan", {}), dispatched("find"), failedOf("find")).response).toMatch(
      /^0 of 1 step/,
    );
  });
});

describe("the response of a plan that was stopped", () => {
  it("says what is done and what is not", () => {
    const facts = [started(planOf([tool("a"), tool("b", { needs: ["a"] })])), given("a", 1), cancelRequested()];
    expect(said(...facts).response).toBe(
      "Stopped: 1 of 2 steps done. Not done: b. Next: start it again if it is still wanted.",
    );
  });
});

describe("the response of a plan that succeeded", () => {
  it("names for each sentence the steps that its expressions read", () => {
    const plan = planOf([tool("a"), tool("b")], {
      respond: "${inputs.who} asked. ${steps.a.output.join('. ')} and ${steps.b.output}. Done.",
    });
    expect(said(started(plan, { who: "Ann" }), given("a", ["X", "Y"]), given("b", 5)).sentences).toEqual([
      ["Ann asked."],
      ["X.", "a"],
      ["Y and 5.", "a", "b"],
      ["Done."],
    ]);
  });

  it("names with a text from a model the steps that the model was given", () => {
    const write = tool(
      "write",
      { needs: ["a"] },
      { tool: "model.generate", with: { prompt: "${steps.notes.output}" } },
    );
    const plan = planOf([tool("a"), value("notes", "${steps.a.output}", { needs: ["a"] }), write], {
      respond: "${steps.write.output.text}",
    });
    const notes = succeeded("notes", { attempt: 0, output: inline("n") });
    expect(
      said(started(plan), given("a", "n"), notes, given("write", { text: "All is well. Really." })).sentences,
    ).toEqual([
      ["All is well.", "write", "notes", "a"],
      ["Really.", "write", "notes", "a"],
    ]);
  });

  it("fails the plan where it has no value, in either form", () => {
    const plan = planOf([tool("a")], {
      respond: { $done: "${steps.a.output.x}", $partial: "It ran. ${steps.a.output.x}" },
    });
    expect(said(started(plan), given("a", {})).response).toBe("It ran. ");
  });
});

describe("whatever becomes of a plan", () => {
  const outcome = fc.record({
    kind: fc.constantFrom("done", "failed", "left" as const),
    message: fc.oneof(fc.string({ unit: "grapheme", maxLength: 400 }), fc.constant("${steps.s0.output} ".repeat(300))),
    category: fc.constantFrom(...ERROR_CATEGORIES),
  });
  const respond = fc.constantFrom(
    undefined,
    {
      $partial: "${done}/${total}. ${failed.map(f, f.step + ': ' + f.reason).join('. ')}. ${steps.s1.output}. ${next}",
    },
    { $partial: "${steps.s0.output}", $failed: { why: "${failed[0].reason}", not: "${steps.s0.output}" } },
    { $failed: "", $partial: " " },
  );

  it("it answers, within bounds, with steps that there are, and the same when it is decided again", () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 80 }), respond, (outcomes, template) => {
        const steps = outcomes.map((_, index) => tool(`s${index}`));
        const plan = planOf(steps, { onFailure: "continue", ...(template === undefined ? {} : { respond: template }) });
        const facts = outcomes.flatMap(({ kind, message, category }, index): Fact[] => {
          if (kind === "left") return [];
          const step = `s${index}`;
          return [
            dispatched(step),
            kind === "done" ? succeeded(step, { output: inline(message) }) : failedOf(step, message, category),
          ];
        });
        const state = folded(started(plan), facts, cancelRequested());
        const decided = advance(state, AROUND);
        expect(advance(state, AROUND)).toEqual(decided);
        const [ending] = decided.kind === "facts" ? decided.facts : [];
        expect(ending?.type).toBe("PlanCancelled");
        if (ending?.type !== "PlanCancelled") return;
        expect(fact("PlanCancelled", ending.data)).toEqual(ending);
        expectBounded(ending.data, draftedOf(state).block.graph.indexOf);
      }),
      { numRuns: 60 },
    );
  });
});

function expectBounded(
  { response, provenance = [] }: FactData<"PlanCancelled">,
  known: ReadonlyMap<string, number>,
): void {
  const text = response && valueOf(response, NO_BLOBS);
  expect(JSON.stringify(text).length).toBeLessThan(200_000);
  expect(text).not.toBe("");
  expect(provenance.length).toBeLessThanOrEqual(MAX_SENTENCES);
  for (const { steps } of provenance) {
    expect(steps.length).toBeLessThanOrEqual(MAX_STEPS_NAMED);
    expect(steps.filter((id) => !known.has(id))).toEqual([]);
  }
  if (typeof text === "string") expect(provenance.at(-1)?.to).toBe(text.length);
}

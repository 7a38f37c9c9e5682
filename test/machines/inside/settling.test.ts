// How members come to an end, one decision at a time: what is waited for, what a closed window keeps, what a step then gives.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { calledPlan, type EachStep, type PlanDefinition, type StepDefinition } from "#events/definition.ts";
import { errorOf } from "#events/errors.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline, type Payload } from "#events/payload.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { outputOf, outputsOf } from "#machines/decide/member-outputs.ts";
import { stepIndex } from "#machines/step-path.ts";
import { begun, factsOf, follows, partOf, recordOf } from "../begun.ts";
import { after as stateAfter } from "../folded.ts";
import { answerAll, answerOne, FAILS } from "./answering.ts";
import {
  call,
  calling,
  dispatched,
  each,
  failed,
  ONCE,
  planOf,
  repeat,
  started,
  succeeded,
  tool,
  value,
} from "../plans.ts";

const REF = blobRef.parse("b".repeat(64));
const OTHER = blobRef.parse("c".repeat(64));
const KEPT: Payload = { blob: REF, bytes: 40_000 };
const loaded = (found: Json): Blobs => ({ get: (ref) => (ref === REF || ref === OTHER ? found : undefined) });
const missing = { kind: "needs-blobs", refs: [REF] };

/** An each whose items give what this template says. */
const giving = (output: Json, fields: Partial<EachStep> = {}, steps: readonly StepDefinition[] = [tool("do")]) => {
  const all = each("all", [0, 1, 2], { steps, ...fields });
  return { ...all, body: { ...all.body, output } };
};
const opened = (from: number, to: number, step = "all"): Fact =>
  fact("StepExpanded", { step, from, to, total: 3, items: inline([0, 1, 2]) });
const ran = (step: string, output: Payload = inline(step)): readonly Fact[] => [
  dispatched(step),
  succeeded(step, { output }),
];
const after = (steps: readonly StepDefinition[], ...facts: readonly (Fact | readonly Fact[])[]) => [
  ...started(planOf(steps)),
  ...facts.flat(),
];
const members = [0, 1, 2].map((member) => ran(`all/${member}/do`, KEPT));

/** What the members of the step `all` gave. */
function given(facts: readonly Fact[], blobs: Blobs = NO_BLOBS) {
  const state = stateAfter(facts);
  const scopes = [...(state.steps[stepIndex(state, "all")]?.expansion?.scopes.values() ?? [])];
  return { all: outputsOf(state, scopes, blobs), each: scopes.map((scope) => outputOf(state, scope, blobs)) };
}

describe("what members gave", () => {
  it("waits for blobs that a template of theirs reads, for each of them once", () => {
    const facts = after([giving("${[steps.do.output.big]}")], opened(0, 3), ...members);
    expect(given(facts).all).toEqual(missing);
    expect(given(facts, loaded({ big: 1 })).all).toEqual({
      kind: "value",
      value: [partOf([1], [1], [1])],
    });
    expect(follows(facts)).toEqual(missing);
  });

  it("waits for a list that is kept in parts, which is an entry like any other", () => {
    const list: Payload = {
      parts: [{ item: { blob: REF, bytes: 9 } }, partOf(2)],
      count: 2,
    };
    const facts = after([each("all", [0, 1, 2], { steps: [tool("do")] })], opened(0, 1), ran("all/0/do", list));
    expect(given(facts).all).toEqual(missing);
    expect(given(facts, loaded("big")).all).toEqual({
      kind: "value",
      value: [partOf(["big", 2])],
    });
  });

  it("is blobs alone where they gave nothing else", () => {
    const facts = after([each("all", [0, 1, 2], { steps: [tool("do")] })], opened(0, 3), ...members);
    const item = { item: KEPT };
    expect(given(facts).all).toEqual({ kind: "value", value: [item, item, item] });
    expect(given(facts).each).toEqual([KEPT, KEPT, KEPT].map((value) => ({ kind: "value", value })));
    expect(follows(facts)).toMatchObject({ facts: [{ data: { output: { parts: [item, item, item], count: 3 } } }] });
  });

  it("is null for one that failed after what its output reads had succeeded", () => {
    const steps = [tool("do"), tool("then", { needs: ["do"] })];
    const all = giving("${[steps.do.output]}", { tolerate: { count: 1 } }, steps);
    const facts = after([all], opened(0, 1), ran("all/0/do"), dispatched("all/0/then"), failed("all/0/then"));
    expect(given(facts).each).toEqual([{ kind: "value", value: inline(null) }]);
  });

  it("is null for one whose block gives nothing", () => {
    const { body, ...all } = each("all", [0, 1, 2], { steps: [tool("do")] });
    const facts = after([{ ...all, body: { steps: body.steps } }], opened(0, 1), ran("all/0/do"));
    expect(given(facts).each).toEqual([{ kind: "value", value: inline(null) }]);
  });

  it("is null for one whose output was to come from a step that was skipped, and is what it says otherwise", () => {
    const all = giving("${[steps.do.output]}", {}, [tool("do", { when: "item == 1" })]);
    const skipped = fact("StepSkipped", { step: "all/0/do", reason: { kind: "when" } });
    const facts = after([all], opened(0, 2), skipped, ran("all/1/do", inline(5)));
    expect(given(facts).each).toEqual([null, [5]].map((entry) => ({ kind: "value", value: inline(entry) })));
  });
});

describe("a window that opens", () => {
  const all = (concurrency: number) =>
    each("all", "${inputs.items}", { steps: [tool("do"), tool("too")], concurrency });
  const window = (from: number, to: number) =>
    fact("StepExpanded", { step: "all", from, to, total: 3_000, items: inline([]) });
  const opens = (concurrency: number) =>
    follows(after([all(concurrency)], window(0, 1), dispatched("all/0/do")), { slots: 0 });

  it("brings as many items as have a thousand steps, or as run at once, before the one before has ended", () => {
    const next = (to: number) => [fact("StepExpanded", { step: "all", from: 1, to })];
    expect(opens(2)).toMatchObject({ facts: next(501) });
    expect(opens(900)).toMatchObject({ facts: next(901) });
    expect(opens(9_000)).toMatchObject({ facts: next(3_000) });
  });
});

describe("a window that is closed", () => {
  const undo = { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE };

  it("keeps nothing to undo where there is nothing", () => {
    const facts = after([each("all", [0, 1, 2], { steps: [tool("do")] })], opened(0, 1), ran("all/0/do"));
    const closed = { step: "all", from: 0, to: 1, outputs: [partOf("all/0/do")] };
    expect(follows(facts)).toEqual({ kind: "facts", facts: [fact("StepWindowClosed", closed)] });
  });

  it("waits for blobs that what its items give is made of, or that their undo calls read", () => {
    const reads = after([giving("${steps.do.output.big}")], opened(0, 1), ran("all/0/do", KEPT));
    const undone = after(
      [each("all", [0, 1, 2], { steps: [tool("do", { undo })] })],
      opened(0, 1),
      ran("all/0/do", KEPT),
    );
    for (const facts of [reads, undone]) {
      expect(follows(facts)).toEqual(missing);
      expect(follows(facts, { blobs: loaded({ big: 1 }) })).toMatchObject({ facts: [{ type: "StepWindowClosed" }] });
    }
  });

  it("keeps how items failed that may, and nothing of the window behind it", () => {
    const all = each("all", [0, 1, 2], { steps: [tool("do")], tolerate: { count: 1 } });
    const windows = [opened(0, 1), opened(1, 2), dispatched("all/0/do"), failed("all/0/do"), dispatched("all/1/do")];
    const error = {
      index: 0,
      category: "unavailable",
      code: "steps-failed",
      message: "all/0/do failed: nobody answers",
    };
    const closed = { step: "all", from: 0, to: 1, outputs: [partOf(null)], errors: partOf(error) };
    expect(follows(after([all], ...windows))).toEqual({ kind: "facts", facts: [fact("StepWindowClosed", closed)] });
  });

  it("fails its step where a template of its items has no value", () => {
    const facts = after([giving("${1 / steps.do.output}")], opened(0, 1), ran("all/0/do", inline(0)));
    expect(follows(facts)).toMatchObject({ facts: [{ type: "StepFailed", data: { step: "all" } }] });
  });

  it("of a repeat keeps no outputs: nobody reads any but the last", () => {
    const driver = begun([repeat("more", "index == 65", { steps: [tool("do")], max: 70 })]);
    answerAll(driver);
    expect(factsOf(driver, "StepWindowClosed")).toEqual([{ step: "more", from: 0, to: 64, outputs: [] }]);
  });

  it("gives its outputs and errors in the order of the items, in whatever order windows were closed", () => {
    const all = each("all", [0, 1, 2], { steps: [tool("do")], concurrency: 3, tolerate: { count: 2 } });
    const closed = (member: number) =>
      fact("StepWindowClosed", {
        step: "all",
        from: member,
        to: member + 1,
        outputs: [partOf(member)],
        errors: partOf(member),
      });
    const windows = [opened(0, 1), opened(1, 2), opened(2, 3)];
    const facts = after(
      [all],
      ...windows,
      ran("all/1/do"),
      closed(1),
      ran("all/0/do"),
      closed(0),
      ran("all/2/do"),
      closed(2),
    );
    const [list] = [inline([0, 1, 2])];
    expect(follows(facts)).toMatchObject({ facts: [{ type: "StepSucceeded", data: { output: list, errors: list } }] });
  });
});

describe("a call", () => {
  const plan = (outputs: Json): Partial<PlanDefinition> => ({
    calls: { inner: calledPlan.parse({ name: "inner", steps: [tool("do")], outputs }) },
  });
  const facts = (outputs: Json, output: Payload) => [
    ...started(planOf([calling("c", "inner")], plan(outputs))),
    fact("StepExpanded", { step: "c", from: 0, to: 1, total: 1, inputs: inline({}) }),
    ...ran("c/do", output),
  ];

  it("waits for blobs that what its plan gives is made of", () => {
    const own = facts({ big: "${steps.do.output.big}" }, KEPT);
    expect(follows(own)).toEqual(missing);
    expect(follows(own, { blobs: loaded({ big: 1 }) })).toMatchObject({
      facts: [{ data: { output: inline({ big: 1 }) } }],
    });
  });

  it("fails where that has no value", () => {
    const own = facts({ big: "${1 / steps.do.output}" }, inline(0));
    expect(follows(own)).toMatchObject({
      facts: [{ type: "StepFailed", data: { step: "c", error: { category: "validation" } } }],
    });
  });

  it("fails by what is wrong with its inputs", () => {
    const definition = planOf([calling("c", "inner", { with: { n: "${1 / 0}" } })], {
      calls: { inner: planOf([tool("do")], { inputs: { n: { schema: {} } } }) },
    });
    expect(follows(started(definition))).toMatchObject({ facts: [{ data: { error: { category: "validation" } } }] });
    expect(follows(started(definition))).not.toMatchObject({ facts: [{ data: { error: { code: "missing-input" } } }] });
  });
});

describe("a repeat", () => {
  const opening = (step: string) => fact("StepExpanded", { step, from: 0, to: 1, total: 5 });
  const more = (until: string, output: Json = "${steps.do.output}", id = "all") => {
    const step = repeat(id, until, { steps: [tool("do")], needs: ["z"] });
    return { ...step, body: { ...step.body, output } };
  };

  it("waits for blobs that an iteration gives, or that its condition reads", () => {
    const kept = ran("z", { blob: OTHER, bytes: 40_000 });
    const reads = after(
      [tool("z"), more("true", "${[steps.do.output.big]}")],
      ran("z"),
      opening("all"),
      ran("all/0/do", KEPT),
    );
    const asks = after([tool("z"), more("steps.z.output.big == 1")], kept, opening("all"), ran("all/0/do"));
    expect(follows(reads)).toEqual(missing);
    expect(follows(asks)).toEqual({ kind: "needs-blobs", refs: [OTHER] });
    for (const facts of [reads, asks])
      expect(follows(facts, { blobs: loaded({ big: 1 }) })).toMatchObject({ facts: [{ type: "StepSucceeded" }] });
  });

  it("fails where an iteration's output has no value", () => {
    const facts = after(
      [tool("z"), more("true", "${1 / steps.do.output}")],
      ran("z"),
      opening("all"),
      ran("all/0/do", inline(0)),
    );
    expect(follows(facts)).toMatchObject({ facts: [{ type: "StepFailed", data: { step: "all" } }] });
  });

  it("has a condition of its own beside others in the same plan", () => {
    const driver = begun([value("z", 1), more("index == 0"), more("index == 1", 1, "other")]);
    answerAll(driver);
    const rounds = factsOf(driver, "StepExpanded").map((data) => (data as { step: string }).step);
    expect(rounds.filter((step) => step === "all")).toHaveLength(1);
    expect(rounds.filter((step) => step === "other")).toHaveLength(2);
  });

  it("that goes on for too long fails for want of more", () => {
    const driver = begun([repeat("more", "false", { steps: [tool("do")], max: 2 })]);
    answerAll(driver);
    expect(recordOf(driver, "more").error).toMatchObject({ category: "resource-exhausted", code: "repeat-exhausted" });
  });
});

describe("a step with steps inside that failed", () => {
  it("says so with the category of the first one", () => {
    const driver = begun([repeat("more", "true", { steps: [tool("do")] })]);
    answerOne(driver, "more/0/do", () => FAILS);
    expect(recordOf(driver, "more").error).toEqual(
      errorOf("unavailable", "steps-failed", "more/0/do failed: nobody answers"),
    );
  });
});

// A report is taken when what it decides on is at hand: a large output, or what the call that takes it back reads.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { AttemptOutcome, Command } from "#events/commands.ts";
import type { ToolStep } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline } from "#events/payload.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { decide } from "#machines/decide/decide.ts";
import type { Advance, Decision } from "#machines/decide/decision.ts";
import { fold } from "#machines/fold.ts";
import { emptyState } from "#machines/state.ts";
import { advancing, type Offer } from "#src/testing/scenario.ts";
import {
  call,
  dispatched,
  EPOCH,
  failed,
  GIVEN_AT,
  lost,
  NOW,
  ONCE,
  PLAN,
  planOf,
  started,
  succeeded,
  timedOut,
  tool,
} from "../plans.ts";
import { failure, report, silence } from "../reports.ts";

const OUT = blobRef.parse("a".repeat(64));
const IN = blobRef.parse("b".repeat(64));
const kept: AttemptOutcome = { kind: "succeeded", output: { blob: OUT, bytes: 50_000 } };
const holding = (values: Readonly<Record<string, Json>>): Blobs => ({ get: (ref) => values[ref] });
const lostBlobs: Blobs = { get: () => undefined, problem: () => "its file is gone" };

const stateOf = (given: readonly Fact[]) => {
  const state = emptyState(PLAN);
  for (const one of given) fold(state, { fact: one, at: GIVEN_AT });
  return state;
};
const moment = { now: NOW, epoch: EPOCH, random: () => 0.5 };
const said = (command: Command, given: readonly Fact[], blobs?: Blobs) =>
  decide(command, stateOf(given), blobs === undefined ? moment : { ...moment, blobs });
const follows = (given: readonly Fact[], offer: Offer = {}) => advancing(offer, stateOf(given), moment);

/** The facts of an answer that has some. */
const factsOf = (answer: Decision | Advance): readonly Fact[] => ("facts" in answer ? answer.facts : []);

const undo = (source: Json): NonNullable<ToolStep["undo"]> => ({
  call: call({ tool: "test.undo", version: "2.0.0", with: { of: source } }),
  retry: ONCE,
});

describe("the success of a step that can be taken back", () => {
  const plan = (source: Json) => planOf([tool("z"), tool("a", { needs: ["z"], undo: undo(source) })]);
  const given = (source: Json) => [
    ...started(plan(source)),
    dispatched("z"),
    succeeded("z", { output: { blob: IN, bytes: 50_000 } }),
    dispatched("a"),
  ];
  const taken = (of: Json) => ({
    facts: [{ type: "StepSucceeded", data: { undo: { tool: "test.undo", version: "2.0.0", args: inline({ of }) } } }],
  });

  it("waits for its output where that is a blob, and records the call that takes it back", () => {
    const own = given("${output.id}");
    for (const blobs of [undefined, NO_BLOBS])
      expect(said(report(kept), own, blobs)).toEqual({ kind: "needs-blobs", refs: [OUT] });
    expect(said(report(kept), own, holding({ [OUT]: { id: 7 } }))).toMatchObject(taken(7));
  });

  it("waits for what else that call reads", () => {
    const both = given("${steps.z.output.id}");
    expect(said(report(kept), both, holding({ [OUT]: 1 }))).toEqual({ kind: "needs-blobs", refs: [IN] });
    expect(said(report(kept), both, holding({ [OUT]: 1, [IN]: { id: 8 } }))).toMatchObject(taken(8));
  });

  it("is one without such a call where its arguments have no value, and where the step has none", () => {
    const [only] = factsOf(said(report({ kind: "succeeded", output: inline(1) }), given("${output.id}")));
    expect(only).toEqual(succeeded("a", { output: inline(1) }));
    const plain = [...started(planOf([tool("a")])), dispatched("a")];
    const facts = factsOf(said(report(kept), plain));
    expect(facts).toEqual([succeeded("a", { output: { blob: OUT, bytes: 50_000 } })]);
    expect("undo" in (facts[0]?.data ?? {})).toBe(false);
  });
});

describe("the success of a fallback", () => {
  const fallback = [call({ tool: "test.other" })];
  const plan = planOf([tool("a", { fallback, fits: { type: "object" } })]);
  const second = { attempt: 2, alternative: 0, tool: "test.other" } as const;
  const before = [
    ...started(plan),
    dispatched("a"),
    failed("a", { next: { kind: "fallback", index: 0 } }),
    dispatched("a", second),
  ];

  it("waits for its output where that is a blob, also late", () => {
    const command = report(kept, 2);
    const tries = [before, [...before, lost("a", { attempt: 2, next: { kind: "unknown", policy: "ask" } })]];
    for (const given of tries) {
      for (const blobs of [undefined, NO_BLOBS])
        expect(said(command, given, blobs)).toEqual({ kind: "needs-blobs", refs: [OUT] });
      expect(said(command, given, holding({ [OUT]: {} }))).toMatchObject({ kind: "accepted" });
    }
    const [, late = []] = tries;
    expect(said(command, late, holding({ [OUT]: {} }))).toMatchObject({
      facts: [{ data: { adopted: true, undoDue: false } }],
    });
    expect(said(command, late, holding({ [OUT]: 3 }))).toMatchObject({
      facts: [{ data: { adopted: false, undoDue: true } }],
    });
    expect(said(command, before, lostBlobs)).toMatchObject({ facts: [{ type: "StepFailed" }] });
  });
});

describe("silence about an attempt that has ended", () => {
  const given = [...started(planOf([tool("a")], { onFailure: "continue" })), dispatched("a"), lost("a")];

  it("is no news, however it is said", () => {
    expect(said(report(silence), given)).toEqual({ kind: "duplicate" });
    expect(said(report({ ...failure, isSilent: true }), given)).toEqual({ kind: "duplicate" });
    expect(said(report(failure), given)).toMatchObject({ facts: [{ type: "StepLateReported" }] });
  });

  it("names what ended it, by its code", () => {
    const unanswered = [...started(planOf([tool("a")])), dispatched("a"), timedOut("a")];
    const state = stateOf(unanswered);
    expect(state.steps[0]?.error).toMatchObject({ category: "timeout", code: "attempt-timed-out" });
  });
});

describe("an undo call", () => {
  const made = { tool: "test.undo", version: "2.0.0" };
  const begun = (fields: Partial<ToolStep>, args: NonNullable<Parameters<typeof succeeded>[1]>) => {
    const plan = planOf([tool("a", { undo: undo("${output}"), ...fields })]);
    const rollback = fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] });
    const given = [...started(plan), dispatched("a"), succeeded("a", args), rollback];
    const first = follows(given);
    return first.kind === "facts" ? [...given, ...first.facts] : given;
  };

  it("holds what its step held, but for its key, and says which step it takes back", () => {
    const given = begun({ pool: "gpu", uses: { db: 2 }, key: "k" }, { undo: { ...made, args: inline({ of: 1 }) } });
    expect(follows(given)).toMatchObject({
      facts: [
        {
          type: "StepDispatched",
          data: {
            undoes: "a",
            tool: "test.undo",
            toolVersion: "2.0.0",
            args: inline({ of: 1 }),
            tokens: ["pool:1:gpu", "resource:2:db"],
          },
        },
      ],
    });
    expect(follows(given, { slots: 0 })).toEqual({ kind: "idle" });
    const facts = factsOf(follows(begun({}, { undo: { ...made, args: inline({ of: 1 }) } })));
    expect("tokens" in (facts[0]?.data ?? {})).toBe(false);
  });

  it("waits for arguments that are kept as a blob, and fails by name where they are lost", () => {
    const given = begun({}, { undo: { ...made, args: { blob: IN, bytes: 50_000 } } });
    expect(follows(given)).toEqual({ kind: "needs-blobs", refs: [IN] });
    expect(follows(given, { blobs: holding({ [IN]: { of: 5 } }) })).toMatchObject({
      facts: [{ data: { undoes: "a" } }],
    });
    expect(follows(given, { blobs: lostBlobs })).toMatchObject({
      facts: [{ type: "StepFailed", data: { attempt: 0 } }],
    });
  });

  it("without a value for its arguments fails, and says of which step", () => {
    const plan = { undo: undo("${output.id}") };
    const facts = factsOf(follows(begun(plan, { output: inline(1) })));
    expect(facts).toMatchObject([{ type: "StepFailed", data: { error: { category: "validation" } } }]);
    expect((facts[0]?.data as { error: { message: string } }).error.message).toMatch(/^a cannot be taken back: ./);
  });
});

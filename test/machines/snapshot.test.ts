import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { calledPlan } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { fold } from "#machines/fold.ts";
import { decodeState, definitionOf, encodeState } from "#machines/snapshot.ts";
import { emptyState, pathAt, type PlanState } from "#machines/state.ts";
import { Driver } from "./driver.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import { indexesOf, throughSnapshot } from "./index-truth.ts";
import { answerAll, FAILS } from "./inside/answering.ts";
import {
  calling,
  dispatched,
  each,
  EPOCH,
  failed,
  GIVEN_AT,
  lost,
  PLAN,
  planFailed,
  planOf,
  repeat,
  started,
  succeeded,
  tool,
  UNAVAILABLE,
  value,
} from "./plans.ts";

const plan = planOf([tool("a"), tool("b", { needs: ["a"] })]);

/** The records of a state by their paths, without what the state keeps of them elsewhere. */
function recordsOf(state: PlanState) {
  return Object.fromEntries(
    state.steps.flatMap((record, index) => {
      if (record === undefined) return [];
      const { scope, expansion, ...rest } = record;
      const { windows, closed, begun, ended, failed: failures, held, barriers } = expansion ?? {};
      const inside = expansion && { windows, closed, begun, ended, failures, held, barriers: [...(barriers ?? [])] };
      const { inputs, previous, result, isHeld, member } = scope;
      const name = `${scope.block.isUndo ? "rollback " : ""}${pathAt(state, index)}`;
      return [[name, { ...rest, inside, around: { inputs, previous, result, isHeld, member } }]];
    }),
  );
}

function restored(state: PlanState): PlanState {
  const found = throughSnapshot(state);
  expect(recordsOf(found)).toEqual(recordsOf(state));
  expect(indexesOf(found)).toEqual(indexesOf(state));
  expect(encodeState(found)).toEqual(encodeState(state));
  return found;
}

describe("a snapshot", () => {
  it("of a plan without a definition does not exist", () => {
    expect(() => encodeState(emptyState(PLAN))).toThrow(refused("plan-undrafted"));
  });

  it("leaves out steps that nothing has happened to", () => {
    const steps = Array.from({ length: 50 }, (_, index) => value(`s${index}`, 1, { needs: index === 0 ? [] : ["s0"] }));
    const encoded = encodeState(after(started(planOf(steps)))) as { steps: readonly unknown[] };
    expect(encoded.steps).toHaveLength(1);
  });

  it("does not change with the state that it was taken of", () => {
    const state = after(started(plan), dispatched("a"));
    const encoded = encodeState(state);
    const before = JSON.stringify(encoded);
    fold(state, { fact: succeeded("a"), at: GIVEN_AT });
    expect(JSON.stringify(encoded)).toBe(before);
    fold(decodeState(PLAN, encoded, NO_BLOBS), { fact: succeeded("a"), at: GIVEN_AT });
    expect(JSON.stringify(encoded)).toBe(before);
  });

  it("of a plan that was cancelled before it started has nothing ready", () => {
    const state = after(started(plan).slice(0, 1), fact("PlanCancelled", { epoch: EPOCH }));
    expect([...decodeState(PLAN, encodeState(state), NO_BLOBS).ready]).toEqual([...state.ready]);
  });

  it.each([null, 7, {}, { revision: 3 }, { definition: { inline: {} } }])(
    "that nobody made is unreadable: %j",
    (source) => {
      expect(() => decodeState(PLAN, source as Json, NO_BLOBS)).toThrow(refused("snapshot-unreadable"));
    },
  );

  it("whose definition is a blob needs it", () => {
    const encoded = encodeState(after(started(plan))) as Record<string, Json>;
    const source = { ...encoded, definition: { blob: "ab".repeat(32), bytes: 9 } };
    expect(() => decodeState(PLAN, source, NO_BLOBS)).toThrow(refused("snapshot-unreadable"));
    expect(decodeState(PLAN, source, { get: () => plan as Json }).revision).toBe(1);
  });
});

const skipped = (step: string): Fact => fact("StepSkipped", { step, reason: { kind: "when" } });

describe("what a snapshot keeps of a step that is pending", () => {
  const three = [value("x", 1), value("y", 1), value("z", 1)];
  const next = { next: { kind: "fallback", index: 0 } } as const;

  it("is which of its needs were met, and which were skipped", () => {
    const both = planOf([
      ...three,
      tool("all", { needs: ["x", "y"] }),
      tool("any", { needs: ["y", "z"], join: "any" }),
    ]);
    const met = restored(after(started(both), succeeded("x", { attempt: 0 })));
    further(met, succeeded("y", { attempt: 0 }));
    expect(recordOf(met, "all").readyAt).toBe(GIVEN_AT);
    const condemned = restored(after(started(both), skipped("y")));
    further(condemned, skipped("z"));
    expect([...condemned.skippable].map((index) => pathAt(condemned, index)).sort()).toEqual(["all", "any"]);
  });

  it("is that it was given up before it could start", () => {
    const race = planOf([
      tool("a"),
      tool("b"),
      tool("c", { needs: ["b"] }),
      tool("z", { needs: ["a", "c"], join: { first: 1 } }),
    ]);
    const given = fact("StepCancelRequested", { step: "c", because: "z" });
    expect(recordOf(restored(after(started(race), dispatched("a"), succeeded("a"), given)), "c").chart.value).toBe(
      "cancelled",
    );
  });

  it("is its attempts, where it waits for something now that was not there before", () => {
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([tool("b")]), inputs: {} }] });
    answerAll(driver, () => FAILS);
    const later = planOf([tool("a"), tool("b", { needs: ["a"] })]);
    driver.turn({ commands: [{ type: "RevisePlan", definition: later, edition: 1 }], slots: 0 });
    const { generation, attempts, readyAt } = recordOf(restored(driver.state), "b");
    expect({ generation, readyAt, attempts: attempts.length }).toEqual({ generation: 1, readyAt: 0, attempts: 1 });
  });

  it("is how often it has begun, where it never needed an attempt", () => {
    const driver = new Driver();
    const steps = [tool("a"), value("b", 1, { needs: ["a"] })];
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
    answerAll(driver);
    driver.turn({ commands: [{ type: "RollbackPlan" }] });
    driver.turn({ commands: [{ type: "ReopenPlan" }], slots: 0 });
    expect(recordOf(restored(driver.state), "b")).toMatchObject({ generation: 2, attempts: [], readyAt: 0 });
  });

  it("is what it did before the plan was reopened: its attempts and how often it has begun", () => {
    const chain = planOf([tool("a"), tool("b", { needs: ["a"], fallback: [{ value: 1 }] })]);
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: chain, inputs: {} }] });
    driver.record(succeeded("a"));
    driver.turn();
    driver.record(failed("b", next), failed("b", { attempt: 0 }));
    driver.turn();
    driver.turn({ commands: [{ type: "RollbackPlan", from: "a", acceptIrreversible: true }] });
    driver.turn({ commands: [{ type: "ReopenPlan" }], slots: 0 });
    const found = restored(driver.state);
    expect(recordOf(found, "b")).toMatchObject({
      generation: 2,
      attempts: [{ attempt: 1 }],
      chart: { value: "pending" },
    });
  });
});

describe("what a snapshot keeps of a plan", () => {
  it("is what it was given, what it gave and answered, and what made it fail", () => {
    const driver = new Driver();
    const definition = planOf([value("a", "${inputs.n}")], {
      inputs: { n: { schema: {} } },
      outputs: { a: "${steps.a.output}" },
      respond: "done",
    });
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: { n: 4 } }] });
    const { inputs, outputs, response, root } = restored(driver.state);
    expect({ inputs, outputs, response, root: root?.inputs }).toEqual({
      inputs: inline({ n: 4 }),
      outputs: inline({ a: 4 }),
      response: inline("done"),
      root: inline({ n: 4 }),
    });
    expect(restored(after(started(plan), dispatched("a"), failed("a"), planFailed(UNAVAILABLE, "a"))).error).toEqual(
      UNAVAILABLE,
    );
  });

  it("is the signals on their way, and the ids that are known", () => {
    const sent = (number: number, id?: string) =>
      fact("SignalReceived", {
        ...{ epoch: EPOCH, number, name: "go", payload: inline(number), by: "os:alice", expiresAt: 9_000 },
        ...(id === undefined ? {} : { id }),
      });
    const state = after(started(plan), sent(1, "first"), sent(2), fact("SignalExpired", { epoch: EPOCH, number: 1 }));
    expect(state.signals.rememberedIds()).toEqual(["first"]);
    const { signals } = restored(state);
    expect(signals.isKnown("first")).toBe(true);
    expect([signals.count, signals.list().map(({ number }) => number)]).toEqual([2, [2]]);
    expect(() => after(started(plan), sent(2))).toThrow(refused("event-refused"));
  });

  it("is what its rollbacks took back, why, and what they still have to", () => {
    const part = { from: "a", to: "b", error: UNAVAILABLE, cause: "failure" } as const;
    const rolling = fact("PlanRollbackStarted", { epoch: EPOCH, number: 1, irreversible: [], ...part });
    const state = after(started(plan), dispatched("a"), failed("a"), planFailed(UNAVAILABLE, "a"), rolling);
    state.undone.add("all/3/do");
    const found = restored(state);
    expect(found.rollbacks).toMatchObject([{ from: "a", to: "b", error: UNAVAILABLE }]);
    expect([...found.undone]).toEqual(["all/3/do"]);
  });

  it("is in which order its steps became ready", () => {
    const state = after(
      started(
        planOf([
          each("all", [1, 2], { steps: [tool("do")] }),
          tool("late", { needs: ["v"] }),
          value("v", 1),
          tool("m"),
        ]),
      ),
      fact("StepExpanded", { step: "all", from: 0, to: 2, total: 2, items: inline([1, 2]) }),
    );
    fold(state, { fact: succeeded("v", { attempt: 0 }), at: GIVEN_AT + 5 });
    const order = (of: PlanState) => [...of.ready].map((index) => pathAt(of, index));
    expect(order(state)).toEqual(["m", "all/0/do", "all/1/do", "late"]);
    expect(order(restored(state))).toEqual(order(state));
  });

  it("names the payload of its definition", () => {
    const encoded = encodeState(after(started(plan))) as Record<string, Json>;
    expect(definitionOf(encoded)).toEqual(inline(plan as Json));
    const ref = { blob: blobRef.parse("ab".repeat(32)), bytes: 9 };
    expect(definitionOf({ ...encoded, definition: ref })).toEqual(ref);
  });

  it("is unreadable where nobody made it so, and says why", () => {
    const wrong = { ...(encodeState(after(started(plan))) as object), steps: 7 };
    expect(() => decodeState(PLAN, wrong as Json, NO_BLOBS)).toThrow(
      expect.objectContaining({ code: "snapshot-unreadable", cause: expect.any(TypeError) }),
    );
  });
});

describe("what a snapshot keeps of the members of a step", () => {
  it("is their windows, what those that closed gave, and who may still report of them", () => {
    const all = each("all", [1, 2, 3], { steps: [tool("do")], concurrency: 2 });
    const outputs = [{ items: { inline: [7] }, count: 1 }];
    const state = after(
      started(planOf([all])),
      fact("StepExpanded", { step: "all", from: 0, to: 1, total: 3, items: inline([1, 2, 3]), barriers: [2] }),
      fact("StepExpanded", { step: "all", from: 1, to: 3 }),
      dispatched("all/0/do"),
      lost("all/0/do", { next: { kind: "retry", dueAt: 1, delayMs: 1 } }),
      dispatched("all/0/do", { attempt: 2 }),
      succeeded("all/0/do", { attempt: 2 }),
      dispatched("all/1/do"),
      fact("StepWindowClosed", { step: "all", from: 0, to: 1, outputs }),
    );
    const found = restored(state);
    expect(found.silent).toEqual(state.silent);
    expect(found.silent.size).toBe(1);
    expect(recordOf(found, "all").expansion?.closed).toMatchObject([{ outputs }]);
    further(found, succeeded("all/1/do"));
    expect(recordOf(state, "all").expansion?.ended).toBe(1);
    expect(recordOf(found, "all").expansion?.ended).toBe(2);
  });

  it("is not shared with the snapshot: what goes on from one changes nothing in it", () => {
    const all = each("all", [1, 2], { steps: [tool("do")] });
    const items = { step: "all", from: 0, to: 2, total: 2, items: inline([1, 2]) };
    const encoded = encodeState(after(started(planOf([all])), fact("StepExpanded", items), dispatched("all/0/do")));
    const before = JSON.stringify(encoded);
    const found = decodeState(PLAN, encoded, NO_BLOBS);
    further(found, succeeded("all/0/do"), dispatched("all/1/do"), succeeded("all/1/do"));
    further(found, fact("StepWindowClosed", { step: "all", from: 0, to: 2, outputs: [] }));
    expect(JSON.stringify(encoded)).toBe(before);
  });

  it("is what a called plan was given", () => {
    const driver = new Driver();
    const calls = { inner: calledPlan.parse({ name: "inner", steps: [tool("do")], inputs: { n: { schema: {} } } }) };
    const definition = planOf([calling("call", "inner", { with: { n: 5 } })], { calls });
    driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
    expect(recordOf(restored(driver.state), "call/do").scope.inputs).toEqual(inline({ n: 5 }));
  });

  it("is what an iteration was given by the one before", () => {
    const driver = new Driver();
    const poll = repeat("poll", "false", { steps: [tool("do", {}, { with: { before: "${previous}" } })] });
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([poll]), inputs: {} }] });
    driver.record(succeeded("poll/0/do", { output: inline("first") }));
    driver.turn({ slots: 0 });
    expect(recordOf(restored(driver.state), "poll/1/do").scope.previous).toEqual(inline("first"));
  });

  it("is that one which had failed waits for its turn to go on", () => {
    const all = each("all", [1, 2, 3], { steps: [tool("do")], concurrency: 1, tolerate: { count: 1 } });
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([all]), inputs: {} }] });
    answerAll(driver, () => FAILS);
    driver.turn({ commands: [{ type: "ReopenPlan" }] });
    const found = restored(driver.state);
    const inside = recordOf(found, "all").expansion!;
    expect([...inside.scopes.values()].map(({ isHeld }) => isHeld)).toEqual([false, true, false]);
    further(found, succeeded("all/0/do", { attempt: 2 }));
    expect([...found.ready].map((index) => pathAt(found, index))).toEqual(["all/1/do"]);
  });
});

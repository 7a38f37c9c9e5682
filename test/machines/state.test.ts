// What others ask of a state: whether something may start, is to stop, where it waits, and what it is called.
import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import type { PreparedDefinition } from "#machines/prepared.ts";
import { PLAIN_LANE } from "#machines/ready-steps.ts";
import { fold } from "#machines/fold.ts";
import {
  definitionAt,
  draftedOf,
  emptyState,
  isStartingAt,
  isStopWanted,
  laneAt,
  needsAt,
  pathAt,
  recordAt,
  type PlanState,
} from "#machines/state.ts";
import { findStep, stepIndex } from "#machines/step-path.ts";
import { after, recordOf, refused } from "./folded.ts";
import {
  call,
  cancelRequested,
  dispatched,
  each,
  failed,
  GIVEN_AT,
  ONCE,
  PLAN,
  planFailed,
  planOf,
  started,
  succeeded,
  tool,
  UNAVAILABLE,
  value,
} from "./plans.ts";

const opened = (step: string, count: number): Fact => {
  const items = inline(Array.from({ length: count }, (_, index) => index));
  return fact("StepExpanded", { step, from: 0, to: count, total: count, items });
};
const rolling = fact("PlanRollbackStarted", { epoch: 1, cause: "requested", number: 1, irreversible: [] });
const undoing = fact("StepExpanded", { step: "undo:1", from: 0, to: 1, total: 1, items: inline([]) });
const lostRace = fact("StepCancelRequested", { step: "b", because: "z" });
const race = started(planOf([tool("a"), tool("b"), tool("z", { needs: ["a", "b"], join: { first: 1 } })]));
const raced = [...race, dispatched("a"), dispatched("b"), succeeded("a")];

describe("another attempt of a step", () => {
  const isStarting = (state: PlanState, path: string) => isStartingAt(state, stepIndex(state, path));
  const all = started(planOf([each("all", [1, 2], { steps: [tool("do")], concurrency: 2 }), tool("b")]));
  const inside = [...all, opened("all", 2), dispatched("all/0/do"), dispatched("all/1/do")];

  it.each([
    ["runs", after(race), "a"],
    ["is paused", after(race, fact("PlanPaused", { epoch: 1 })), "a"],
    ["is rolled back, for a call that takes back", after(race, rolling, undoing), "undo:1/0/do"],
    ["runs, of an item that goes on", after(inside), "all/0/do"],
  ])("may follow in a plan that %s", (_, ...[state, path]) => {
    expect(isStarting(state, path)).toBe(true);
  });

  it.each([
    ["is being cancelled", after(race, dispatched("a"), cancelRequested()), "a"],
    ["has ended", after(race, dispatched("a"), failed("a"), planFailed(UNAVAILABLE, "a")), "b"],
    ["stops because of a failure", after(race, dispatched("a"), failed("a")), "b"],
    ["is rolled back", after(race, dispatched("a"), rolling), "a"],
    ["has no use for the step any more", after(raced, lostRace), "b"],
    ["runs, of an item beside one that failed", after(inside, failed("all/1/do")), "all/0/do"],
  ])("does not follow in a plan that %s", (_, ...[state, path]) => {
    expect(isStarting(state, path)).toBe(false);
  });

  it("does not follow where the step has left memory", () => {
    expect(isStartingAt(after(race), 99)).toBe(false);
  });
});

describe("a stop of what runs", () => {
  const isWanted = (state: PlanState, path: string) => isStopWanted(state, recordOf(state, path));
  const all = started(planOf([each("all", [1, 2], { steps: [tool("do")] }), tool("b"), tool("c")]));
  const inside = [...all, opened("all", 2), dispatched("all/0/do"), dispatched("b")];

  it.each([
    ["who cancels the plan", after(inside, cancelRequested()), "b"],
    ["who rolls it back", after(inside, rolling), "b"],
    ["a race that it has lost", after(raced, lostRace), "b"],
    ["the end of the step that it is inside of", after(inside, given("all")), "all/0/do"],
  ])("is wanted by %s", (_, ...[state, path]) => {
    expect(isWanted(state, path)).toBe(true);
  });

  it.each([
    ["while the plan goes on", after(inside), "all/0/do"],
    ["of what takes others back", after(inside, rolling, undoing), "undo:1/0/do"],
    ["while a race is not decided", after(raced), "b"],
    ["where something else has failed", after(inside, failed("b")), "all/0/do"],
    ["where another item has failed", after(inside, dispatched("all/1/do"), failed("all/1/do")), "all/0/do"],
  ])("is wanted by nobody %s", (_, ...[state, path]) => {
    expect(isWanted(state, path)).toBe(false);
  });

  function given(step: string): Fact {
    return fact("StepOutcomeGiven", { step, outcome: { kind: "skipped" } });
  }
});

describe("the lane of a step", () => {
  const steps = [
    tool("plain"),
    tool("both", { priority: 3, pool: "gpu" }),
    tool("pool", { pool: "gpu" }),
    value("v", 1, { priority: -2 }),
  ];
  const state = after(started(planOf(steps)));

  it("is its priority and its pool, and one lane has all that say neither", () => {
    const lanes = steps.map((_, index) => laneAt(state, index));
    expect(lanes[0]).toBe(PLAIN_LANE);
    expect(lanes).toEqual([
      { priority: 0, pool: "" },
      { priority: 3, pool: "gpu" },
      { priority: 0, pool: "gpu" },
      { priority: -2, pool: "" },
    ]);
  });

  it("is kept by what waits in it", () => {
    expect(state.ready.lanes().map((lane) => [...lane].map((index) => pathAt(state, index)))).toEqual([
      ["both"],
      ["plain"],
      ["pool"],
      ["v"],
    ]);
  });
});

describe("a step that is not there", () => {
  const state = after(started(planOf([value("a", 1), value("b", 1, { needs: ["a"] })])));

  it("has neither record nor definition nor name, and needs nothing", () => {
    for (const ask of [recordAt, definitionAt, pathAt]) expect(() => ask(state, 99)).toThrow(refused("unknown-step"));
    expect(needsAt(state, 99)).toEqual([]);
    expect(needsAt(state, 1)).toEqual([0]);
  });

  it.each(["ghost", "ghost/0/do", "a/0/do", "a/0", "b/", "", "undo:1", "undo:1/0/do", "undo:0/0/do"])(
    "is not found at %j",
    (path) => {
      expect(findStep(state, path)).toBeUndefined();
      expect(() => stepIndex(state, path)).toThrow(refused("unknown-step"));
    },
  );

  it("is no step of a plan that has no definition", () => {
    expect(() => draftedOf(emptyState(PLAN))).toThrow(refused("plan-undrafted"));
    expect(findStep(emptyState(PLAN), "a")).toBeUndefined();
  });
});

describe("the name of a step inside of another", () => {
  const state = after(
    started(planOf([tool("first"), each("all", [1, 2], { steps: [tool("do"), tool("next", { needs: ["do"] })] })])),
    opened("all", 2),
  );

  it("leads to it and to no other", () => {
    const paths = ["all/0/do", "all/0/next", "all/1/do", "all/1/next"];
    expect(paths.map((path) => pathAt(state, stepIndex(state, path)))).toEqual(paths);
    expect(needsAt(state, stepIndex(state, "all/1/next"))).toEqual([stepIndex(state, "all/1/do")]);
  });

  it.each([
    "all/2/do",
    "all/x/do",
    "all/-1/do",
    "all/01x/do",
    "all/do",
    "all~2/0/do",
    "all/0/ghost",
    "all/0/do/1/do",
    "all/0",
    "all//do",
    "all/1.0/do",
    "all/0x1/do",
    "all/ 1/do",
  ])("does not lead to one by %j", (path) => {
    expect(findStep(state, path)).toBeUndefined();
  });
});

describe("a call that takes a step back", () => {
  it("has the bounds of that step's undo, and those of any call where the definition has none", () => {
    const undo = { call: call({ tool: "test.undo", timeoutMs: 77 }), retry: { ...ONCE, attempts: 9 } };
    const state = after(
      started(planOf([tool("a", { undo }), tool("b")])),
      rolling,
      fact("StepExpanded", { step: "undo:1", from: 0, to: 2, total: 2, items: inline([]) }),
      dispatched("undo:1/0/do", { undoes: "a" }),
      dispatched("undo:1/1/do", { undoes: "b" }),
    );
    const of = (path: string) => definitionAt(state, stepIndex(state, path));
    expect(of("undo:1/0/do")).toMatchObject({ id: "do", call: { timeoutMs: 77 }, retry: { attempts: 9 } });
    expect(of("undo:1/1/do")).toMatchObject({ id: "do", retry: { attempts: 1 } });
  });
});

describe("a definition that was prepared before", () => {
  it("is found again and not prepared anew", () => {
    const known = new Map<string, PreparedDefinition>();
    const prepared = {
      find: (hash: string) => known.get(hash),
      keep: (hash: string, it: PreparedDefinition) => void known.set(hash, it),
      hashOf: contentHash,
    };
    const [drafted] = started(planOf([tool("a")]));
    const blocks = [1, 2].map(() => {
      const state = emptyState(PLAN);
      fold(state, { fact: drafted!, at: GIVEN_AT }, { get: () => undefined, prepared });
      return draftedOf(state).block;
    });
    expect(known.size).toBe(1);
    expect(blocks[1]).toBe(blocks[0]);
  });
});

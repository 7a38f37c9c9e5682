// What a plan is about to do when something in it stops, and what it finds again when that goes on after all.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import { nextDueAt } from "#machines/advance.ts";
import { pathAt, type PlanState } from "#machines/state.ts";
import { after, further, recordOf, refused } from "./folded.ts";
import { throughSnapshot } from "./index-truth.ts";
import {
  approve,
  cancelRequested,
  dispatched,
  each,
  EPOCH,
  failed,
  GIVEN_AT,
  late,
  lost,
  planOf,
  signal,
  started,
  succeeded,
  timedOut,
  tool,
  value,
} from "./plans.ts";

const named = (state: PlanState, members: Iterable<number>) => [...members].map((index) => pathAt(state, index)).sort();
const skipped = (step: string) => fact("StepSkipped", { step, reason: { kind: "when" } });
const given = (step: string) => fact("StepOutcomeGiven", { step, outcome: { kind: "skipped" } });
const opened = (step: string, count: number) =>
  fact("StepExpanded", { step, from: 0, to: count, total: count, items: inline(Array<number>(count).fill(0)) });
const insideOf = (state: PlanState, step: string) => recordOf(state, step).expansion!;

/** Names of all that the plan would do next. */
const about = (state: PlanState) => {
  const { ready, skippable, settling, asking, races, signals } = state;
  const sets = Object.entries({ ready, skippable, settling, asking, races });
  const found = sets.flatMap(([name, members]) => named(state, members).map((path) => `${name} ${path}`));
  return [...found, ...(signals.isAwaited ? ["signals"] : [])].sort();
};

describe("a failure that stops a plan", () => {
  const all = each("all", [1, 2], { steps: [approve("ask")] });
  const plan = planOf([
    ...[tool("b"), tool("m"), tool("free"), value("v", 1), value("w", 1, { needs: ["v"] })],
    ...[approve("p"), signal("s", "go"), tool("won"), tool("lost"), all, each("open", [], { steps: [tool("do")] })],
    tool("race", { needs: ["won", "lost"], join: { first: 1 } }),
  ]);
  const hash = { hash: "h", covers: [] };
  const before: readonly Fact[] = [
    ...started(plan),
    ...[dispatched("b"), dispatched("m"), dispatched("won"), succeeded("won"), skipped("v")],
    ...[opened("all", 2), fact("StepWaitStarted", { step: "all/0/ask", approval: hash })],
    fact("StepExpanded", { step: "open", from: 0, to: 1, total: 9, items: inline([]) }),
    ...[fact("StepWaitStarted", { step: "p", approval: hash }), fact("StepWaitStarted", { step: "s", signal: "go" })],
  ];
  const everything = [
    ...["asking all/0/ask", "asking p", "races race", "ready all/1/ask", "ready free", "ready lost", "ready open/0/do"],
    ...["ready race", "settling open", "signals", "skippable w"],
  ];

  it("takes away all that the plan was about to do, also inside of its steps", () => {
    expect(about(after(before))).toEqual(everything);
    expect(about(after(before, failed("b")))).toEqual([]);
    expect(about(throughSnapshot(after(before, failed("b"))))).toEqual([]);
  });

  it("gives it back when somebody takes the failure away while something still runs", () => {
    const state = after(before, failed("b"), given("b"));
    expect(about(state)).toEqual(everything);
    expect(about(throughSnapshot(state))).toEqual(everything);
  });

  it("goes on stopping it when only one of two failures is taken away", () => {
    const state = after(before, failed("b"), failed("m"));
    expect(about(further(state, given("b")))).toEqual([]);
    expect(recordOf(further(state, given("m")), "w").isStartable).toBe(true);
    expect(about(state)).toEqual(everything);
  });

  it("condemns nothing more until it is taken away", () => {
    const chain = started(planOf([tool("a"), tool("b"), tool("c", { needs: ["a"] }), tool("m")]));
    const state = after(
      chain,
      ["a", "b", "m"].map((step) => dispatched(step)),
      failed("a"),
      failed("b"),
      given("a"),
    );
    expect(named(state, state.skippable)).toEqual([]);
    expect(named(state, further(state, given("b")).skippable)).toEqual(["c"]);
  });

  it("leaves a fallback that was to come unbegun, also for who reads a snapshot", () => {
    const plan2 = planOf([tool("a", { fallback: [{ value: 1 }] }), tool("b"), tool("m")]);
    const both = [
      ...started(plan2),
      dispatched("a"),
      dispatched("b"),
      failed("a", { next: { kind: "fallback", index: 0 } }),
    ];
    expect(named(after(both), after(both).ready)).toEqual(["a", "m"]);
    const state = after(both, failed("b"));
    expect([...state.ready, ...throughSnapshot(state).ready]).toEqual([]);
  });

  it("lets an item end that runs, and no other begin", () => {
    const one = each("all", [1, 2], { steps: [tool("do")], concurrency: 1 });
    const state = after(started(planOf([one, tool("b"), tool("m")])), opened("all", 2), dispatched("all/0/do"));
    further(state, dispatched("b"), dispatched("m"), failed("b"), succeeded("all/0/do"));
    expect(insideOf(state, "all")).toMatchObject({ ended: 1, begun: 1 });
    expect(insideOf(further(state, given("b")), "all")).toMatchObject({ ended: 1, begun: 2 });
    expect(named(state, state.ready)).toEqual(["all/1/do"]);
  });
});

describe("items", () => {
  const pair = each("all", [1, 2, 3], { steps: [tool("do"), tool("next", { needs: ["do"] })], concurrency: 3 });
  const inside = [...started(planOf([pair, tool("m")])), opened("all", 3)];

  it("start nothing more when more of them have failed than may", () => {
    const state = after(inside, dispatched("all/0/do"), dispatched("all/1/do"), succeeded("all/1/do"));
    expect(named(state, state.ready)).toEqual(["all/1/next", "all/2/do", "m"]);
    further(state, failed("all/0/do"));
    expect(named(state, state.ready)).toEqual(["m"]);
    expect(named(state, throughSnapshot(state).ready)).toEqual(["m"]);
  });

  it("are busy while something runs in them, and so is the step", () => {
    const state = after(inside, dispatched("all/0/do"), dispatched("all/1/do"));
    expect([insideOf(state, "all").busy, recordOf(state, "all/0/do").scope.busy, state.root?.busy]).toEqual([2, 1, 2]);
    further(state, succeeded("all/0/do"));
    expect([insideOf(state, "all").busy, recordOf(state, "all/0/do").scope.busy, state.root?.busy]).toEqual([1, 0, 1]);
  });

  it("are condemned by what is skipped in them", () => {
    const state = after(inside, skipped("all/1/do"));
    expect(named(state, state.skippable)).toEqual(["all/1/next"]);
  });

  it("that have ended start nothing more, whatever somebody says of a step in them", () => {
    const may = each("all", [1, 2, 3], {
      steps: [tool("do"), tool("next", { needs: ["do"] })],
      tolerate: { count: 2 },
    });
    const state = after(
      started(planOf([may, tool("m")])),
      opened("all", 3),
      dispatched("all/0/do"),
      failed("all/0/do"),
    );
    further(state, fact("StepOutcomeGiven", { step: "all/0/do", outcome: { kind: "done", output: inline(1) } }));
    expect(insideOf(state, "all")).toMatchObject({ ended: 1, failed: 1 });
    expect(named(state, state.ready)).toEqual(["all/1/do", "all/2/do", "m"]);
  });

  it("end also while the plan is paused, and the next ones begin", () => {
    const one = each("all", [1, 2], { steps: [tool("do")], concurrency: 1 });
    const state = after(started(planOf([one])), opened("all", 2), dispatched("all/0/do"));
    further(state, fact("PlanPaused", { epoch: EPOCH }), succeeded("all/0/do"));
    expect(insideOf(state, "all")).toMatchObject({ ended: 1, begun: 2 });
  });

  it("do not end while the plan is being cancelled, and do so when it is reopened", () => {
    const one = each("all", [1, 2], { steps: [tool("do")], concurrency: 1 });
    const state = after(started(planOf([one])), opened("all", 2), dispatched("all/0/do"), cancelRequested());
    further(state, succeeded("all/0/do"));
    expect(insideOf(state, "all")).toMatchObject({ ended: 0, begun: 1 });
    further(state, fact("PlanCancelled", { epoch: EPOCH }), fact("PlanReopened", { epoch: EPOCH }));
    expect(insideOf(state, "all")).toMatchObject({ ended: 1, begun: 2 });
    expect(named(state, state.ready)).toEqual(["all/1/do"]);
  });

  it("that had failed end when their turn comes again and somebody has answered for them", () => {
    const strict = each("all", [1, 2, 3], { steps: [tool("do")], concurrency: 1, tolerate: { count: 1 } });
    const state = after(started(planOf([strict])), opened("all", 3));
    for (const item of [0, 1]) further(state, dispatched(`all/${item}/do`), failed(`all/${item}/do`));
    further(state, fact("StepFailed", { step: "all", attempt: 0, error: failedError(state), next: { kind: "final" } }));
    further(state, fact("PlanFailed", { epoch: EPOCH, error: failedError(state), failed: ["all"] }));
    further(state, fact("PlanReopened", { epoch: EPOCH }), given("all/1/do"));
    expect(insideOf(state, "all")).toMatchObject({ held: 1, ended: 0 });
    further(state, dispatched("all/0/do", { attempt: 2 }), succeeded("all/0/do", { attempt: 2 }));
    expect(insideOf(state, "all")).toMatchObject({ held: 0, ended: 2, begun: 3 });
    expect(named(state, state.ready)).toEqual(["all/2/do"]);
  });

  function failedError(state: PlanState) {
    return recordOf(state, "all/0/do").error!;
  }
});

describe("an each that is given up while nothing runs inside", () => {
  it("wants its end at once", () => {
    const race = tool("z", { needs: ["a", "all"], join: { first: 1 } });
    const steps = [tool("a"), each("all", [1, 2], { steps: [tool("do")], concurrency: 2 }), race];
    const state = after(started(planOf(steps)), opened("all", 2), dispatched("a"), succeeded("a"));
    expect(named(state, state.settling)).toEqual([]);
    further(state, fact("StepCancelRequested", { step: "all", because: "z" }));
    expect(about(state)).toEqual(["races z", "ready z", "settling all"]);
  });
});

describe("what still runs inside of a step that ended", () => {
  it("is known to who reads a snapshot", () => {
    const look = { verify: tool("v").call, done: "true", output: null };
    const risky = tool("a", { unknown: look }, { idempotent: false });
    const state = after(
      ...[started(planOf([risky, tool("m")])), dispatched("a", { idempotent: false })],
      lost("a", { next: { kind: "unknown", policy: "verify" } }),
      ...[fact("StepExpanded", { step: "a", from: 0, to: 1, total: 9, answers: 1 }), dispatched("a/0/verify")],
      fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution: { kind: "done", output: inline(1) } }),
    );
    const restored = throughSnapshot(state);
    expect(named(restored, restored.running)).toEqual(["a/0/verify"]);
    expect(restored.bounds.peek()?.dueAt).toBe(state.bounds.peek()?.dueAt);
  });
});

describe("a step that more needs satisfy than it waits for", () => {
  it("is ready, also for who reads a snapshot", () => {
    const any = planOf([
      value("a", 1),
      value("b", 1),
      value("c", 1),
      tool("z", { needs: ["a", "b", "c"], join: "any" }),
    ]);
    const done = ["a", "b", "c"].map((step) => succeeded(step, { attempt: 0 }));
    const restored = throughSnapshot(after(started(any), done));
    expect([named(restored, restored.ready), named(restored, restored.skippable)]).toEqual([["z"], []]);
  });
});

describe("the earliest of many deadlines", () => {
  it("is found among steps that have none", () => {
    const deadlines = [undefined, 500, 900, undefined, 700, 800, undefined, 600];
    const steps = deadlines.map((ms, index) => tool(`s${index}`, ms === undefined ? {} : { deadlineMs: ms }));
    for (let count = 2; count <= steps.length; count++)
      expect(nextDueAt(after(started(planOf(steps.slice(0, count)))), GIVEN_AT), `${count} steps`).toBe(GIVEN_AT + 500);
  });
});

describe("what a plan takes about its steps", () => {
  const steps = started(planOf([tool("a"), tool("b"), tool("c"), approve("p")]));
  const running = [...steps, dispatched("a"), dispatched("b"), lost("b", { next: { kind: "fallback", index: 0 } })];
  const waiting = [...running, fact("StepWaitStarted", { step: "p", dueAt: 9 })];
  const states: Readonly<Record<string, readonly Fact[]>> = {
    running: [],
    paused: [fact("PlanPaused", { epoch: EPOCH })],
    cancelling: [cancelRequested()],
  };
  const ends = [succeeded("a"), failed("a"), timedOut("a"), lost("a"), fact("StepWaitEnded", { step: "p" }), late("b")];
  const takes = (state: string, it: Fact): boolean => {
    try {
      after(waiting, states[state]!, it);
      return true;
    } catch (error) {
      expect(error).toEqual(refused("event-refused"));
      return false;
    }
  };

  it.each(Object.keys(states))("is how attempts and waits end, while it is %s", (state) => {
    expect(ends.filter((each) => !takes(state, each))).toEqual([]);
  });

  it("is a word that gives up or answers for a step, unless the plan is being cancelled", () => {
    const words = [given("c"), fact("StepCancelRequested", { step: "c", because: "p" })];
    const taken = Object.keys(states).map((state) => words.filter((each) => takes(state, each)).length);
    expect(taken).toEqual([2, 2, 0]);
  });

  it("is nothing that starts one, unless it runs", () => {
    const starts = [dispatched("c"), skipped("c"), fact("StepWaitStarted", { step: "c", dueAt: 1 })];
    const taken = Object.keys(states).map((state) => starts.filter((each) => takes(state, each)).length);
    expect(taken).toEqual([3, 0, 0]);
  });
});

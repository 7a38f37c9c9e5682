import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import { fact, type Fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { blobRef, inline } from "#events/payload.ts";
import { nextDueAt, wantsSlots } from "#machines/advance.ts";
import { fold } from "#machines/fold.ts";
import { emptyState } from "#machines/state.ts";
import {
  cancelRequested,
  dispatched,
  failed,
  GIVEN_AT,
  lost,
  NOW,
  PLAN,
  planFailed,
  planOf,
  started,
  succeeded,
  THRICE,
  timedOut,
  tool,
  UNAVAILABLE,
  value,
  wait,
} from "./plans.ts";
import { advancing, scenario } from "./scenario.ts";

const retryAt = (dueAt: number) => ({ kind: "retry" as const, dueAt, delayMs: 100 });
const skipped = (step: string, because?: string) =>
  fact("StepSkipped", { step, reason: because === undefined ? { kind: "when" } : { kind: "need", step: because } });
const planSucceeded = fact("PlanSucceeded", { epoch: 1 });
const GRACE_MS = 5_000;

describe("a ready step", () => {
  it("is dispatched with its arguments resolved, their hash and what fences it", () => {
    const plan = planOf(
      [tool("a", { needs: ["v"], estimateMs: 50 }, { with: { to: "${steps.v.output.n + 1}" } }), value("v", { n: 1 })],
      {},
    );
    scenario(advancing)
      .given(started(plan), succeeded("v", { attempt: 0, output: inline({ n: 1 }) }))
      .when({ slots: 1 })
      .then(
        dispatched("a", {
          args: inline({ to: 2 }),
          argsHash: contentHash({ tool: "test.tool", version: "1.0.0", args: { to: 2 } }),
          estimateMs: 50,
        }),
      );
  });

  it("waits for a slot", () => {
    const plan = planOf([tool("a")]);
    scenario(advancing).given(started(plan)).when({ slots: 0 }).thenIdle();
  });

  it("that is a value needs no slot, and does not wait behind steps that do", () => {
    const plan = planOf([tool("a"), value("v", "${inputs.n}")]);
    scenario(advancing)
      .given(started(plan, { n: 5 }))
      .when({ slots: 0 })
      .then(succeeded("v", { attempt: 0, output: inline(5) }));
  });

  it("fails for good when an expression has no value", () => {
    const plan = planOf([value("v", "${inputs.list[3]}")]);
    const state = scenario(advancing)
      .given(started(plan, { list: [] }))
      .when({})
      .then(
        failed("v", {
          attempt: 0,
          error: expect.objectContaining({ category: "validation" }),
        }),
      );
    expect(state.in.failed).toBe(1);
  });

  it("goes on to its fallback when an expression has no value", () => {
    const plan = planOf([tool("a", { fallback: [{ value: 0 }] }, { with: { x: "${inputs.list[3]}" } })]);
    const next = { kind: "fallback", index: 0 } as const;
    scenario(advancing)
      .given(started(plan, { list: [] }))
      .when({ slots: 1 })
      .then(failed("a", { attempt: 0, error: expect.objectContaining({ category: "validation" }), next }));
  });

  it("is not tried again for an expression without a value, whatever the retry policy says", () => {
    const retry = { ...THRICE, on: { validation: { attempts: 5 } } };
    const plan = planOf([tool("a", { retry }, { with: { x: "${inputs.list[3]}" } })]);
    scenario(advancing)
      .given(started(plan, { list: [] }), dispatched("a"), failed("a", { next: retryAt(NOW) }))
      .when({ slots: 1 })
      .then(failed("a", { attempt: 0, error: expect.objectContaining({ category: "validation" }) }));
  });

  it("asks for the blobs that its expressions read", () => {
    const plan = planOf([tool("a"), value("v", "${size(steps.a.output)}", { needs: ["a"] })]);
    const ref = blobRef.parse("0".repeat(64));
    const given = [...started(plan), dispatched("a"), succeeded("a", { output: { blob: ref, bytes: 99 } })];
    scenario(advancing).given(given).when({}).thenNeedsBlobs(ref);
    scenario(advancing)
      .given(given)
      .when({ blobs: { get: () => "four" } })
      .then(succeeded("v", { attempt: 0, output: inline(4) }));
    scenario(advancing)
      .given(given)
      .when({ blobs: { get: () => undefined, problem: () => "the blob is gone" } })
      .then(failed("v", { attempt: 0, error: errorOf("not-found", "blob-missing", "the blob is gone") }));
  });
});

describe("when", () => {
  const conditional = (when: string) => planOf([value("a", 1, { when })]);

  it("lets the step run where it is true, with or without braces", () => {
    const done = succeeded("a", { attempt: 0, output: inline(1) });
    scenario(advancing)
      .given(started(conditional("inputs.n > 1"), { n: 2 }))
      .when({})
      .then(done);
    scenario(advancing)
      .given(started(conditional("${inputs.n > 1}"), { n: 2 }))
      .when({})
      .then(done);
  });

  it("skips the step where it is false", () => {
    scenario(advancing)
      .given(started(conditional("inputs.n > 1"), { n: 1 }))
      .when({})
      .then(skipped("a"));
  });

  it("fails the step where it is neither", () => {
    const error = errorOf("validation", "not-a-condition", "a condition is true or false, not 1");
    scenario(advancing)
      .given(started(conditional("inputs.n"), { n: 1 }))
      .when({})
      .then(failed("a", { attempt: 0, error }));
  });
});

describe("a skipped need", () => {
  it("skips a step that needs all", () => {
    const plan = planOf([value("a", 1, { when: "false" }), value("b", 2), value("c", 3, { needs: ["b", "a"] })]);
    scenario(advancing).given(started(plan), skipped("a")).when({}).then(skipped("c", "a"));
  });

  it("skips a step once, however many of its needs are skipped", () => {
    const plan = planOf([value("a", 1), value("b", 2), value("c", 3, { needs: ["a", "b"] })]);
    const state = scenario(advancing)
      .given(started(plan), skipped("a"), skipped("c", "a"), skipped("b"))
      .when({})
      .then(planSucceeded);
    expect(state.in.skipped).toBe(3);
  });

  it("skips a step that needs any only when every need is skipped", () => {
    const plan = planOf([value("a", 1), value("b", 2), value("c", 3, { needs: ["a", "b"], join: "any" })]);
    scenario(advancing)
      .given(started(plan), skipped("a"))
      .when({})
      .then(succeeded("b", { attempt: 0, output: inline(2) }));
    scenario(advancing).given(started(plan), skipped("a"), skipped("b")).when({}).then(skipped("c", "a"));
  });
});

describe("join any", () => {
  const plan = planOf([tool("a"), tool("b"), value("c", 3, { needs: ["a", "b"], join: "any" })], {
    onFailure: "continue",
  });
  const done = succeeded("c", { attempt: 0, output: inline(3) });

  it("starts the step at the first success, once", () => {
    const state = scenario(advancing)
      .given(started(plan), dispatched("a"), dispatched("b"), succeeded("b"))
      .when({})
      .then(done);
    fold(state, { fact: succeeded("a"), at: NOW });
    expect([...state.ready]).toEqual([]);
  });

  it("waits failed needs out", () => {
    scenario(advancing).given(started(plan), dispatched("a"), dispatched("b"), failed("a")).when({}).thenIdle();
    scenario(advancing)
      .given(started(plan), dispatched("a"), dispatched("b"), failed("a"), succeeded("b"))
      .when({})
      .then(done);
  });
});

describe("a retry", () => {
  const plan = planOf([tool("a", { retry: THRICE })]);
  const waiting = [...started(plan), dispatched("a"), failed("a", { next: retryAt(5_000) })];

  it("starts when it is due and there is a slot", () => {
    scenario(advancing).given(waiting).at(4_999).when({ slots: 1 }).thenIdle();
    scenario(advancing).given(waiting).at(5_000).when({ slots: 0 }).thenIdle();
    scenario(advancing)
      .given(waiting)
      .at(5_000)
      .when({ slots: 1 })
      .then(dispatched("a", { attempt: 2 }));
  });

  it("does not wait behind one that is due later", () => {
    const two = planOf([tool("a", { retry: THRICE }), tool("b", { retry: THRICE })]);
    scenario(advancing)
      .given(started(two), dispatched("a"), dispatched("b"))
      .given(failed("a", { next: retryAt(9_000) }), failed("b", { next: retryAt(5_000) }))
      .at(6_000)
      .when({ slots: 1 })
      .then(dispatched("b", { attempt: 2 }));
  });
});

describe("a fallback", () => {
  const plan = planOf([tool("a", { fallback: [{ ...tool("f").call, tool: "other.tool" }, { value: "${inputs.n}" }] })]);

  it("is dispatched as the next attempt of the step", () => {
    scenario(advancing)
      .given(started(plan, { n: 1 }), dispatched("a"), failed("a", { next: { kind: "fallback", index: 0 } }))
      .when({ slots: 1 })
      .then(
        dispatched("a", {
          attempt: 2,
          alternative: 0,
          tool: "other.tool",
          argsHash: contentHash({ tool: "other.tool", version: "1.0.0", args: {} }),
        }),
      );
  });

  it("that is a value ends the step without an attempt", () => {
    const state = scenario(advancing)
      .given(started(plan, { n: 1 }), dispatched("a"), failed("a", { next: { kind: "fallback", index: 0 } }))
      .given(dispatched("a", { attempt: 2, alternative: 0 }))
      .given(failed("a", { attempt: 2, next: { kind: "fallback", index: 1 } }))
      .when({ slots: 0 })
      .then(succeeded("a", { attempt: 0, output: inline(1) }));
    expect(state.steps[0]?.attempts.map(({ result }) => result)).toEqual(["failed", "failed"]);
  });

  it("that has no value goes on to the next one", () => {
    const chain = planOf([tool("a", { fallback: [{ value: "${inputs.list[3]}" }, { value: 2 }] })]);
    const state = scenario(advancing)
      .given(started(chain, { list: [] }), dispatched("a"), failed("a", { next: { kind: "fallback", index: 0 } }))
      .when({})
      .then(
        failed("a", {
          attempt: 0,
          error: expect.objectContaining({ category: "validation" }),
          next: { kind: "fallback", index: 1 },
        }),
      );
    expect([...state.ready]).toEqual([0]);
  });
});

describe("a wait", () => {
  it("for a duration ends that much later", () => {
    const plan = planOf([wait("w", 3_000)]);
    const waiting = fact("StepWaitStarted", { step: "w", dueAt: NOW + 3_000 });
    scenario(advancing).given(started(plan)).when({}).then(waiting);
    scenario(advancing)
      .given(started(plan), waiting)
      .at(NOW + 2_999)
      .when({})
      .thenIdle();
    const state = scenario(advancing)
      .given(started(plan), waiting)
      .at(NOW + 3_000)
      .when({})
      .then(fact("StepWaitEnded", { step: "w" }));
    expect(state.steps[0]?.output).toEqual(inline(null));
  });

  it("until a moment ends then, said as a timestamp or in milliseconds", () => {
    const plan = planOf([wait("w", "${inputs.at}")]);
    const at = (moment: string | number) =>
      scenario(advancing)
        .given(started(plan, { at: moment }))
        .when({});
    at("1970-01-01T00:00:10Z").then(fact("StepWaitStarted", { step: "w", dueAt: 10_000 }));
    at("1970-01-01T01:00:00.5+01:00").then(fact("StepWaitStarted", { step: "w", dueAt: 500 }));
    at(77).then(fact("StepWaitStarted", { step: "w", dueAt: 77 }));
  });

  it.each(["tomorrow", "2026-13-01T00:00:00Z", -1, null, "1970-01-01"])("until %j fails the step", (at) => {
    const plan = planOf([wait("w", "${inputs.at}")]);
    scenario(advancing)
      .given(started(plan, { at }))
      .when({})
      .then(failed("w", { attempt: 0, error: expect.objectContaining({ code: "not-a-moment" }) }));
  });
});

describe("silence", () => {
  const plan = planOf([tool("a", { retry: THRICE }, { timeoutMs: 1_000 })]);
  const running = [...started(plan), dispatched("a", { timeoutMs: 1_000 })];
  const speaksAt = GIVEN_AT + 1_000 + GRACE_MS;

  it("times an attempt out some time after its executor should have", () => {
    scenario(advancing)
      .given(running)
      .at(speaksAt - 1)
      .when({})
      .thenIdle();
    scenario(advancing)
      .given(running)
      .at(speaksAt)
      .when({})
      .then(timedOut("a", { next: retryAt(speaksAt + 100) }));
  });

  it("says nothing about an attempt that has ended", () => {
    scenario(advancing)
      .given(running, failed("a", { next: retryAt(speaksAt) }), dispatched("a", { attempt: 2, timeoutMs: 60_000 }))
      .at(speaksAt)
      .when({})
      .thenIdle();
  });

  it("ends an attempt of a plan that is being cancelled, without another", () => {
    scenario(advancing).given(running, cancelRequested()).at(speaksAt).when({}).then(timedOut("a"));
  });
});

describe("a step's deadline", () => {
  const over = GIVEN_AT + 500;
  const deadline = (attempt: number) => timedOut("a", { attempt, bound: "deadline" });
  const plan = planOf([tool("a", { deadlineMs: 500, retry: THRICE, fallback: [{ value: 1 }] })]);

  it("runs from the moment at which the step is ready", () => {
    const chain = planOf([tool("b"), tool("a", { deadlineMs: 500, needs: ["b"] })]);
    scenario(advancing).given(started(chain), dispatched("b")).at(over).when({}).thenIdle();
    scenario(advancing)
      .given(started(chain), dispatched("b"), succeeded("b"))
      .at(over)
      .when({ slots: 0 })
      .then(deadline(0));
  });

  it("ends a step that waits for a slot, a retry or a moment", () => {
    scenario(advancing).given(started(plan)).at(over).when({ slots: 0 }).then(deadline(0));
    scenario(advancing)
      .given(started(plan), dispatched("a"), failed("a", { next: retryAt(over) }))
      .at(over)
      .when({})
      .then(deadline(0));
    const waiting = planOf([wait("a", 60_000, { deadlineMs: 500 })]);
    scenario(advancing)
      .given(started(waiting), fact("StepWaitStarted", { step: "a", dueAt: 61_000 }))
      .at(over)
      .when({})
      .then(deadline(0));
  });

  it("ends a running attempt without retry or fallback", () => {
    scenario(advancing).given(started(plan), dispatched("a")).at(over).when({}).then(deadline(1));
  });

  it("leaves the outcome of a non-idempotent attempt unknown", () => {
    const risky = planOf([tool("a", { deadlineMs: 500 }, { idempotent: false })]);
    scenario(advancing)
      .given(started(risky), dispatched("a", { idempotent: false }))
      .at(over)
      .when({})
      .then(timedOut("a", { bound: "deadline", next: { kind: "unknown", policy: "ask" } }));
  });

  it("says nothing about a step that has ended", () => {
    const two = planOf([tool("a", { deadlineMs: 500 }), tool("b")]);
    scenario(advancing)
      .given(started(two), dispatched("a"), dispatched("b"), succeeded("a"))
      .at(over)
      .when({})
      .thenIdle();
  });

  it("does not concern steps that a cancelled plan never started", () => {
    const two = planOf([tool("a", { deadlineMs: 500 }), tool("b")]);
    scenario(advancing).given(started(two), dispatched("b"), cancelRequested()).at(over).when({}).thenIdle();
  });
});

describe("the plan's deadline", () => {
  const plan = planOf([tool("a"), tool("b", { needs: ["a"] })], { deadlineMs: 700 });
  const byDeadline = cancelRequested({ cause: "deadline" });
  const over = GIVEN_AT + 700;

  it("cancels the plan, which then fails", () => {
    scenario(advancing).given(started(plan), dispatched("a")).at(over).when({}).then(byDeadline);
    scenario(advancing).given(started(plan), dispatched("a"), byDeadline).at(over).when({}).thenIdle();
    scenario(advancing)
      .given(started(plan), dispatched("a"), byDeadline, succeeded("a"))
      .when({})
      .then(planFailed(errorOf("timeout", "plan-deadline", "the plan's deadline passed")));
  });
});

describe("cancelling", () => {
  const plan = planOf([tool("a"), tool("b", { needs: ["a"] })]);

  it("waits for running attempts and starts nothing", () => {
    scenario(advancing).given(started(plan), dispatched("a"), cancelRequested()).when({ slots: 5 }).thenIdle();
  });

  it("ends when the last running attempt has ended", () => {
    const cancelled = fact("PlanCancelled", { epoch: 1 });
    scenario(advancing)
      .given(started(plan), dispatched("a"), cancelRequested(), succeeded("a"))
      .when({ slots: 5 })
      .then(cancelled);
    scenario(advancing).given(started(plan), dispatched("a"), cancelRequested(), lost("a")).when({}).then(cancelled);
  });
});

describe("onFailure", () => {
  const steps = [tool("a"), tool("b"), value("c", 1, { needs: ["b"] })];
  const stops = planOf(steps);
  const goesOn = planOf(steps, { onFailure: "continue" });
  const error = errorOf("unavailable", "steps-failed", "a failed: nobody answers");

  it("stop lets running steps finish and starts nothing new", () => {
    const given = [...started(stops), dispatched("a"), dispatched("b"), failed("a")];
    scenario(advancing).given(given).when({ slots: 5 }).thenIdle();
    scenario(advancing).given(given, succeeded("b")).when({ slots: 5 }).then(planFailed(error, "a"));
  });

  it("stop does not wait for retries, timers and ready steps", () => {
    const plan = planOf([tool("a"), tool("b", { retry: THRICE }), wait("w", 9_000), tool("r")]);
    scenario(advancing)
      .given(started(plan), dispatched("a"), dispatched("b"), failed("b", { next: retryAt(9_000) }))
      .given(fact("StepWaitStarted", { step: "w", dueAt: 10_000 }), failed("a"))
      .when({ slots: 5 })
      .then(planFailed(error, "a"));
  });

  it("stop waits for a person where an outcome is unknown", () => {
    const plan = planOf([tool("a"), tool("b", {}, { idempotent: false })]);
    scenario(advancing)
      .given(started(plan), dispatched("a"), dispatched("b", { idempotent: false }))
      .given(lost("b", { next: { kind: "unknown", policy: "ask" } }), failed("a"))
      .when({})
      .thenIdle();
  });

  it("continue runs what does not depend on the failure, and the plan fails in the end", () => {
    const given = [...started(goesOn), dispatched("a"), dispatched("b"), failed("a"), succeeded("b")];
    const done = succeeded("c", { attempt: 0, output: inline(1) });
    scenario(advancing).given(given).when({}).then(done);
    scenario(advancing).given(given, done).when({}).then(planFailed(error, "a"));
  });

  it("continue leaves steps that need the failed one without a fact", () => {
    const state = scenario(advancing)
      .given(started(goesOn), dispatched("a"), dispatched("b"), failed("b"), succeeded("a"))
      .when({})
      .then(planFailed(errorOf("unavailable", "steps-failed", "b failed: nobody answers"), "b"));
    expect(state.steps[2]?.chart.value).toBe("pending");
  });
});

describe("a plan whose steps have all ended", () => {
  it("succeeds with its outputs and its response", () => {
    const plan = planOf([value("v", 2)], { outputs: { n: "${steps.v.output}" }, respond: "n is ${steps.v.output}" });
    scenario(advancing)
      .given(started(plan), succeeded("v", { attempt: 0, output: inline(2) }))
      .when({})
      .then(fact("PlanSucceeded", { epoch: 1, outputs: inline({ n: 2 }), response: inline("n is 2") }));
  });

  it("succeeds with skipped steps among them", () => {
    const plan = planOf([value("v", 2), value("u", 1)]);
    scenario(advancing)
      .given(started(plan), skipped("v"), succeeded("u", { attempt: 0 }))
      .when({})
      .then(planSucceeded);
  });

  it("fails where its outputs or its response have no value", () => {
    const given = { list: [] };
    const failure = planFailed(expect.objectContaining({ category: "validation" }));
    for (const fields of [{ outputs: { n: "${inputs.list[0]}" } }, { respond: "${inputs.list[0]}" }]) {
      const plan = planOf([value("v", 2)], fields);
      scenario(advancing)
        .given(started(plan, given), succeeded("v", { attempt: 0 }))
        .when({})
        .then(failure);
    }
  });

  it("asks for the blobs that its response reads", () => {
    const plan = planOf([tool("a")], { respond: "${size(steps.a.output)}" });
    const ref = blobRef.parse("1".repeat(64));
    scenario(advancing)
      .given(started(plan), dispatched("a"), succeeded("a", { output: { blob: ref, bytes: 9 } }))
      .when({})
      .thenNeedsBlobs(ref);
  });

  it("decides nothing more once it has ended", () => {
    const plan = planOf([value("v", 2)]);
    scenario(advancing)
      .given(started(plan), succeeded("v", { attempt: 0 }), planSucceeded)
      .when({})
      .thenIdle();
  });
});

describe("the next due time", () => {
  const plan = planOf([tool("a", { retry: THRICE, deadlineMs: 900 }), wait("w", 60), tool("c")], { deadlineMs: 5_000 });
  const stateAfter = (...facts: Fact[]) => {
    const state = emptyState(PLAN);
    for (const each of [...started(plan), ...facts]) fold(state, { fact: each, at: GIVEN_AT });
    return state;
  };

  it("is the earliest of deadlines, waits, bounds and retries", () => {
    expect(nextDueAt(stateAfter(), GIVEN_AT)).toBe(GIVEN_AT + 900);
    expect(nextDueAt(stateAfter(fact("StepWaitStarted", { step: "w", dueAt: GIVEN_AT + 60 })), GIVEN_AT)).toBe(
      GIVEN_AT + 60,
    );
    const retry = failed("a", { next: retryAt(GIVEN_AT + 100) });
    expect(nextDueAt(stateAfter(dispatched("a"), retry), GIVEN_AT)).toBe(GIVEN_AT + 100);
    expect(nextDueAt(stateAfter(dispatched("a"), succeeded("a")), GIVEN_AT)).toBe(GIVEN_AT + 5_000);
  });

  it("is nothing for a plan that has not started or has ended", () => {
    expect(nextDueAt(emptyState(PLAN), GIVEN_AT)).toBeUndefined();
    expect(nextDueAt(stateAfter(planFailed(UNAVAILABLE)), GIVEN_AT)).toBeUndefined();
  });

  it("does not count retries of a plan that is being cancelled", () => {
    const retry = failed("a", { next: retryAt(GIVEN_AT + 100) });
    expect(nextDueAt(stateAfter(dispatched("a"), retry, dispatched("c"), cancelRequested()), GIVEN_AT)).toBeGreaterThan(
      GIVEN_AT + 100,
    );
  });
});

describe("slots", () => {
  const plan = planOf([tool("a", { retry: THRICE })]);
  const stateAfter = (...facts: Fact[]) => {
    const state = emptyState(PLAN);
    for (const each of [...started(plan), ...facts]) fold(state, { fact: each, at: GIVEN_AT });
    return state;
  };

  it("are wanted by ready steps and by retries that are due", () => {
    expect(wantsSlots(stateAfter(), NOW)).toBe(true);
    const waiting = stateAfter(dispatched("a"), failed("a", { next: retryAt(5_000) }));
    expect(wantsSlots(waiting, 4_999)).toBe(false);
    expect(wantsSlots(waiting, 5_000)).toBe(true);
  });

  it("are not wanted by running steps, nor by a plan that starts nothing", () => {
    expect(wantsSlots(stateAfter(dispatched("a")), NOW)).toBe(false);
    expect(wantsSlots(stateAfter(cancelRequested()), NOW)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { blobRef, inline } from "#events/payload.ts";
import { fold } from "#machines/fold.ts";
import { dispatched, failed, NOW, planOf, started, succeeded, THRICE, tool, value, wait } from "../plans.ts";
import { advancing, scenario } from "#src/testing/scenario.ts";

const retryAt = (dueAt: number) => ({ kind: "retry" as const, dueAt, delayMs: 100 });
const skipped = (step: string, because?: string) =>
  fact("StepSkipped", { step, reason: because === undefined ? { kind: "when" } : { kind: "need", step: because } });
const planSucceeded = fact("PlanSucceeded", { epoch: 1 });

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

  it("whose arguments cannot be had any more goes on to the fallback, which is ready at once", () => {
    const chain = planOf([
      tool("b"),
      tool("a", { needs: ["b"], retry: THRICE, fallback: [{ value: 2 }] }, { with: { x: "${size(steps.b.output)}" } }),
    ]);
    const ref = blobRef.parse("2".repeat(64));
    const error = errorOf("not-found", "blob-missing", "x: gone");
    const state = scenario(advancing)
      .given(started(chain), dispatched("b"), succeeded("b", { output: { blob: ref, bytes: 9 } }))
      .given(dispatched("a"), failed("a", { next: retryAt(NOW) }))
      .when({ slots: 1, blobs: { get: () => undefined, problem: () => error.message } })
      .then(failed("a", { attempt: 0, error, next: { kind: "fallback", index: 0 } }));
    expect([...state.ready]).toEqual([1]);
    expect(state.retries.peek()).toBeUndefined();
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

  it("until the very first moment ends at once", () => {
    const plan = planOf([wait("w", "${inputs.at}")]);
    for (const at of [0, "1970-01-01T00:00:00Z"]) {
      const begun = fact("StepWaitStarted", { step: "w", dueAt: 1 });
      scenario(advancing).given(started(plan, { at })).when({}).then(begun);
      scenario(advancing)
        .given(started(plan, { at }), begun)
        .when({})
        .then(fact("StepWaitEnded", { step: "w" }));
    }
  });

  it.each(["tomorrow", "2026-13-01T00:00:00Z", -1, null, "1970-01-01"])("until %j fails the step", (at) => {
    const plan = planOf([wait("w", "${inputs.at}")]);
    scenario(advancing)
      .given(started(plan, { at }))
      .when({})
      .then(failed("w", { attempt: 0, error: expect.objectContaining({ code: "not-a-moment" }) }));
  });
});

import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { errorOf } from "#events/errors.ts";
import { blobRef, inline } from "#events/payload.ts";
import {
  ANSWERED,
  cancelRequested,
  dispatched,
  failed,
  lost,
  planFailed,
  planOf,
  started,
  succeeded,
  THRICE,
  tool,
  value,
  wait,
} from "../plans.ts";
import { advancing, scenario } from "#src/testing/scenario.ts";

const retryAt = (dueAt: number) => ({ kind: "retry" as const, dueAt, delayMs: 100 });
const skipped = (step: string, because?: string) =>
  fact("StepSkipped", { step, reason: because === undefined ? { kind: "when" } : { kind: "need", step: because } });
const planSucceeded = fact("PlanSucceeded", { epoch: 1 });

describe("cancelling", () => {
  const plan = planOf([tool("a"), tool("b", { needs: ["a"] })]);

  it("waits for running attempts and starts nothing", () => {
    scenario(advancing).given(started(plan), dispatched("a"), cancelRequested()).when({ slots: 5 }).thenIdle();
  });

  it("ends when the last running attempt has ended", () => {
    const cancelled = fact("PlanCancelled", { epoch: 1, ...ANSWERED });
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
      .then(
        fact("PlanSucceeded", {
          epoch: 1,
          outputs: inline({ n: 2 }),
          response: inline("n is 2"),
          provenance: [{ from: 0, to: 6, steps: ["v"] }],
        }),
      );
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
    const error = errorOf("validation", "index-out-of-range", "");
    const failure = planFailed({ ...error, message: expect.any(String) });
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

import { describe, expect, it } from "vitest";
import { fact, type FactData } from "#events/catalog.ts";
import type { CommandOf } from "#events/commands.ts";
import { errorOf } from "#events/errors.ts";
import { inline } from "#events/payload.ts";
import { resolveOutcome } from "#machines/decide/resolve.ts";
import {
  cancelRequested,
  dispatched,
  lost,
  NOW,
  planFailed,
  planOf,
  started,
  tool,
  UNAVAILABLE,
  value,
} from "../plans.ts";
import { scenario } from "#src/testing/scenario.ts";

type Resolution = CommandOf<"ResolveOutcome">["resolution"];
const resolve = (resolution: Resolution, step = "a") => ({ type: "ResolveOutcome" as const, step, resolution });
const resolved = (resolution: FactData<"StepOutcomeResolved">["resolution"]) =>
  fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution });

const plan = planOf([tool("a", {}, { idempotent: false }), value("b", 1, { needs: ["a"] })]);
const unknown = [
  ...started(plan),
  dispatched("a", { idempotent: false }),
  lost("a", { next: { kind: "unknown", policy: "ask" } }),
];

describe("ResolveOutcome", () => {
  it("takes the step as done with the output that a person gives", () => {
    const done = { kind: "done", output: inline(7) } as const;
    const state = scenario(resolveOutcome).given(unknown).when(resolve(done)).then(resolved(done));
    expect(state.steps[0]?.chart.value).toBe("succeeded");
    expect([...state.ready]).toEqual([1]);
  });

  it("runs the step again, at once", () => {
    const state = scenario(resolveOutcome)
      .given(unknown)
      .when(resolve({ kind: "retry" }))
      .then(resolved({ kind: "retry", dueAt: NOW }));
    expect(state.retries.peek()).toMatchObject({ step: 0, dueAt: NOW });
  });

  it("fails the step with the words of the person, or words of its own", () => {
    const said = errorOf("unknown", "resolved-as-failed", "never arrived");
    const own = errorOf("unknown", "resolved-as-failed", "answered by a person: failed");
    const state = scenario(resolveOutcome)
      .given(unknown)
      .when(resolve({ kind: "fail", note: "never arrived" }))
      .then(resolved({ kind: "fail", error: said }));
    expect(state.steps[0]?.error).toEqual(said);
    scenario(resolveOutcome)
      .given(unknown)
      .when(resolve({ kind: "fail" }))
      .then(resolved({ kind: "fail", error: own }));
  });

  it("is refused for a step that nobody knows, or whose outcome is known", () => {
    scenario(resolveOutcome)
      .given(unknown)
      .when(resolve({ kind: "retry" }, "ghost"))
      .thenRejected("unknown-step");
    scenario(resolveOutcome)
      .when(resolve({ kind: "retry" }))
      .thenRejected("unknown-step");
    scenario(resolveOutcome)
      .given(unknown)
      .when(resolve({ kind: "retry" }, "b"))
      .thenRejected("outcome-known");
    scenario(resolveOutcome)
      .given(unknown, resolved({ kind: "retry", dueAt: NOW }))
      .when(resolve({ kind: "retry" }))
      .thenRejected("outcome-known");
  });

  it("may still answer while the plan is being cancelled", () => {
    const two = planOf([tool("a", {}, { idempotent: false }), tool("m")]);
    const done = { kind: "done", output: inline(7) } as const;
    scenario(resolveOutcome)
      .given(started(two), dispatched("m"), dispatched("a", { idempotent: false }))
      .given(lost("a", { next: { kind: "unknown", policy: "ask" } }), cancelRequested())
      .when(resolve(done))
      .then(resolved(done));
  });

  it("is refused after the plan has ended", () => {
    scenario(resolveOutcome)
      .given(unknown, planFailed(UNAVAILABLE))
      .when(resolve({ kind: "retry" }))
      .thenRejected("plan-ended");
  });
});

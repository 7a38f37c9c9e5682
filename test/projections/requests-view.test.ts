import { describe, expect, it } from "vitest";
import { requestsView } from "#projections/requests-view.ts";
import type { ViewedFact } from "#projections/keyed-view.ts";

const viewed = (type: string, data: object): ViewedFact =>
  ({ plan: "p", at: 7, fact: { type, data } }) as unknown as ViewedFact;
const failed = (step: string, next: string, code = "out-of-scope"): ViewedFact =>
  viewed("StepFailed", {
    step,
    attempt: 1,
    error: { category: "not-found", code, message: "no tool" },
    next: { kind: next },
  });

describe("the row of a request", () => {
  it("has why nothing was planned for it", () => {
    const fact = failed("plan", "final");
    expect(requestsView.key(fact, true)).toBe("p");
    expect(requestsView.evolve(requestsView.initial(), fact, undefined)).toMatchObject({
      refused: { code: "out-of-scope", message: "no tool" },
    });
  });

  it("has nothing of a failure that is tried again, or of a step that was planned", () => {
    expect(requestsView.evolve(requestsView.initial(), failed("plan", "retry"), undefined)).not.toHaveProperty(
      "refused",
    );
    expect(requestsView.key(failed("send", "final"), true)).toBeUndefined();
    expect(requestsView.key(failed("plan", "final"), undefined)).toBeUndefined();
  });
});

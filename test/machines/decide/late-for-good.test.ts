// Reports that come when their step has moved on: they are recorded, and change nothing.
import { describe, expect, it } from "vitest";
import { fact, type Fact } from "#events/catalog.ts";
import type { AttemptOutcome, CommandOf } from "#events/commands.ts";
import { inline } from "#events/payload.ts";
import { reportAttempt } from "#machines/decide/report.ts";
import { after, begun, partOf, tell, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { answerOne, running } from "../inside/answering.ts";
import {
  call,
  dispatched,
  each,
  late,
  lost,
  ONCE,
  OTHER_WORKER,
  planOf,
  started,
  succeeded,
  tool,
  WORKER,
} from "../plans.ts";
import { failure, silence, stopped, success } from "../reports.ts";
import { scenario } from "#src/testing/scenario.ts";

type Said = Partial<CommandOf<"ReportAttempt">> & { readonly outcome: AttemptOutcome };
const report = (said: Said) => ({ type: "ReportAttempt" as const, step: "a", attempt: 1, executor: WORKER, ...said });
const again = { kind: "retry", dueAt: 1_000, delayMs: 0 } as const;

/** The last fact, of a late report. */
const noted = (driver: Driver) => driver.events.at(-1)?.data as { adopted: boolean; undoDue: boolean };

describe("a report of an attempt whose records have left memory", () => {
  const step = "all/0/do";
  const silent: readonly Fact[] = [
    ...started(planOf([each("all", [1, 2], { steps: [tool("do")] })])),
    fact("StepExpanded", { step: "all", from: 0, to: 1, total: 2, items: inline([1, 2]) }),
    dispatched(step),
    lost(step, { next: again }),
    dispatched(step, { attempt: 2 }),
    succeeded(step, { attempt: 2 }),
    fact("StepWindowClosed", { step: "all", from: 0, to: 1, outputs: [partOf("done")] }),
  ];
  const told = (said: Said) =>
    scenario(reportAttempt)
      .given(silent)
      .when(report({ step, ...said }));

  it("is recorded, and of a success is due for undo", () => {
    const facts = [success, failure].map((outcome) => late(step, { outcome, undoDue: outcome.kind === "succeeded" }));
    for (const one of facts) {
      const { outcome } = one.data as { outcome: AttemptOutcome };
      const state = told({ outcome }).then(one);
      expect(state.silent.size).toBe(0);
    }
  });

  it("is no news where it is silence", () => {
    told({ outcome: silence }).thenDuplicate();
    told({ outcome: { ...failure, isSilent: true } }).thenDuplicate();
  });

  it("is refused from anybody else, and of an attempt that had answered", () => {
    told({ outcome: success, executor: OTHER_WORKER }).thenRejected("unknown-attempt");
    told({ outcome: success, attempt: 2 }).thenRejected("unknown-attempt");
  });
});

describe("a late failure", () => {
  it("of an attempt before the one whose outcome is unknown leaves that unknown", () => {
    const risky = planOf([tool("a", {}, { idempotent: false })]);
    const unknown = { kind: "unknown", policy: "ask" } as const;
    const state = scenario(reportAttempt)
      .given(started(risky), dispatched("a", { idempotent: false }), lost("a", { next: unknown }))
      .given(fact("StepOutcomeResolved", { step: "a", attempt: 1, resolution: { kind: "retry", dueAt: 1_000 } }))
      .given(dispatched("a", { attempt: 2, idempotent: false }), lost("a", { attempt: 2, next: unknown }))
      .when(report({ outcome: failure }))
      .then(late("a", { outcome: failure }));
    expect(state.in.unknown).toBe(1);
  });
});

describe("a late stop", () => {
  it("of an attempt that was given up for lost is news", () => {
    scenario(reportAttempt)
      .given(started(planOf([tool("a")], { onFailure: "continue" })), dispatched("a"), lost("a"))
      .when(report({ outcome: stopped }))
      .then(late("a", { outcome: stopped }));
  });
});

describe("a late success", () => {
  const twice = [dispatched("a"), lost("a", { next: again }), dispatched("a", { attempt: 2 })];

  it("is not taken for that of a later attempt, which has fallen silent too", () => {
    scenario(reportAttempt)
      .given(started(planOf([tool("a")], { onFailure: "continue" })), twice, lost("a", { attempt: 2 }))
      .when(report({ outcome: success }))
      .then(late("a", { outcome: success, undoDue: true }));
  });

  it("is not taken inside of what has ended, while the plan goes on", () => {
    const all = each("all", [1], { steps: [tool("do")], deadlineMs: 50 });
    const driver = begun([all, tool("m")], { fields: { onFailure: "continue" } });
    after(driver, lost("all/0/do", { next: { kind: "retry", dueAt: driver.now + 1_000, delayMs: 1_000 } }));
    driver.now += 50;
    driver.turn();
    expect([valueAt(driver, "all"), valueAt(driver, "all/0/do")]).toEqual(["failed", "between"]);
    tell(driver, report({ step: "all/0/do", outcome: success }));
    expect(noted(driver)).toMatchObject({ adopted: false, undoDue: true });
  });

  it("is not taken by a step that has begun anew, after it was taken back", () => {
    const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
    const driver = begun([tool("a", { undo })]);
    after(driver, lost("a"));
    tell(driver, { type: "RollbackPlan" });
    answerOne(driver, "undo:1/0/do");
    driver.turn({ commands: [{ type: "ReopenPlan" }], slots: 0 });
    expect(valueAt(driver, "a")).toBe("pending");
    driver.turn({ commands: [report({ outcome: success })], slots: 0 });
    expect(noted(driver)).toMatchObject({ adopted: false, undoDue: true });
  });

  it("is not taken by a step that has got another need since", () => {
    const driver = begun([tool("a")]);
    after(driver, lost("a"));
    const definition = planOf([tool("a", { needs: ["first"] }), tool("first")]);
    tell(driver, { type: "RevisePlan", definition, edition: 1 });
    expect([valueAt(driver, "a"), running(driver)]).toEqual(["pending", ["first"]]);
    tell(driver, report({ outcome: success }));
    expect(noted(driver)).toMatchObject({ adopted: false, undoDue: true });
  });

  it("is taken where it is that of the step as it has begun anew", () => {
    const driver = begun([tool("a", {}, { idempotent: false })]);
    answerOne(driver, "a");
    tell(driver, { type: "RollbackPlan" });
    tell(driver, { type: "ReopenPlan" });
    tell(driver, { type: "LoseAttempt", step: "a", attempt: 2, executor: WORKER });
    expect(valueAt(driver, "a")).toBe("unknown");
    tell(driver, report({ attempt: 2, outcome: success }));
    expect(valueAt(driver, "a")).toBe("succeeded");
  });
});

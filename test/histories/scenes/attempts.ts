// Hazards of attempts: reports, silence, retries, fallbacks, late answers.
import { fact } from "#events/catalog.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import {
  call,
  dispatched,
  ONCE,
  OTHER_WORKER,
  THRICE,
  tool,
  UNAVAILABLE,
  value,
  WORKER,
} from "../../machines/plans.ts";
import {
  START,
  SUCCESS,
  FAILURE,
  HOPELESS,
  start,
  report,
  lose,
  now,
  risky,
  patient,
  after,
  type Scene,
} from "./scene.ts";

export const ATTEMPT_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "death-taken-for-answer": (driver) => {
    start(driver, [tool("a", { undo: { call: call({ tool: "test.undo" }), retry: ONCE } })]);
    driver.turn({ commands: [report({ kind: "failed", error: UNAVAILABLE, isSilent: true })] });
    driver.turn({ commands: [{ type: "RollbackPlan" }] });
    return {
      claims: [
        { read: "steps.0.attempts.0.result", is: "lost" },
        { step: "undo:1/0/do", is: "running" },
      ],
      ignored: [{ field: "StepFailed.isSilent", as: false, breaks: 0 }],
    };
  },
  "report-by-somebody-else": (driver) => {
    start(driver, [patient]);
    driver.turn({ commands: [lose], slots: 0 });
    driver.now += 100;
    driver.turn();
    driver.record(
      fact("StepLost", {
        step: "a",
        attempt: 2,
        executor: WORKER,
        next: { kind: "retry", dueAt: driver.now, delayMs: 0 },
      }),
    );
    driver.record(dispatched("a", { attempt: 3, executor: OTHER_WORKER }));
    return {
      claims: [
        { command: report(SUCCESS, 3), now, answer: "rejected: unknown-attempt" },
        { command: report(SUCCESS, 3, OTHER_WORKER), now, answer: [{ type: "StepSucceeded", data: { attempt: 3 } }] },
        { command: { ...lose, attempt: 3 }, now, answer: "duplicate" },
      ],
      ignored: [{ field: "StepDispatched.executor", as: WORKER, breaks: 0 }],
    };
  },
  "double-report": (driver) => {
    start(driver, [patient, after]);
    driver.turn({ commands: [report(FAILURE)] });
    driver.now += 100;
    driver.turn();
    return {
      claims: [
        { command: report(FAILURE), now, answer: "duplicate" },
        { step: "a", is: "running" },
        { read: "steps.0.attempts.1.attempt", is: 2 },
      ],
      ignored: [
        { field: "StepDispatched.attempt", as: 1, breaks: 0 },
        { field: "StepFailed.attempt", as: 2 },
      ],
    };
  },
  "success-forgotten": (driver) => {
    start(driver, [tool("a"), value("b", "${steps.a.output.n + 1}", { needs: ["a"] }), tool("c", { needs: ["b"] })]);
    driver.turn({ commands: [report({ kind: "succeeded", output: inline({ n: 41 }) })] });
    return {
      claims: [
        { read: "steps.1.output.inline", is: 42 },
        { read: "steps.0.output.inline.n", is: 41 },
        { command: report(SUCCESS), now, answer: "duplicate" },
        { step: "c", is: "running" },
      ],
      ignored: [
        { field: "StepSucceeded.output", as: { inline: null }, breaks: 0 },
        { field: "StepSucceeded.step", as: "c" },
        { field: "StepSucceeded.attempt", as: 2 },
      ],
    };
  },
  "retry-timer-lost": (driver) => {
    start(driver, [patient]);
    driver.turn({ commands: [report(FAILURE)] });
    return {
      claims: [
        { nextDueAt: START + 100, now },
        { advance: { slots: 1 }, now: START + 99, answer: "idle" },
        { advance: { slots: 1 }, now: START + 100, answer: [{ type: "StepDispatched", data: { attempt: 2 } }] },
      ],
      ignored: [{ field: "next.dueAt", as: START + 999, breaks: 0 }],
    };
  },
  "retry-budget-forgotten": (driver) => {
    start(driver, [tool("a", { retry: { ...THRICE, attempts: 9, budgetMs: 150 } })]);
    driver.turn({ commands: [report(FAILURE)] });
    driver.now += 100;
    driver.turn();
    return {
      claims: [
        {
          command: report(FAILURE, 2),
          now: START + 101,
          answer: [{ type: "StepFailed", data: { next: { kind: "final" } } }],
        },
      ],
      ignored: [{ field: "next.delayMs", as: 0, breaks: 0 }],
    };
  },
  "fallback-forgotten": (driver) => {
    const first = { ...tool("f").call, tool: "first.fallback" };
    const second = { ...tool("f").call, tool: "second.fallback" };
    start(driver, [tool("a", { fallback: [first, second] })]);
    driver.turn({ commands: [report(HOPELESS)] });
    driver.turn({ commands: [report(HOPELESS, 2)], slots: 0 });
    return {
      claims: [
        {
          advance: { slots: 1 },
          now,
          answer: [{ type: "StepDispatched", data: { tool: "second.fallback", alternative: 1 } }],
        },
        { read: "steps.0.attempts.1.alternative", is: 0 },
        { step: "a", is: "between" },
      ],
      ignored: [
        { field: "next.index", as: 0, breaks: 0 },
        { field: "StepDispatched.alternative", as: -1, breaks: 1 },
        { field: "StepFailed.next", as: { kind: "final" } },
      ],
    };
  },
  "silent-second-run": (driver) => {
    start(driver, [risky]);
    driver.turn({ commands: [lose] });
    return {
      claims: [
        { step: "a", is: "unknown" },
        { advance: { slots: 1 }, now: START + 999_999, answer: "idle" },
        { nextDueAt: null, now },
      ],
      ignored: [
        { field: "next.kind", as: "final", breaks: 0 },
        { field: "StepLost.next", as: { kind: "retry", dueAt: START, delayMs: 0 }, breaks: 1 },
      ],
    };
  },
  "idempotence-forgotten": (driver) => {
    start(driver, [tool("a", { retry: THRICE }, { idempotent: false })]);
    return {
      claims: [
        { command: lose, now, answer: [{ type: "StepLost", data: { next: { kind: "unknown", policy: "ask" } } }] },
      ],
      ignored: [{ field: "StepDispatched.idempotent", as: true, breaks: 0 }],
    };
  },
  "hung-executor": (driver) => {
    start(driver, [tool("a", { retry: THRICE }, { timeoutMs: 1_000 })]);
    driver.now += 6_000;
    driver.turn({ slots: 0 });
    driver.now += 100;
    driver.turn();
    return {
      claims: [
        { nextDueAt: START + 6_100 + 6_000, now: START + 6_100 },
        { read: "steps.0.attempts.0.result", is: "timed-out" },
        { step: "a", is: "running" },
      ],
      ignored: [
        { field: "StepDispatched.timeoutMs", as: 300_000, breaks: 0 },
        { field: "StepTimedOut.attempt", as: 2 },
        { field: "StepTimedOut.next", as: { kind: "final" } },
      ],
    };
  },
  "deadline-mistaken-for-timeout": (driver) => {
    start(driver, [tool("a", { deadlineMs: 1_000, retry: THRICE }), tool("m")], { onFailure: "continue" });
    driver.now += 1_000;
    driver.turn();
    return {
      claims: [
        { read: "steps.0.error.code", is: "deadline-timed-out" },
        { step: "a", is: "failed" },
      ],
      ignored: [{ field: "StepTimedOut.bound", as: "attempt", breaks: 0 }],
    };
  },
  "late-success-adopted": (driver) => {
    start(driver, [patient, after]);
    driver.turn({ commands: [lose], slots: 0 });
    driver.turn({ commands: [report({ kind: "succeeded", output: inline("late") })] });
    return {
      claims: [
        { step: "a", is: "succeeded" },
        { step: "b", is: "running" },
        { read: "steps.0.output.inline", is: "late" },
        { command: report({ kind: "succeeded", output: inline("late") }), now, answer: "duplicate" },
      ],
      ignored: [
        { field: "StepLateReported.adopted", as: false },
        { field: "StepLateReported.outcome", as: { kind: "succeeded", output: { inline: null } }, breaks: 2 },
        { field: "StepLateReported.attempt", as: 2 },
      ],
    };
  },
  "late-success-unwanted": (driver) => {
    start(driver, [patient]);
    driver.turn({ commands: [lose], slots: 0 });
    driver.now += 100;
    driver.turn();
    driver.turn({ commands: [report(SUCCESS)] });
    return {
      claims: [
        { read: "steps.0.attempts.0.late.undoDue", is: true },
        { step: "a", is: "running" },
        { command: report(SUCCESS), now, answer: "duplicate" },
      ],
      ignored: [{ field: "StepLateReported.undoDue", as: false, breaks: 0 }],
    };
  },
  "answer-forgotten": (driver) => {
    start(driver, [risky, tool("b", { needs: ["a"] })]);
    driver.turn({ commands: [lose] });
    driver.turn({
      commands: [{ type: "ResolveOutcome", step: "a", resolution: { kind: "done", output: inline("by hand") } }],
    });
    return {
      claims: [
        { step: "a", is: "succeeded" },
        { read: "steps.0.output.inline", is: "by hand" },
        { step: "b", is: "running" },
      ],
      ignored: [
        { field: "StepOutcomeResolved.resolution", as: { kind: "done", output: { inline: null } }, breaks: 1 },
        { field: "StepOutcomeResolved.step", as: "b" },
      ],
    };
  },
};

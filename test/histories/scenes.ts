// The scenes that the golden histories were recorded from, one for each hazard of src/decisions/0002-facts.md. Each
// drives a plan into its hazard and says what a reader must conclude from the events alone.
import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import { attemptOutcome, type AttemptOutcome, type CommandOf } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { planStream } from "#events/streams.ts";
import { Driver } from "../machines/driver.ts";
import {
  dispatched,
  INVALID,
  OTHER_WORKER,
  PLAN,
  planOf,
  succeeded,
  THRICE,
  tool,
  UNAVAILABLE,
  value,
  wait,
  WORKER,
} from "../machines/plans.ts";
import type { Claim, Ignored } from "./history.ts";

export interface Scene {
  readonly claims: readonly Claim[];
  readonly ignored: readonly Ignored[];
}

/** Midnight of 1 January 2026, UTC: when every recorded plan starts. */
const START = Date.UTC(2026, 0, 1);

const SUCCESS: AttemptOutcome = { kind: "succeeded", output: inline("done") };
const FAILURE: AttemptOutcome = { kind: "failed", error: UNAVAILABLE };
const HOPELESS: AttemptOutcome = { kind: "failed", error: INVALID };

type PlanFields = Parameters<typeof planOf>[1];

function start(
  driver: Driver,
  steps: readonly StepDefinition[],
  fields: PlanFields = {},
  inputs: Record<string, Json> = {},
): void {
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs }] });
}

function report(outcome: AttemptOutcome, attempt = 1, executor = WORKER): CommandOf<"ReportAttempt"> {
  return { type: "ReportAttempt", step: "a", attempt, executor, outcome: attemptOutcome.parse(outcome) };
}

const lose = { type: "LoseAttempt", step: "a", attempt: 1, executor: WORKER } as const;
const now = START + 1;
const risky = tool("a", {}, { idempotent: false });
const patient = tool("a", { retry: THRICE });
const after = tool("b", { needs: ["a"] });

export const SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
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
        { field: "StepLateReported.adopted", as: false, breaks: 0 },
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
  "wait-timer-lost": (driver) => {
    start(driver, [wait("a", 5_000), wait("w", 1_000)]);
    driver.now += 1_000;
    driver.turn();
    return {
      claims: [
        { nextDueAt: START + 5_000, now },
        { advance: { slots: 0 }, now: START + 4_999, answer: "idle" },
        { advance: { slots: 0 }, now: START + 5_000, answer: [{ type: "StepWaitEnded", data: { step: "a" } }] },
        { step: "w", is: "succeeded" },
      ],
      ignored: [
        { field: "StepWaitStarted.dueAt", as: 0, breaks: 0 },
        { field: "StepWaitEnded.step", as: "a", breaks: 3 },
        { field: "StepWaitStarted.step", as: "a" },
      ],
    };
  },
  "plan-deadline-lost": (driver) => {
    start(driver, [tool("a")], { deadlineMs: 60_000 });
    return {
      claims: [
        { nextDueAt: START + 60_000, now },
        {
          advance: { slots: 0 },
          now: START + 60_000,
          answer: [{ type: "PlanCancelRequested", data: { cause: "deadline" } }],
        },
      ],
      ignored: [{ field: "PlanStarted.deadlineAt", as: START + 999_999, breaks: 0 }],
    };
  },
  "deadline-mistaken-for-cancel": (driver) => {
    start(driver, [tool("a")], { deadlineMs: 60_000 });
    driver.now += 60_000;
    driver.turn();
    driver.record(succeeded("a"));
    return {
      claims: [
        { plan: "cancelling" },
        { advance: { slots: 0 }, now, answer: [{ type: "PlanFailed", data: { error: { code: "plan-deadline" } } }] },
      ],
      ignored: [{ field: "PlanCancelRequested.cause", as: "requested", breaks: 1 }],
    };
  },
  "cancel-before-answers": (driver) => {
    start(driver, [tool("a"), tool("m"), after]);
    driver.turn({ commands: [{ type: "CancelPlan", note: "wrong input" }] });
    driver.turn({ commands: [report({ kind: "cancelled" })] });
    return {
      claims: [
        { plan: "cancelling" },
        { advance: { slots: 9 }, now, answer: "idle" },
        { step: "a", is: "cancelled" },
        { step: "m", is: "running" },
        { command: { type: "CancelPlan" }, now, answer: "duplicate" },
        { command: report({ kind: "cancelled" }), now, answer: "duplicate" },
      ],
      ignored: [
        { field: "StepCancelled.step", as: "m", breaks: 2 },
        { field: "StepCancelled.attempt", as: 2 },
      ],
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
  "skip-unexplained": (driver) => {
    start(driver, [value("a", 1, { when: "inputs.n > 1" }), value("b", 2, { needs: ["a"] })], {}, { n: 1 });
    return {
      claims: [
        { plan: "succeeded" },
        { read: "steps.0.skipped.kind", is: "when" },
        { read: "steps.1.skipped.step", is: "a" },
      ],
      ignored: [
        { field: "StepSkipped.reason", as: { kind: "when" }, breaks: 2 },
        { field: "StepSkipped.step", as: "b" },
      ],
    };
  },
  "failure-unexplained": (driver) => {
    start(driver, [tool("a")]);
    driver.turn({ commands: [{ ...report(HOPELESS), durationMs: 3 }] });
    return {
      claims: [
        { plan: "failed" },
        { read: "steps.0.error.code", is: "bad-arguments" },
        { read: "error.category", is: "validation" },
        { read: "data.failed.0", revision: 4, is: "a" },
      ],
      ignored: [
        { field: "StepFailed.error", as: { category: "unknown", code: "failed", message: "" }, breaks: 1 },
        { field: "PlanFailed.error", as: { category: "unknown", code: "failed", message: "" }, breaks: 2 },
        { field: "PlanFailed.failed", as: [], breaks: 3 },
      ],
    };
  },
  "cancel-unexplained": (driver) => {
    driver.record(
      fact("PlanDrafted", {
        name: "nightly-report",
        edition: 1,
        machine: "plan@1",
        definition: inline(planOf([tool("a")]) as Json),
        definitionHash: "0".repeat(32),
        steps: 1,
      }),
    );
    driver.turn({ commands: [{ type: "CancelPlan", note: "drafted by mistake" }] });
    return {
      claims: [{ plan: "cancelled" }, { read: "data.note", revision: 1, is: "drafted by mistake" }],
      ignored: [{ field: "PlanCancelled.note", as: "", breaks: 1 }],
    };
  },
  "outcome-lost": (driver) => {
    const fields = { outputs: { total: "${steps.v.output}" }, respond: "the total is ${steps.v.output}" };
    start(driver, [value("v", "${inputs.n * 2}")], fields, { n: 21 });
    return {
      claims: [
        { plan: "succeeded" },
        { read: "outputs.inline.total", is: 42 },
        { read: "response.inline", is: "the total is 42" },
      ],
      ignored: [
        { field: "PlanSucceeded.outputs", as: { inline: {} }, breaks: 1 },
        { field: "PlanSucceeded.response", as: { inline: null }, breaks: 2 },
      ],
    };
  },
  "inputs-changed": (driver) => {
    start(driver, [tool("a"), value("b", "${inputs.n}", { needs: ["a"] }), tool("c", { needs: ["b"] })], {}, { n: 5 });
    driver.record(succeeded("a"));
    return {
      claims: [
        { advance: { slots: 1 }, now, answer: [{ type: "StepSucceeded", data: { step: "b", output: { inline: 5 } } }] },
      ],
      ignored: [{ field: "PlanStarted.inputs", as: { inline: { n: 6 } }, breaks: 0 }],
    };
  },
  "arguments-resolved-twice": (driver) => {
    start(driver, [tool("a", {}, { with: { range: "${inputs.since}..HEAD" } })], {}, { since: "v1" });
    return {
      claims: [{ read: "steps.0.dispatched.args.inline.range", is: "v1..HEAD" }],
      ignored: [{ field: "StepDispatched.args", as: { inline: {} }, breaks: 0 }],
    };
  },
  "work-adopted-by-mistake": (driver) => {
    const called = { tool: "test.tool", version: "1.0.0" };
    start(driver, [tool("a", {}, { ...called, with: { n: 1 } })]);
    driver.turn({ commands: [report(SUCCESS)] });
    return {
      claims: [{ read: "steps.0.attempts.0.argsHash", is: contentHash({ ...called, args: { n: 1 } }) }],
      ignored: [{ field: "StepDispatched.argsHash", as: "0".repeat(32), breaks: 0 }],
    };
  },
  "tool-changed": (driver) => {
    start(driver, [tool("a", {}, { tool: "git.log", version: "2.1.0" })]);
    return {
      claims: [
        { read: "steps.0.dispatched.tool", is: "git.log" },
        { read: "steps.0.dispatched.toolVersion", is: "2.1.0" },
      ],
      ignored: [
        { field: "StepDispatched.tool", as: "git.status", breaks: 0 },
        { field: "StepDispatched.toolVersion", as: "3.0.0", breaks: 1 },
      ],
    };
  },
  "definition-changed": (driver) => {
    const definition = planOf([tool("a"), after]);
    start(driver, definition.steps);
    return {
      claims: [
        { advance: { slots: 9 }, now, answer: "idle" },
        { step: "b", is: "pending" },
        { read: "drafted.definitionHash", is: contentHash(definition as Json) },
      ],
      ignored: [
        { field: "PlanDrafted.definition", as: { inline: planOf([tool("a"), tool("b")]) as Json }, breaks: 0 },
        { field: "PlanDrafted.definitionHash", as: "0".repeat(32), breaks: 2 },
      ],
    };
  },
  "plan-not-recognised": (driver) => {
    start(driver, [tool("a"), after], { name: "release-notes" });
    return {
      claims: [
        { read: "header.context.name", is: "release-notes" },
        { read: "data.steps", revision: 0, is: 2 },
      ],
      ignored: [
        { field: "PlanDrafted.name", as: "plan", breaks: 0 },
        { field: "PlanDrafted.steps", as: 1, breaks: 1 },
      ],
    };
  },
  "unknown-machine": (driver) => {
    start(driver, [tool("a")]);
    return {
      claims: [{ read: "drafted.machine", is: "plan@1" }],
      ignored: [{ field: "PlanDrafted.machine", as: "plan@999" }],
    };
  },
  "stale-owner": (driver) => {
    driver.epoch = 7;
    start(driver, [tool("a")]);
    return {
      claims: [
        { read: "header.context.epoch", is: 7 },
        { read: "steps.0.dispatched.epoch", is: 7 },
      ],
      ignored: [
        { field: "PlanStarted.epoch", as: 0, breaks: 0 },
        { field: "StepDispatched.epoch", as: 0, breaks: 1 },
      ],
    };
  },
  "stale-edition": (driver) => {
    driver.record(
      fact("PlanDrafted", {
        name: "revised",
        edition: 3,
        machine: "plan@1",
        definition: inline(planOf([tool("a")]) as Json),
        definitionHash: "0".repeat(32),
        steps: 1,
      }),
      fact("PlanStarted", { epoch: 1, inputs: inline({}) }),
      dispatched("a", { edition: 3 }),
    );
    return {
      claims: [
        { read: "header.context.edition", is: 3 },
        { read: "steps.0.dispatched.edition", is: 3 },
      ],
      ignored: [
        { field: "PlanDrafted.edition", as: 1, breaks: 0 },
        { field: "StepDispatched.edition", as: 1, breaks: 1 },
      ],
    };
  },
  "capacity-promised-twice": (driver) => {
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([tool("a")]), inputs: {} }], slots: 0 });
    driver.record(dispatched("a", { tokens: ["gpu:17"] }));
    return {
      claims: [{ read: "steps.0.dispatched.tokens.0", is: "gpu:17" }],
      ignored: [{ field: "StepDispatched.tokens", as: [], breaks: 0 }],
    };
  },
  "estimate-unexplained": (driver) => {
    start(driver, [tool("a", { estimateMs: 250 })]);
    driver.turn({ commands: [{ ...report(SUCCESS), durationMs: 243 }] });
    return {
      claims: [
        { read: "data.estimateMs", revision: 2, is: 250 },
        { read: "data.durationMs", revision: 3, is: 243 },
      ],
      ignored: [
        { field: "StepDispatched.estimateMs", as: 0, breaks: 0 },
        { field: "StepSucceeded.durationMs", as: 0, breaks: 1 },
      ],
    };
  },
  "undo-lost": (driver) => {
    start(driver, [tool("a"), after]);
    const undo = { tool: "fs.delete", version: "1.0.0", args: inline({ path: "NOTES.md" }) };
    driver.record(succeeded("a", { undo }));
    return {
      claims: [{ read: "data.undo.args.inline.path", revision: 3, is: "NOTES.md" }],
      ignored: [{ field: "StepSucceeded.undo", as: { ...undo, args: inline({}) }, breaks: 0 }],
    };
  },
};

/** The one history of another stream: a plan that cannot be folded is set aside, and later let go. */
export const POISONED_PLAN = {
  facts: [
    fact("PlanQuarantined", {
      plan: PLAN,
      stream: planStream(PLAN),
      revision: 12,
      code: "unknown-event",
      message: 'no fact is called "StepVanished"',
    }),
    fact("PlanReleased", { plan: PLAN }),
  ],
  claims: [
    { read: "data.plan", revision: 0, is: PLAN },
    { read: "data.stream", revision: 0, is: planStream(PLAN) },
    { read: "data.revision", revision: 0, is: 12 },
    { read: "data.code", revision: 0, is: "unknown-event" },
    { read: "data.plan", revision: 1, is: PLAN },
  ],
  ignored: [{ field: "PlanQuarantined.revision", as: -1, breaks: 2 }],
} satisfies Scene & { facts: unknown };

// Hazards of plans as a whole: timers, deadlines, ends, and what explains them.
import { fact } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import { planOf, succeeded, tool, value, wait } from "../../machines/plans.ts";
import { START, HOPELESS, start, report, now, after, type Scene } from "./scene.ts";

export const PLAN_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "revision-forgotten": (driver) => {
    start(driver, [tool("a"), after], { deadlineMs: 1_000 });
    const steps = [tool("a"), { ...after, priority: 1 }, tool("c", { needs: ["a"] })];
    const definition = planOf(steps, { deadlineMs: 9_000 });
    driver.turn({ commands: [{ type: "RevisePlan", definition, edition: 1, note: "one more" }] });
    driver.record(succeeded("a"));
    return {
      claims: [
        { step: "c", is: "pending" },
        { nextDueAt: START + 9_000, now },
        { read: "header.context.edition", is: 2 },
        { read: "drafted.definitionHash", is: driver.state.drafted?.definitionHash ?? "" },
        {
          read: "data.changes",
          revision: 3,
          is: [
            { step: "b", change: "changed", words: ["priority"] },
            { step: "c", change: "added", words: [] },
          ],
        },
        { read: "data.words", revision: 3, is: ["deadlineMs"] },
        { read: "data.note", revision: 3, is: "one more" },
        { read: "data.epoch", revision: 3, is: 1 },
        { read: "data.steps", revision: 3, is: 3 },
      ],
      ignored: [
        { field: "PlanRevised.definition", as: { inline: planOf([tool("a"), after]) as never } },
        { field: "PlanRevised.deadlineAt", as: START + 1_000, breaks: 1 },
        { field: "PlanRevised.edition", as: 3, breaks: 2 },
        { field: "PlanRevised.definitionHash", as: "0", breaks: 3 },
        { field: "PlanRevised.changes", as: [], breaks: 4 },
        { field: "PlanRevised.words", as: [], breaks: 5 },
        { field: "PlanRevised.note", as: "", breaks: 6 },
        { field: "PlanRevised.epoch", as: 9, breaks: 7 },
        { field: "PlanRevised.steps", as: 2, breaks: 8 },
      ],
    };
  },
  "revision-unexplained": (driver) => {
    start(driver, [tool("a", { revises: true })]);
    const rest = { steps: [tool("b", { needs: ["a"] })] } as never;
    driver.turn({ commands: [report({ kind: "succeeded", output: inline({ rest }) })] });
    return {
      claims: [
        { step: "b", is: "running" },
        { read: "data.cause", revision: 4, is: { kind: "rest", step: "a" } },
      ],
      ignored: [{ field: "PlanRevised.cause", as: { kind: "rest", step: "b" }, breaks: 1 }],
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
  "skip-unexplained": (driver) => {
    start(driver, [value("a", 1, { when: "inputs.n > 1" }), value("b", 2, { needs: ["a"] })], { given: { n: 1 } });
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
  "outputs-unseen": (driver) => {
    start(driver, [value("v", "${inputs.n * 2}")], {
      outputs: { total: "${steps.v.output}" },
      returns: { total: { type: "number", maximum: 40 } },
      given: { n: 21 },
    });
    return {
      claims: [
        { plan: "failed" },
        { read: "error.code", is: "outputs-unfit" },
        { read: "outputs.inline.total", is: 42 },
      ],
      ignored: [{ field: "PlanFailed.outputs", as: { inline: {} }, breaks: 2 }],
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
    start(driver, [value("v", "${inputs.n * 2}")], { ...fields, given: { n: 21 } });
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
  "answer-without-grounds": (driver) => {
    const fields = { respond: "It is ${steps.v.output}. Nothing else was asked." };
    start(driver, [value("u", 1), value("v", "${steps.u.output + inputs.n}", { needs: ["u"] })], {
      ...fields,
      given: { n: 21 },
    });
    return {
      claims: [
        { read: "response.inline", is: "It is 22. Nothing else was asked." },
        { read: "provenance.0.steps.0", is: "v" },
      ],
      ignored: [{ field: "PlanSucceeded.provenance", as: [], breaks: 1 }],
    };
  },
  "failure-unanswered": (driver) => {
    start(driver, [value("v", 2), tool("a", { needs: ["v"] })], {
      respond: { $partial: "It is ${steps.v.output}. It costs ${steps.a.output.price}. Next: ${next}." },
    });
    driver.turn({ commands: [report(HOPELESS)] });
    return {
      claims: [
        { plan: "failed" },
        { read: "response.inline", is: "It is 2. Next: correct what was given, then try again." },
        { read: "provenance.1.steps.0", is: "a" },
      ],
      ignored: [
        { field: "PlanFailed.response", as: { inline: null }, breaks: 1 },
        { field: "PlanFailed.provenance", as: [], breaks: 2 },
      ],
    };
  },
  "cancel-unanswered": (driver) => {
    start(driver, [value("v", 2), tool("a", { needs: ["v"] })], {
      respond: { $partial: "${done} done, not ${failed[0].step}." },
    });
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    driver.turn({ commands: [report(HOPELESS)] });
    return {
      claims: [
        { plan: "cancelled" },
        { read: "response.inline", is: "1 done, not a." },
        { read: "provenance.0.steps.0", is: "v" },
      ],
      ignored: [
        { field: "PlanCancelled.response", as: { inline: null }, breaks: 1 },
        { field: "PlanCancelled.provenance", as: [], breaks: 2 },
      ],
    };
  },
  "inputs-changed": (driver) => {
    start(driver, [tool("a"), value("b", "${inputs.n}", { needs: ["a"] }), tool("c", { needs: ["b"] })], {
      given: { n: 5 },
    });
    driver.record(succeeded("a"));
    return {
      claims: [
        { advance: { slots: 1 }, now, answer: [{ type: "StepSucceeded", data: { step: "b", output: { inline: 5 } } }] },
      ],
      ignored: [{ field: "PlanStarted.inputs", as: { inline: { n: 6 } }, breaks: 0 }],
    };
  },
};

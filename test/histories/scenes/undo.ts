// Hazards of rollback, of reopening, and of what people say that a step comes to.
import type { ToolStep } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import { call, ONCE, succeeded, tool } from "../../machines/plans.ts";
import { now, report, SUCCESS, HOPELESS, START, start, type Scene } from "./scene.ts";

const undo: ToolStep["undo"] = { call: call({ tool: "test.undo" }), retry: ONCE };
const first = tool("a", { undo });
const second = tool("b", { undo, needs: ["a"] });
const mail = tool("m", { irreversible: true, needs: ["a"] });

function done(driver: Driver, ...steps: readonly string[]): void {
  for (const step of steps) driver.turn({ commands: [{ ...report(SUCCESS), step }] });
}

export const UNDO_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "undo-out-of-order": (driver) => {
    start(driver, [first, second]);
    done(driver, "a", "b");
    driver.turn({ commands: [{ type: "RollbackPlan" }] });
    return {
      claims: [
        { step: "undo:1/0/do", is: "running" },
        { advance: { slots: 9 }, now, answer: "idle" },
      ],
      ignored: [{ field: "StepExpanded.barriers", as: [], breaks: 1 }],
    };
  },
  "undone-twice": (driver) => {
    start(driver, [first]);
    done(driver, "a");
    driver.turn({ commands: [{ type: "RollbackPlan" }] });
    driver.record(succeeded("undo:1/0/do"));
    return {
      claims: [{ read: "steps.0.isUndone", is: true }],
      ignored: [{ field: "StepDispatched.undoes", as: "m", breaks: 0 }],
    };
  },
  "rollback-too-far": (driver) => {
    start(driver, [first, second, mail, tool("z", { undo })]);
    done(driver, "a", "z", "b", "m");
    const command = { type: "RollbackPlan", from: "a", to: "b", acceptIrreversible: true, note: "wrong" } as const;
    driver.turn({ commands: [command], slots: 0 });
    return {
      claims: [
        { plan: "rolled-back" },
        { read: "rollbacks.0.from", is: "a" },
        { read: "rollbacks.0.to", is: "b" },
        { read: "data.irreversible.0", revision: 11, is: "m" },
        { read: "data.note", revision: 11, is: "wrong" },
        { step: "undo:1", is: "succeeded" },
      ],
      ignored: [
        { field: "PlanRollbackStarted.from", as: "z", breaks: 1 },
        { field: "PlanRollbackStarted.to", as: "z", breaks: 2 },
        { field: "PlanRollbackStarted.irreversible", as: [], breaks: 3 },
        { field: "PlanRollbackStarted.note", as: "", breaks: 4 },
        { field: "PlanRollbackStarted.number", as: 2 },
      ],
    };
  },
  "rollback-unexplained": (driver) => {
    start(driver, [first, second], { onFailure: "rollback" });
    done(driver, "a");
    driver.turn({ commands: [{ ...report(HOPELESS), step: "b" }] });
    driver.record(succeeded("undo:1/0/do"));
    driver.turn();
    return {
      claims: [
        { plan: "rolled-back" },
        { read: "error.code", is: "steps-failed" },
        { read: "data.cause", revision: 6, is: "failure" },
        { read: "data.epoch", revision: 6, is: 1 },
        { read: "data.epoch", revision: 11, is: 1 },
      ],
      ignored: [
        {
          field: "PlanRollbackStarted.error",
          as: { category: "unknown", code: "unknown", message: "" },
          breaks: 1,
        },
        { field: "PlanRollbackStarted.cause", as: "requested", breaks: 2 },
        { field: "PlanRollbackStarted.epoch", as: 9, breaks: 3 },
        { field: "PlanRolledBack.epoch", as: 9, breaks: 4 },
      ],
    };
  },
  "rollback-unanswered": (driver) => {
    start(driver, [first, second], {
      onFailure: "rollback",
      respond: { $failed: "Nothing is left of it. ${failed[0].step} failed." },
    });
    done(driver, "a");
    driver.turn({ commands: [{ ...report(HOPELESS), step: "b" }] });
    driver.record(succeeded("undo:1/0/do"));
    driver.turn();
    return {
      claims: [
        { plan: "rolled-back" },
        { read: "response.inline", is: "Nothing is left of it. b failed." },
        { read: "provenance.1.steps.0", is: "b" },
      ],
      ignored: [
        { field: "PlanRolledBack.response", as: { inline: null }, breaks: 1 },
        { field: "PlanRolledBack.provenance", as: [], breaks: 2 },
      ],
    };
  },
  "reopened-without-time": (driver) => {
    start(driver, [tool("a")], { deadlineMs: 1_000 });
    driver.turn({ commands: [report(HOPELESS)] });
    driver.now += 5_000;
    driver.turn({ commands: [{ type: "ReopenPlan", note: "the network is back" }] });
    return {
      claims: [
        { nextDueAt: START + 6_000, now: START + 5_000 },
        { read: "data.note", revision: 5, is: "the network is back" },
        { read: "data.epoch", revision: 5, is: 1 },
      ],
      ignored: [
        { field: "PlanReopened.deadlineAt", as: START + 1_000, breaks: 0 },
        { field: "PlanReopened.note", as: "", breaks: 1 },
        { field: "PlanReopened.epoch", as: 9, breaks: 2 },
      ],
    };
  },
  "word-forgotten": (driver) => {
    start(driver, [tool("a"), tool("b", { needs: ["a"] }), tool("m")]);
    const outcome = { kind: "done", output: inline("by hand") } as const;
    driver.turn({ commands: [{ type: "GiveOutcome", step: "b", outcome, note: "did it myself" }] });
    return {
      claims: [
        { step: "b", is: "succeeded" },
        { read: "steps.1.output.inline", is: "by hand" },
        { read: "data.note", revision: 4, is: "did it myself" },
      ],
      ignored: [
        { field: "StepOutcomeGiven.step", as: "m" },
        { field: "StepOutcomeGiven.outcome", as: { kind: "skipped" }, breaks: 0 },
        { field: "StepOutcomeGiven.note", as: "", breaks: 2 },
      ],
    };
  },
};

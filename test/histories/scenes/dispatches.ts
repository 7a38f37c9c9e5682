// Hazards of what a definition and a dispatch pin down: tools, arguments, owners, editions, leases, undo.
import { contentHash } from "#events/canonical.ts";
import { fact } from "#events/catalog.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import { dispatched, planOf, succeeded, tool } from "../../machines/plans.ts";
import { SUCCESS, start, report, now, after, type Scene } from "./scene.ts";

export const DISPATCH_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "arguments-resolved-twice": (driver) => {
    start(driver, [tool("a", {}, { with: { range: "${inputs.since}..HEAD" } })], { given: { since: "v1" } });
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
  "isolation-forgotten": (driver) => {
    start(driver, [tool("a", {}, { isolate: "process" })]);
    return {
      claims: [{ read: "steps.0.dispatched.isolate", is: "process" }],
      ignored: [{ field: "StepDispatched.isolate", as: "thread", breaks: 0 }],
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

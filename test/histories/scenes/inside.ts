// Hazards of steps with steps inside: items, iterations, called plans, and what closed windows leave behind.
import { fact } from "#events/catalog.ts";
import { calledPlan, type StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Driver } from "../../machines/driver.ts";
import {
  call,
  calling,
  dispatched,
  each,
  failed,
  ONCE,
  planOf,
  repeat,
  started,
  succeeded,
  tool,
} from "../../machines/plans.ts";
import { now, start, type Scene } from "./scene.ts";

const work = tool("do", { undo: { call: call({ tool: "test.undo" }), retry: ONCE } }, { with: { of: "${item}" } });
const outputs = (...values: readonly Json[]) => [{ items: inline(values) as { inline: Json }, count: values.length }];

/** A window of one item, as a wide list would be opened: what windows leave behind is in their facts. */
function windowOf(driver: Driver, step: StepDefinition, from: number): void {
  if (from === 0) driver.record(...started(planOf([step], { onFailure: "continue" })));
  const first = from === 0 ? { total: 2, items: inline(["x", "y"]) } : {};
  driver.record(fact("StepExpanded", { step: "a", from, to: from + 1, ...first }));
}

export const INSIDE_SCENES: Readonly<Record<string, (driver: Driver) => Scene>> = {
  "items-forgotten": (driver) => {
    start(driver, [each("a", ["x", "y", "z"], { steps: [work], concurrency: 1 }), tool("b")]);
    return {
      claims: [
        { step: "a/0/do", is: "running" },
        { read: "steps.0.expansion.total", is: 3 },
        { read: "steps.0.expansion.items.inline.2", is: "z" },
        { read: "steps.0.expansion.opened", is: 3 },
      ],
      ignored: [
        { field: "StepExpanded.step", as: "b" },
        { field: "StepExpanded.from", as: 1 },
        { field: "StepExpanded.to", as: 1, breaks: 3 },
        { field: "StepExpanded.total", as: 9, breaks: 1 },
        { field: "StepExpanded.items", as: { inline: [] }, breaks: 2 },
      ],
    };
  },
  "called-inputs-lost": (driver) => {
    const inner = calledPlan.parse({ name: "inner", inputs: { of: { schema: {} } }, steps: [tool("do")] });
    start(driver, [calling("a", "inner", { with: { of: "${inputs.of}" } })], {
      calls: { inner },
      given: { of: "all" },
    });
    return {
      claims: [{ read: "steps.1.scope.inputs.inline.of", is: "all" }],
      ignored: [{ field: "StepExpanded.inputs", as: { inline: {} }, breaks: 0 }],
    };
  },
  "iteration-forgotten": (driver) => {
    const again = tool("do", {}, { with: { before: "${previous}" } });
    start(driver, [repeat("a", "index == 1", { steps: [again] })]);
    driver.record(succeeded("a/0/do", { output: inline("first") }));
    driver.turn({ slots: 0 });
    return {
      claims: [
        {
          advance: { slots: 1 },
          now,
          answer: [{ type: "StepDispatched", data: { args: { inline: { before: "first" } } } }],
        },
      ],
      ignored: [{ field: "StepExpanded.previous", as: { inline: null }, breaks: 0 }],
    };
  },
  "window-forgotten": (driver) => {
    const step = each("a", ["x", "y"], { steps: [work], concurrency: 1 });
    windowOf(driver, step, 0);
    driver.record(dispatched("a/0/do"), succeeded("a/0/do", { output: inline("X") }));
    const undo = [outputs({ step: "a/0/do", tool: "test.undo", version: "1.0.0", args: { inline: {} } })];
    driver.record(fact("StepWindowClosed", { step: "a", from: 0, to: 1, outputs: outputs("X"), undo }));
    windowOf(driver, step, 1);
    driver.record(dispatched("a/1/do"), succeeded("a/1/do", { output: inline("Y") }));
    return {
      claims: [
        { read: "steps.0.expansion.closed.0.outputs.0.items.inline.0", is: "X" },
        { read: "steps.0.expansion.closed.0.undo.0.0.items.inline.0.step", is: "a/0/do" },
        { read: "steps.0.expansion.closed.0.to", is: 1 },
      ],
      ignored: [
        { field: "StepWindowClosed.step", as: "b" },
        { field: "StepWindowClosed.from", as: 1 },
        { field: "StepWindowClosed.to", as: 2 },
        { field: "StepWindowClosed.outputs", as: [], breaks: 0 },
        { field: "StepWindowClosed.undo", as: [], breaks: 1 },
      ],
    };
  },
  "errors-forgotten": (driver) => {
    const step = each("a", ["x", "y"], { steps: [work], concurrency: 1, tolerate: { count: 1 } });
    windowOf(driver, step, 0);
    driver.record(dispatched("a/0/do"), failed("a/0/do"));
    const error = { index: 0, category: "unavailable", code: "steps-failed", message: "a/0/do failed" };
    const [errors] = outputs(error);
    driver.record(fact("StepWindowClosed", { step: "a", from: 0, to: 1, outputs: outputs(null), errors }));
    windowOf(driver, step, 1);
    driver.record(dispatched("a/1/do"), succeeded("a/1/do", { output: inline("Y") }));
    driver.turn();
    return {
      claims: [
        { read: "steps.0.expansion.closed.0.errors.items.inline.0.index", is: 0 },
        { read: "steps.0.errors.inline.0.code", is: "steps-failed" },
      ],
      ignored: [
        { field: "StepWindowClosed.errors", as: { items: { inline: [] }, count: 0 }, breaks: 0 },
        { field: "StepSucceeded.errors", as: { inline: [] }, breaks: 1 },
      ],
    };
  },
};

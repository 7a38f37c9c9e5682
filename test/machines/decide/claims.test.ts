import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { advancing, scenario } from "#src/testing/scenario.ts";
import { dispatched, each, failed, planOf, started, tool, value } from "../plans.ts";
import { errorOf } from "#events/errors.ts";

const given = (step: StepDefinition) => started(planOf([step]));

describe("a dispatch", () => {
  it("cites what the attempt holds: its place in a pool, amounts of resources, its place under a key", () => {
    const holding = tool("a", { pool: "gpu", uses: { db: 2, mail: 1 }, key: "host-${1 + 1}" });
    const tokens = ["pool:1:gpu", "resource:2:db", "resource:1:mail", "key:1:host-2"];
    scenario(advancing).given(given(holding)).when({}).then(dispatched("a", { tokens }));
  });

  it("cites only what there is", () => {
    scenario(advancing)
      .given(given(tool("a")))
      .when({})
      .then(dispatched("a"));
    scenario(advancing)
      .given(given(tool("a", { pool: "gpu" })))
      .when({})
      .then(dispatched("a", { tokens: ["pool:1:gpu"] }));
    scenario(advancing)
      .given(given(tool("a", { key: "k" })))
      .when({})
      .then(dispatched("a", { tokens: ["key:1:k"] }));
  });

  it.each([
    { key: "${1 + 1}", shown: "2" },
    { key: "${''}", shown: '""' },
  ])("is refused where the key is $shown, no text", ({ key, shown }) => {
    const error = errorOf("validation", "bad-key-value", `a concurrency key is a text, not ${shown}`);
    scenario(advancing)
      .given(given(tool("a", { key })))
      .when({})
      .then(failed("a", { attempt: 0, error }));
  });

  it("waits where no executor has room for it", () => {
    scenario(advancing)
      .given(given(tool("a", { pool: "gpu" })))
      .when({ slots: 0 })
      .thenIdle();
  });
});

describe("a step that stands on its own", () => {
  it("needs no room: a value, and the list of an each", () => {
    const state = scenario(advancing)
      .given(given(value("a", 1)))
      .when({ slots: 0 });
    expect(state.then(expect.objectContaining({ type: "StepSucceeded" }) as never)).toBeDefined();
    const open = scenario(advancing)
      .given(given(each("a", [1, 2, 3], { steps: [tool("do")] })))
      .when({ slots: 0 });
    expect(open.then(expect.objectContaining({ type: "StepExpanded" }) as never)).toBeDefined();
  });
});

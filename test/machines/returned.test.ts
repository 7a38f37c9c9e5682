import { describe, expect, it } from "vitest";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { outputsMisfit } from "#machines/returned.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "./driver.ts";
import { calling, PLAN, planOf, THRICE, tool, value, WORKER } from "./plans.ts";

const atMost = (maximum: number): JsonObject => ({ type: "integer", maximum });
const total = { outputs: { total: "${steps.v.output}" } };

function ended(steps: readonly StepDefinition[], fields: Partial<PlanDefinition>): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  return driver;
}

function answer(driver: Driver, step: string, output: Json): readonly string[] {
  const before = driver.events.length;
  const { attempt } = recordAt(driver.state, stepIndex(driver.state, step)).chart.context;
  const outcome = { kind: "succeeded", output: inline(output) } as const;
  driver.turn({ commands: [{ type: "ReportAttempt", step, attempt, executor: WORKER, outcome }] });
  return driver.events.slice(before).map(({ type }) => type);
}

describe("a plan that says what it returns", () => {
  it("succeeds where its outputs fit", () => {
    const { state } = ended([value("v", 42)], { ...total, returns: { total: atMost(42) } });
    expect(state.header.value).toBe("succeeded");
    expect(state.outputs).toEqual(inline({ total: 42 }));
  });

  it("fails where they do not, and keeps them, with an answer that says why", () => {
    const { state, events } = ended([value("v", 42)], { ...total, returns: { total: atMost(41) } });
    expect(state.header.value).toBe("failed");
    expect(state.error).toMatchObject({ category: "validation", code: "outputs-unfit" });
    expect(state.error?.message).toContain("total: ");
    expect(state.outputs).toEqual(inline({ total: 42 }));
    expect(state.response).toMatchObject({ inline: expect.stringContaining("1 of 1 step done.") as string });
    expect(state.response).toMatchObject({ inline: expect.stringContaining("not what the plan returns") as string });
    expect(events.at(-1)).toMatchObject({ type: "PlanFailed", data: { failed: [], outputs: inline({ total: 42 }) } });
  });

  it("answers with its own words where it has some for that", () => {
    const respond = {
      $done: "Total ${steps.v.output}.",
      $partial: "${done} of ${total}. It came to ${steps.v.output}.",
    };
    const { state } = ended([value("v", 42)], { ...total, returns: { total: atMost(41) }, respond });
    expect(state.response).toEqual(inline("1 of 1. It came to 42."));
  });

  it("takes back what was done where it says so", () => {
    const fields = { ...total, returns: { total: atMost(41) }, onFailure: "rollback" } as const;
    const { state } = ended([value("v", 42)], fields);
    expect(state.header.value).toBe("rolled-back");
    expect(state.error?.code).toBe("outputs-unfit");
  });

  it("is the same after a snapshot, and has no outputs while it goes on", () => {
    const { state } = ended([value("v", 42)], { ...total, returns: { total: atMost(41) } });
    expect(decodeState(PLAN, encodeState(state), NO_BLOBS).outputs).toEqual(inline({ total: 42 }));
  });

  it("has outputs that are not there for a misfit", () => {
    expect(outputsMisfit({ a: {} }, {})?.message).toContain('"a" is missing');
    expect(outputsMisfit({ a: {} }, null)?.code).toBe("outputs-unfit");
    expect(outputsMisfit({}, null)?.code).toBe("outputs-unfit");
    expect(outputsMisfit(undefined, null)).toBeUndefined();
  });

  it("tells a few of many misfits, whatever they are called", () => {
    const names = Array.from({ length: 9 }, (_, at) => `o${at}`);
    const returns = Object.fromEntries([...names, "__proto__"].map((name) => [name, { type: "string" }]));
    const message = outputsMisfit(returns, Object.fromEntries(names.map((name) => [name, 1])))?.message ?? "";
    expect(message.match(/is wanted|missing/g)).toHaveLength(3);
    expect(message).toContain("; and ");
  });
});

describe("a plan that is called and says what it returns", () => {
  const called = (returns: PlanDefinition["returns"]): Driver => {
    const inner = planOf([value("v", 42)], { ...total, ...(returns === undefined ? {} : { returns }) });
    return ended([calling("c", "inner@1")], { calls: { "inner@1": inner }, outputs: { all: "${steps.c.output}" } });
  };

  it("fails its caller's step where its outputs do not fit", () => {
    const { state } = called({ total: atMost(41) });
    expect(recordAt(state, 0).error).toMatchObject({ category: "validation", code: "outputs-unfit" });
    expect(state.header.value).toBe("failed");
  });

  it("gives them where they do", () => {
    expect(called({ total: atMost(42) }).state.outputs).toEqual(inline({ all: { total: 42 } }));
  });
});

describe("a step that says what it returns", () => {
  const step = (fields: Parameters<typeof tool>[1] = {}) => tool("a", { returns: atMost(41), ...fields });

  it("succeeds with what fits", () => {
    const driver = ended([step()], {});
    expect(answer(driver, "a", 41)).toEqual(["StepSucceeded", "PlanSucceeded"]);
  });

  it("fails with what does not, however its tool sees it", () => {
    const driver = ended([step()], {});
    expect(answer(driver, "a", 42)).toEqual(["StepFailed", "PlanFailed"]);
    expect(recordAt(driver.state, 0).error).toMatchObject({ category: "validation", code: "output-unfit" });
  });

  it("is not asked again for it, but goes to its fallback, which has to fit as well", () => {
    const driver = ended([step({ retry: THRICE, fits: atMost(41), fallback: [{ value: 42 }, { value: 7 }] })], {});
    expect(answer(driver, "a", 42)).toEqual(["StepFailed", "StepFailed", "StepSucceeded", "PlanSucceeded"]);
    expect(recordAt(driver.state, 0).output).toEqual(inline(7));
  });
});

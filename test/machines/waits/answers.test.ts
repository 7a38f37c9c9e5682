import { describe, expect, it } from "vitest";
import type { ToolStep } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { blobRef, inline } from "#events/payload.ts";
import { NO_BLOBS, type Blobs } from "#machines/blobs.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { call, failed, ONCE, planOf, succeeded, tool, UNAVAILABLE, WORKER } from "../plans.ts";

const look: ToolStep["unknown"] = {
  verify: call({ tool: "test.look", with: { id: "7" } }),
  done: "output.found",
  output: "${output.id}",
};
const silent = (fields: Partial<ToolStep>): ToolStep => tool("a", fields, { idempotent: false });

/** A plan whose one attempt has fallen silent. */
function afterSilence(step: ToolStep): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf([step, tool("m")]), inputs: {} }] });
  lose(driver, 1);
  return driver;
}

function lose(driver: Driver, attempt: number): void {
  driver.turn({ commands: [{ type: "LoseAttempt", step: "a", attempt, executor: WORKER }] });
}

function answer(driver: Driver, step: string, output: Json): void {
  driver.record(succeeded(step, { output: inline(output) }));
  driver.turn();
}

const recordOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path));
const toolsOf = ({ events }: Driver) =>
  events.flatMap(({ type, data }) => (type === "StepDispatched" ? [(data as { tool: string }).tool] : []));

describe("a tool that looks", () => {
  it("finds that it was done, and what it gave", () => {
    const driver = afterSilence(silent({ unknown: look }));
    expect(recordOf(driver, "a").chart.value).toBe("unknown");
    expect(toolsOf(driver)).toEqual(["test.tool", "test.tool", "test.look"]);
    answer(driver, "a/0/verify", { found: true, id: 12 });
    expect(recordOf(driver, "a")).toMatchObject({ chart: { value: "succeeded" }, output: inline(12) });
  });

  it("finds that it was not, and the step runs again", () => {
    const driver = afterSilence(silent({ unknown: look }));
    answer(driver, "a/0/verify", { found: false });
    expect(recordOf(driver, "a").chart.value).toBe("between");
    driver.now += ONCE.delayMs;
    driver.turn();
    expect(recordOf(driver, "a").chart).toMatchObject({ value: "running", context: { attempt: 2 } });
    lose(driver, 2);
    answer(driver, "a/1/verify", { found: true, id: 13 });
    expect(recordOf(driver, "a").output).toEqual(inline(13));
  });

  it("is waited for where what it saw is kept as a blob; one that is lost leaves the answer to a person", () => {
    const ref = blobRef.parse("c".repeat(64));
    let seen: Blobs = NO_BLOBS;
    const seenLater: Blobs = { get: (it) => seen.get(it), problem: (it) => seen.problem?.(it) };
    const looking = (): Driver => {
      const driver = new Driver({ blobs: seenLater });
      const definition = planOf([silent({ unknown: look }), tool("m")]);
      driver.turn({ commands: [{ type: "StartPlan", definition, inputs: {} }] });
      lose(driver, 1);
      driver.record(succeeded("a/0/verify", { output: { blob: ref, bytes: 50_000 } }));
      return driver;
    };
    expect(() => {
      looking().turn();
    }).toThrow(`blobs are missing: ${ref}`);
    const resolve = (blobs: Blobs) => {
      seen = blobs;
      const driver = looking();
      driver.turn();
      seen = NO_BLOBS;
      return driver.events.find(({ type }) => type === "StepOutcomeResolved")?.data;
    };
    const asked = { step: "a", attempt: 1, resolution: { kind: "ask" } };
    expect(resolve({ get: () => ({ found: true, id: 14 }) })).toEqual({
      ...asked,
      resolution: { kind: "done", output: inline(14) },
    });
    expect(resolve({ get: () => ({ found: false }) })).toBeUndefined();
    expect(resolve({ get: () => ({ found: "perhaps" }) })).toEqual(asked);
    expect(resolve({ get: () => ({ found: true }) })).toEqual(asked);
    expect(resolve({ get: () => undefined, problem: () => "its file is gone" })).toEqual(asked);
  });

  it("is asked again when it fails, less and less often, and then a person is", () => {
    const driver = afterSilence(silent({ unknown: look }));
    const delays = [1, 2, 3].map((attempt) => {
      const outcome = { kind: "failed", error: UNAVAILABLE } as const;
      const report = { type: "ReportAttempt", step: "a/0/verify", attempt, executor: WORKER, outcome } as const;
      driver.turn({ commands: [report] });
      const waits = (driver.state.retries.peek()?.dueAt ?? driver.now) - driver.now;
      driver.now += waits;
      driver.turn();
      return waits;
    });
    // Half of each bound: the driver's chance is always 0.5.
    expect(delays).toEqual([250, 500, 0]);
    expect(driver.events.at(-1)).toMatchObject({ type: "StepOutcomeResolved", data: { resolution: { kind: "ask" } } });
  });

  it("that fails leaves the answer to a person", () => {
    const driver = afterSilence(silent({ unknown: look }));
    driver.record(failed("a/0/verify"));
    driver.turn();
    expect(recordOf(driver, "a").chart.value).toBe("unknown");
    driver.turn({ commands: [{ type: "ResolveOutcome", step: "a", resolution: { kind: "done", output: inline(1) } }] });
    expect(recordOf(driver, "a").output).toEqual(inline(1));
  });

  it("is asked again when the outcome of a later attempt is unknown", () => {
    const driver = afterSilence(silent({ unknown: look }));
    driver.turn({ commands: [{ type: "ResolveOutcome", step: "a", resolution: { kind: "retry" } }] });
    lose(driver, 2);
    expect(toolsOf(driver).filter((name) => name === "test.look")).toHaveLength(2);
    answer(driver, "a/1/verify", { found: true, id: 1 });
    expect(recordOf(driver, "a").chart.value).toBe("succeeded");
  });

  it("is not asked about a fallback, of which it knows nothing", () => {
    const step = silent({ unknown: look, fallback: [call({ tool: "test.other", idempotent: false })] });
    const driver = new Driver();
    driver.turn({ commands: [{ type: "StartPlan", definition: planOf([step, tool("m")]), inputs: {} }] });
    driver.record(failed("a", { next: { kind: "fallback", index: 0 } }));
    driver.turn();
    lose(driver, 2);
    expect(recordOf(driver, "a").chart.value).toBe("unknown");
    expect(toolsOf(driver)).not.toContain("test.look");
  });
});

describe("an undo that answers", () => {
  const undo = { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE };

  it("is tried again where it falls silent itself: nobody is asked about an answer", () => {
    const risky = { call: call({ tool: "test.undo", idempotent: false }), retry: ONCE };
    const driver = afterSilence(silent({ unknown: "undo", undo: risky }));
    const lose = { type: "LoseAttempt", step: "a/0/undo", attempt: 1, executor: WORKER } as const;
    driver.turn({ commands: [lose] });
    expect(recordOf(driver, "a/0/undo").chart.value).toBe("between");
  });

  it("takes back what may be there, and the step runs again", () => {
    const driver = afterSilence(silent({ unknown: "undo", undo }));
    expect(recordOf(driver, "a/0/undo").dispatched?.args).toEqual(inline({ of: null }));
    answer(driver, "a/0/undo", null);
    driver.now += ONCE.delayMs;
    driver.turn();
    expect(recordOf(driver, "a").chart).toMatchObject({ value: "running", context: { attempt: 2 } });
  });

  it("that fails leaves the answer to a person", () => {
    const driver = afterSilence(silent({ unknown: "undo", undo }));
    driver.record(failed("a/0/undo"));
    driver.turn();
    expect(recordOf(driver, "a")).toMatchObject({ chart: { value: "unknown" }, answering: -1 });
  });

  it("is no longer waited for when the attempt reports late", () => {
    const driver = afterSilence(silent({ unknown: "undo", undo }));
    const outcome = { kind: "succeeded", output: inline("late") } as const;
    driver.turn({ commands: [{ type: "ReportAttempt", step: "a", attempt: 1, executor: WORKER, outcome }] });
    expect(recordOf(driver, "a")).toMatchObject({ chart: { value: "succeeded" }, output: inline("late") });
  });
});

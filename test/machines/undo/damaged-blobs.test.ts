// What is decided where a blob is gone: whatever reads it fails by name, and nothing is asked for without end.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import { blobRef } from "#events/payload.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Blobs } from "#machines/blobs.ts";
import { planStateOf } from "#machines/state.ts";
import { Driver } from "../driver.ts";
import { answerOne, running } from "../inside/answering.ts";
import { call, EPOCH, ONCE, planOf, repeat, succeeded, tool } from "../plans.ts";

/** Nothing is loaded, and nothing can be. */
const GONE: Blobs = { get: () => undefined, problem: (ref) => `blob ${ref} is gone` };

const LOST = { blob: blobRef.parse("a".repeat(64)), bytes: 40_000 };

const UNDO = { call: call({ tool: "test.undo", with: { of: "${output}" } }), retry: ONCE };

function begun(steps: readonly StepDefinition[]): Driver {
  const driver = new Driver({ blobs: GONE });
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
  return driver;
}

const failures = ({ events }: Driver) => events.filter(({ type }) => type === "StepFailed").map(({ data }) => data);

describe("a blob that is gone", () => {
  it("fails the undo call whose arguments read it, and the rollback goes on without it", () => {
    const driver = begun([tool("a", { undo: UNDO }), tool("b", { undo: UNDO })]);
    driver.record(succeeded("a", { output: LOST }));
    answerOne(driver, "b");
    driver.turn({ commands: [{ type: "RollbackPlan" }] });
    expect(running(driver)).toEqual(["undo:1/0/do"]);
    answerOne(driver, "undo:1/0/do");
    expect(planStateOf(driver.state)).toBe("failed");
    expect(failures(driver)).toMatchObject([{ step: "undo:1/1/do", error: { code: "blob-missing" } }]);
  });

  it("fails every call of a rollback whose list it is", () => {
    const driver = begun([tool("a", { undo: UNDO })]);
    answerOne(driver, "a");
    driver.record(
      fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] }),
      fact("StepExpanded", { step: "undo:1", from: 0, to: 1, total: 1, items: LOST }),
    );
    driver.turn();
    expect(failures(driver)).toMatchObject([{ step: "undo:1/0/do", error: { code: "blob-missing" } }]);
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it("fails a repeat whose condition reads it", () => {
    const driver = begun([repeat("again", "output == 1", { steps: [tool("do")] })]);
    driver.record(succeeded("again/0/do", { output: LOST }));
    driver.turn();
    expect(failures(driver)).toMatchObject([{ step: "again", error: { code: "blob-missing" } }]);
    expect(planStateOf(driver.state)).toBe("failed");
  });

  it("is a question to a person where what was looked for is in it", () => {
    const unknown = { verify: call({ tool: "test.look" }), done: "output", output: "found" };
    const driver = begun([tool("a", { unknown }, { idempotent: false })]);
    answerOne(driver, "a", () => ({ kind: "timed-out" }));
    driver.record(succeeded("a/0/verify", { output: LOST }));
    driver.turn();
    expect(driver.events.at(-1)).toMatchObject({ type: "StepOutcomeResolved", data: { resolution: { kind: "ask" } } });
  });
});

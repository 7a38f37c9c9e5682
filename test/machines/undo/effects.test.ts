// What a rollback takes back when effects come late, were taken back before, or are known not to be there.
import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "#events/commands.ts";
import type { StepDefinition, ToolStep } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import { slotPriority } from "#machines/advance.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { planStateOf } from "#machines/state.ts";
import { Driver, replay } from "../driver.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";
import { call, each, ONCE, PLAN, planOf, THRICE, tool, value, WORKER } from "../plans.ts";

const UNDO: NonNullable<ToolStep["undo"]> = { call: call({ tool: "test.undo" }), retry: ONCE };
const SILENT: AttemptOutcome = { kind: "timed-out" };

const said = (step: string): Json => step;
const done = (id: string, fields: Parameters<typeof tool>[1] = {}): ToolStep => tool(id, { undo: UNDO, ...fields });

function begun(steps: readonly StepDefinition[]): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps), inputs: {} }] });
  return driver;
}

const rollback = (driver: Driver) => driver.turn({ commands: [{ type: "RollbackPlan" }] });
const reopen = (driver: Driver) => driver.turn({ commands: [{ type: "ReopenPlan" }] });

function late(driver: Driver, step: string, attempt = 1): void {
  const outcome = { kind: "succeeded" as const, output: inline("late") };
  driver.turn({ commands: [{ type: "ReportAttempt", step, attempt, executor: WORKER, outcome }] });
}

/** What undo calls were dispatched for, in order. */
const undone = ({ events }: Driver) =>
  events.flatMap(({ type, data }) => {
    const { undoes } = data as { undoes?: string };
    return type === "StepDispatched" && undoes !== undefined ? [undoes] : [];
  });

const lastFact = ({ events }: Driver) => events.at(-1)?.data;

describe("a rollback of what runs", () => {
  it("wants no slot before all that runs has answered", () => {
    const driver = begun([done("a")]);
    rollback(driver);
    expect(slotPriority(driver.state, driver.now)).toBeUndefined();
    answerOne(driver, "a", said);
    expect(undone(driver)).toEqual(["a"]);
  });
});

describe("a success that comes late", () => {
  it("is due for undo, and not adopted, while the plan is rolled back", () => {
    const driver = begun([done("a", { retry: ONCE }), done("b")]);
    answerOne(driver, "b", said);
    answerOne(driver, "a", () => SILENT);
    rollback(driver);
    expect(undone(driver).sort()).toEqual(["a", "b"]);
    answerOne(driver, "undo:1/0/do", said);
    late(driver, "a");
    expect(lastFact(driver)).toMatchObject({ step: "a", adopted: false, undoDue: true });
  });

  it("of an undo call has taken the step back", () => {
    const driver = begun([done("a", { undo: { ...UNDO, retry: THRICE } }), done("b")]);
    answerAll(driver, said);
    rollback(driver);
    answerOne(driver, "undo:1/1/do", () => SILENT);
    late(driver, "undo:1/1/do");
    expect(lastFact(driver)).toMatchObject({ step: "undo:1/1/do", adopted: true });
    answerAll(driver, () => FAILS);
    expect(planStateOf(driver.state)).toBe("failed");
    rollback(driver);
    answerAll(driver, said);
    expect(undone(driver)).toEqual(["b", "a", "b"]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });
});

describe("an effect that is not there any more", () => {
  it("is not taken back again after the plan was reopened", () => {
    const driver = begun([done("a", { retry: THRICE }), done("b")]);
    answerOne(driver, "a", () => SILENT);
    answerOne(driver, "b", said);
    driver.now += 1_000;
    driver.turn();
    answerAll(driver, said);
    rollback(driver);
    answerAll(driver, said);
    expect(undone(driver)).toHaveLength(2);
    reopen(driver);
    answerOne(driver, "a", () => ({ kind: "failed", error: { category: "validation", code: "no", message: "no" } }));
    answerAll(driver, () => FAILS);
    rollback(driver);
    answerAll(driver, said);
    expect(undone(driver)).toHaveLength(2);
  });

  it("is not taken back again after the step was revised", () => {
    const driver = begun([done("a")]);
    answerOne(driver, "a", () => SILENT);
    rollback(driver);
    answerAll(driver, said);
    expect(undone(driver)).toEqual(["a"]);
    const definition = planOf([tool("a", { undo: UNDO, deadlineMs: 10 }, { with: { x: 2 } })]);
    driver.turn({ commands: [{ type: "RevisePlan", definition, edition: 1 }], slots: 0 });
    driver.now += 100;
    driver.turn();
    expect(planStateOf(driver.state)).toBe("failed");
    rollback(driver);
    expect(undone(driver)).toEqual(["a"]);
  });

  it("is not taken back where somebody has looked and found nothing", () => {
    const unknown: ToolStep["unknown"] = { verify: call({ tool: "test.look" }), done: "output", output: "found" };
    const risky = tool("a", { undo: UNDO, unknown }, { idempotent: false });
    const driver = begun([risky]);
    answerOne(driver, "a", () => SILENT);
    expect(running(driver)).toEqual(["a/0/verify"]);
    answerOne(driver, "a/0/verify", () => false);
    driver.now += 10_000;
    driver.turn();
    answerAll(driver, () => ({ kind: "failed", error: { category: "validation", code: "no", message: "no" } }));
    expect(planStateOf(driver.state)).toBe("failed");
    rollback(driver);
    expect(undone(driver)).toEqual([]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
  });

  it("is not taken back a second time after its records have left memory", () => {
    // A window has a thousand steps.
    const values = Array.from({ length: 9 }, (_, index) => value(`v${index}`, index, { needs: ["do"] }));
    const items = Array.from({ length: 130 }, (_, index) => index);
    const driver = begun([each("all", items, { steps: [done("do"), ...values], concurrency: 10 })]);
    answerAll(driver, said);
    expect(driver.events.filter(({ type }) => type === "StepWindowClosed").length).toBeGreaterThan(0);
    rollback(driver);
    const fails = undone(driver)[3];
    answerAll(driver, (step) => (step === "undo:1/3/do" ? FAILS : step));
    expect(planStateOf(driver.state)).toBe("failed");
    const before = undone(driver).length;
    rollback(driver);
    answerAll(driver, said);
    expect(undone(driver).slice(before)).toEqual([fails]);
    expect(planStateOf(driver.state)).toBe("rolled-back");
    const kept = decodeState(PLAN, encodeState(replay(driver.events.slice(0, -10))), NO_BLOBS);
    expect(encodeState(replay(driver.events.slice(-10), kept))).toEqual(encodeState(driver.state));
  });
});

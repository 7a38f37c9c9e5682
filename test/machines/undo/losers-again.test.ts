// Who has lost a race when its plan is taken up again, and who has not any more.
import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { planStateOf } from "#machines/state.ts";
import { after, begun, recordOf, tell, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";
import { call, each, ONCE, planOf, succeeded, tool } from "../plans.ts";

const undo = { call: call({ tool: "test.undo" }), retry: ONCE };
const undoable = (id: string) => tool(id, { undo });
const race = (...needs: string[]) => tool("z", { needs, join: { first: 1 } });
const reopen = (driver: Driver) => tell(driver, { type: "ReopenPlan" });
const rollBack = (driver: Driver, from: string) => tell(driver, { type: "RollbackPlan", from });
const stopped = () => ({ kind: "cancelled" }) as const;

describe("the loser of a race", () => {
  const lostIn = (steps: readonly StepDefinition[], prefix = "") => {
    const driver = begun(steps);
    after(driver, succeeded(`${prefix}a`));
    answerAll(driver, (step) => (step === `${prefix}z` ? FAILS : stopped()));
    return driver;
  };

  it("stays one while enough others have succeeded, also inside of an item", () => {
    const driver = lostIn([tool("b"), tool("a"), race("a", "b")]);
    reopen(driver);
    expect(running(driver)).toEqual(["z"]);
    const inside = lostIn([each("all", [1], { steps: [tool("b"), tool("a"), race("a", "b")] })], "all/0/");
    expect(planStateOf(inside.state)).toBe("failed");
    reopen(inside);
    expect(running(inside)).toEqual(["all/0/z"]);
  });

  it("stays one when the race is over, and its plan has failed for another reason", () => {
    const driver = begun([tool("b"), tool("a"), race("a", "b"), tool("f")]);
    after(driver, succeeded("a"));
    answerOne(driver, "b", stopped);
    answerOne(driver, "z");
    answerOne(driver, "f", () => FAILS);
    expect(planStateOf(driver.state)).toBe("failed");
    reopen(driver);
    expect([running(driver), valueAt(driver, "b")]).toEqual([["f"], "cancelled"]);
  });

  it("may fail as any step when it is none any more", () => {
    const driver = lostIn([each("b", [1], { steps: [tool("do")] }), undoable("a"), race("a", "b")]);
    rollBack(driver, "a");
    answerAll(driver);
    reopen(driver);
    answerOne(driver, "b/0/do", () => FAILS);
    expect(valueAt(driver, "b")).toBe("failed");
  });

  it("is none any more when the winner was taken back, and the plan revised or not", () => {
    const steps = [each("b", [1], { steps: [tool("do")] }), undoable("a"), race("a", "b")];
    for (const more of [[], [tool("new", { needs: ["z"] })]]) {
      const driver = lostIn(steps);
      expect([valueAt(driver, "b"), planStateOf(driver.state)]).toEqual(["cancelled", "failed"]);
      rollBack(driver, "a");
      answerAll(driver);
      if (more.length === 0) reopen(driver);
      else tell(driver, { type: "RevisePlan", definition: planOf([...steps, ...more]), edition: 1 });
      expect(running(driver).sort()).toEqual(["a", "b/0/do"]);
    }
  });

  it("does what was stopped inside of it when it is none any more, and keeps what had succeeded", () => {
    const inner = each("in", [1, 2], { steps: [tool("x"), tool("y", { needs: ["x"] })] });
    const all = each("b", [1, 2, 3], { steps: [inner], concurrency: 3 });
    const driver = begun([all, undoable("a"), race("a", "b")]);
    for (const step of ["0/x", "0/y", "1/x"]) answerOne(driver, `b/0/in/${step}`, () => step);
    after(driver, succeeded("a"));
    answerAll(driver, (step) => (step === "z" ? FAILS : stopped()));
    rollBack(driver, "a");
    answerAll(driver);
    reopen(driver);
    expect(running(driver).filter((step) => step.startsWith("b/0/"))).toEqual(["b/0/in/1/y"]);
    const inB = () => running(driver).find((step) => step.startsWith("b/"));
    for (let step = inB(); step !== undefined; step = inB()) answerOne(driver, step, () => "done");
    const [one, two] = [
      ["0/y", "done"],
      ["done", "done"],
    ];
    expect(recordOf(driver, "b").output).toEqual(inline([one, two, two]));
  });

  it("is none any more when a revision has taken the race away", () => {
    const driver = lostIn([tool("b"), tool("a"), race("a", "b")]);
    tell(driver, { type: "RevisePlan", definition: planOf([tool("b"), tool("a")]), edition: 1 });
    expect(running(driver)).toEqual(["b"]);
  });
});

// Of which steps a person may say what they come to, and what the others answer.
import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import { inline } from "#events/payload.ts";
import { planStateOf } from "#machines/state.ts";
import { after, begun, recordOf, tell, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { answerAll, answerOne, FAILS, running } from "../inside/answering.ts";
import { approve, each, failed, repeat, signal, succeeded, tool, value } from "../plans.ts";

const DONE = { kind: "done", output: inline("by hand") } as const;
const SKIPPED = { kind: "skipped" } as const;

const give = (driver: Driver, step: string, outcome: CommandOf<"GiveOutcome">["outcome"] = DONE) =>
  tell(driver, { type: "GiveOutcome", step, outcome });
const stopped = () => ({ kind: "cancelled" }) as const;
const pair = [tool("first"), tool("second", { needs: ["first"] })];
const each1 = (items: readonly number[]) => each("all", [...items], { steps: pair, concurrency: 1 });
const continuing = { fields: { onFailure: "continue" } } as const;

describe("an outcome that is there already", () => {
  it("is a duplicate where it is the same, and refused where it is another", () => {
    const driver = begun([tool("a"), tool("b", { needs: ["a"] }), value("c", 1, { when: "false" })]);
    answerOne(driver, "a");
    expect(give(driver, "a")).toEqual({ kind: "duplicate" });
    expect(give(driver, "a", SKIPPED)).toMatchObject({
      code: "step-settled",
      reason: expect.stringMatching(/it has ended$/) as string,
    });
    expect(give(driver, "c", SKIPPED)).toEqual({ kind: "duplicate" });
    expect(give(driver, "c")).toMatchObject({ code: "step-settled" });
  });

  it("of a step with steps inside is not taken back", () => {
    const driver = begun([each("all", [1], { steps: [tool("do")] }), tool("m")]);
    answerOne(driver, "all/0/do");
    expect(give(driver, "all", SKIPPED)).toMatchObject({ code: "step-settled" });
  });
});

describe("an outcome for a step under way", () => {
  it("is refused with what to do instead", () => {
    const driver = begun([tool("a"), each1([1, 2])]);
    expect(give(driver, "a")).toMatchObject({
      code: "step-settled",
      reason: expect.stringContaining("cancel the plan"),
    });
    const inside = expect.stringContaining("give an outcome to the steps inside") as string;
    expect(give(driver, "all")).toMatchObject({ code: "step-settled", reason: inside });
  });

  it("is taken for what is open while nothing runs inside", () => {
    const driver = begun([each("all", [1], { steps: [signal("s", "go")] }), tool("m")]);
    expect(valueAt(driver, "all")).toBe("open");
    expect(give(driver, "all")).toMatchObject({ kind: "accepted" });
    expect(recordOf(driver, "all").output).toEqual(DONE.output);
  });

  it("is taken for what waits for a signal or its time, but never stands for an approval", () => {
    const driver = begun([signal("s", "go"), approve("q"), approve("later", { needs: ["m"] }), tool("m")]);
    expect(give(driver, "s")).toMatchObject({ kind: "accepted" });
    for (const step of ["q", "later"]) expect(give(driver, step)).toMatchObject({ code: "approval-wanted" });
    expect(give(driver, "q", SKIPPED)).toMatchObject({ kind: "accepted" });
    expect(valueAt(driver, "q")).toBe("skipped");
  });

  it("does not stand for the question that a step put for itself, and is taken once that was answered", () => {
    const mail = tool("mail", { needs: ["q", "text"], irreversible: true }, { with: { text: "${steps.text.output}" } });
    const driver = begun([approve("q"), tool("text"), mail]);
    const approved = (step: string) => {
      const hash = recordOf(driver, step).wait?.approval?.hash ?? "";
      tell(driver, { type: "DecideApproval", step, hash, verdict: "approved", by: "os:alice", roles: [] });
    };
    approved("q");
    answerOne(driver, "text", () => "hello");
    expect(valueAt(driver, "mail")).toBe("waiting");
    expect(give(driver, "mail")).toMatchObject({ code: "approval-wanted" });
    approved("mail");
    answerOne(driver, "mail", () => FAILS);
    expect(valueAt(driver, "mail")).toBe("failed");
    expect(give(driver, "mail")).toMatchObject({ kind: "accepted" });
    expect(planStateOf(driver.state)).toBe("succeeded");
  });
});

describe("an outcome for a step inside of another", () => {
  it("is taken while that is open, and not before the turn of its item has come", () => {
    const driver = begun([each1([1, 2])]);
    expect(give(driver, "all/1/first")).toMatchObject({
      code: "step-settled",
      reason: expect.stringMatching(/in order$/) as string,
    });
    expect(give(driver, "all/0/second")).toMatchObject({ kind: "accepted" });
    answerAll(driver);
    expect(recordOf(driver, "all").output).toEqual(inline(["by hand", {}]));
  });

  it("is refused where its item has failed, and the others go on", () => {
    const driver = begun([each("all", [1, 2], { steps: pair, concurrency: 2, tolerate: { count: 1 } })]);
    answerOne(driver, "all/0/first", () => FAILS);
    expect(valueAt(driver, "all")).toBe("open");
    expect(give(driver, "all/0/first")).toMatchObject({ code: "step-settled" });
  });

  it("is refused where the time of that has passed, and the plan goes on without it", () => {
    const driver = begun([{ ...each1([1]), deadlineMs: 100 }, tool("m")], continuing);
    driver.now += 100;
    driver.turn();
    expect([valueAt(driver, "all"), planStateOf(driver.state)]).toEqual(["failed", "running"]);
    expect(give(driver, "all/0/second")).toMatchObject({ code: "step-settled" });
  });

  it("is refused where that has lost a race and still waits for what runs in it", () => {
    const lost = { ...each1([1]), id: "lost" };
    const driver = begun([lost, tool("won"), tool("z", { needs: ["lost", "won"], join: { first: 1 } })]);
    answerOne(driver, "won");
    expect(valueAt(driver, "lost")).toBe("open");
    expect(give(driver, "lost/0/second")).toMatchObject({ code: "step-settled" });
  });

  it("takes up a plan that has failed, or was cancelled, where it is", () => {
    const failing = begun([each1([1, 2])]);
    answerOne(failing, "all/0/first", () => FAILS);
    const cancelled = begun([each1([1, 2])]);
    tell(cancelled, { type: "CancelPlan" });
    answerOne(cancelled, "all/0/first", stopped);
    expect([failing, cancelled].map(({ state }) => planStateOf(state))).toEqual(["failed", "cancelled"]);
    for (const driver of [failing, cancelled]) {
      expect(give(driver, "all/0/first")).toMatchObject({
        facts: [{ type: "PlanReopened" }, { type: "StepOutcomeGiven" }],
      });
      expect(running(driver)).toEqual(["all/0/second"]);
    }
  });

  it("is refused in what was rolled back: that begins anew as a whole", () => {
    const driver = begun([each1([1, 2])]);
    answerOne(driver, "all/0/first", () => FAILS);
    tell(driver, { type: "RollbackPlan" });
    expect(planStateOf(driver.state)).toBe("rolled-back");
    expect(give(driver, "all/0/first")).toMatchObject({ code: "step-settled" });
  });

  it("is refused for an iteration that has ended", () => {
    const driver = begun([repeat("more", "index == 2", { steps: [value("v", 1, { when: "false" }), tool("do")] })]);
    answerOne(driver, "more/0/do");
    expect(give(driver, "more/0/v")).toMatchObject({ code: "step-settled" });
  });
});

describe("an outcome for what has lost a race", () => {
  it("is refused while the plan goes on, and after it has failed for another reason", () => {
    const driver = begun([tool("won"), tool("lost"), tool("z", { needs: ["won", "lost"], join: { first: 1 } })]);
    after(driver, succeeded("won"));
    answerOne(driver, "lost", stopped);
    expect(give(driver, "lost")).toMatchObject({ code: "step-settled" });
    after(driver, failed("z"));
    expect(planStateOf(driver.state)).toBe("failed");
    expect(give(driver, "lost")).toMatchObject({ code: "step-settled" });
  });

  it("is taken for what was stopped with its plan", () => {
    const driver = begun([tool("a")]);
    tell(driver, { type: "CancelPlan" });
    answerOne(driver, "a", stopped);
    expect(give(driver, "a")).toMatchObject({ facts: [{ type: "PlanReopened" }, { type: "StepOutcomeGiven" }] });
    expect(planStateOf(driver.state)).toBe("succeeded");
  });
});

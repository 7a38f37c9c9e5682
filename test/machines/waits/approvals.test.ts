import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import type { PlanDefinition, StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver, replay } from "../driver.ts";
import { approve, call, planOf, succeeded, tool, value } from "../plans.ts";

type Word = Partial<CommandOf<"DecideApproval">>;

function begin(steps: readonly StepDefinition[], fields: Partial<PlanDefinition> = {}): Driver {
  const driver = new Driver();
  driver.turn({ commands: [{ type: "StartPlan", definition: planOf(steps, fields), inputs: {} }] });
  return driver;
}

const recordOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path));
const valueOf = (driver: Driver, path: string) => recordOf(driver, path).chart.value;
const questionOf = (driver: Driver, path: string) => recordOf(driver, path).wait?.approval;

function decide(driver: Driver, step: string, word: Word = {}) {
  const hash = questionOf(driver, step)?.hash ?? "";
  const said = { step, hash, verdict: "approved", by: "os:alice", roles: ["editor"], ...word } as const;
  return driver.turn({ commands: [{ type: "DecideApproval", ...said }] })[0];
}

const publish = tool("publish", { needs: ["review"] }, { with: { path: "NOTES.md" } });
const review = approve("review", { role: "editor", show: "look" });

function revise(driver: Driver, steps: readonly StepDefinition[]): void {
  const { edition } = driver.state.header.context;
  const [decision] = driver.turn({ commands: [{ type: "RevisePlan", definition: planOf(steps), edition }] });
  expect(decision?.kind).toBe("accepted");
}

describe("an approval", () => {
  it("lets the steps start that need it, and says who gave it", () => {
    const driver = begin([review, publish]);
    expect(questionOf(driver, "review")).toMatchObject({ role: "editor", show: inline("look") });
    expect(questionOf(driver, "review")?.covers.map(({ step }) => step)).toEqual(["publish"]);
    expect(valueOf(driver, "publish")).toBe("pending");
    expect(decide(driver, "review", { note: "fine" })?.kind).toBe("accepted");
    expect(valueOf(driver, "publish")).toBe("running");
    expect(recordOf(driver, "review").output).toMatchObject({
      inline: { approved: true, by: "os:alice", note: "fine" },
    });
  });

  it("counts for the hash that was seen, and for no other", () => {
    const driver = begin([review, publish]);
    expect(decide(driver, "review", { hash: "0000" })).toMatchObject({ code: "approval-outdated" });
    expect(valueOf(driver, "review")).toBe("waiting");
  });

  it("is the word of somebody with the role", () => {
    const driver = begin([review, publish]);
    expect(decide(driver, "review", { roles: ["writer"] })).toMatchObject({ code: "not-permitted" });
  });

  it("that is denied fails the step for want of permission, and a fallback applies", () => {
    const driver = begin([{ ...review, fallback: [{ value: { approved: false } }] }, publish]);
    decide(driver, "review", { verdict: "denied", note: "not yet" });
    expect(recordOf(driver, "review").output).toEqual(inline({ approved: false }));
    const stopped = begin([review, publish]);
    decide(stopped, "review", { verdict: "denied", note: "not yet" });
    expect(recordOf(stopped, "review").error).toMatchObject({
      category: "permission",
      code: "approval-denied",
      message: "os:alice denied it: not yet",
    });
    expect(stopped.state.header.value).toBe("failed");
  });

  it("expires, and the step has then failed by time", () => {
    const driver = begin([{ ...review, expiresMs: 50 }, publish]);
    driver.now += 50;
    driver.turn();
    expect(recordOf(driver, "review").error).toMatchObject({ category: "timeout", code: "approval-expired" });
    expect(decide(driver, "review")).toMatchObject({ code: "approval-decided" });
  });

  it("twice is once, and the other word comes too late", () => {
    const driver = begin([review, publish]);
    const hash = questionOf(driver, "review")?.hash ?? "";
    decide(driver, "review");
    expect(decide(driver, "review", { hash })).toEqual({ kind: "duplicate" });
    expect(decide(driver, "review", { hash, verdict: "denied" })).toMatchObject({ code: "approval-decided" });
    expect(decide(driver, "publish")).toMatchObject({ code: "nothing-to-approve" });
  });

  it("holds across a crash", () => {
    const driver = begin([review, publish]);
    const hash = questionOf(driver, "review")?.hash;
    const again = replay(driver.events);
    expect(recordAt(again, stepIndex(again, "review")).wait?.approval?.hash).toBe(hash);
  });

  it("is stood in for by nobody's `done`", () => {
    const driver = begin([review, publish]);
    const outcome = { kind: "done", output: inline({ approved: true }) } as const;
    const [answer] = driver.turn({ commands: [{ type: "GiveOutcome", step: "review", outcome }] });
    expect(answer).toMatchObject({ code: "approval-wanted" });
  });
});

describe("what was approved", () => {
  it("covers the arguments as they are written where they are not known yet", () => {
    const late = tool("publish", { needs: ["review", "text"] }, { with: { text: "${steps.text.output}" } });
    const driver = begin([review, tool("text"), late]);
    decide(driver, "review");
    driver.record(succeeded("text"));
    driver.turn();
    expect(valueOf(driver, "publish")).toBe("running");
  });

  it("is asked again by a step that nothing takes back, with the arguments that it has now", () => {
    const late = {
      ...tool("publish", { needs: ["review", "text"], irreversible: true }, { with: { text: "${steps.text.output}" } }),
    };
    const driver = begin([review, tool("text"), late]);
    decide(driver, "review");
    driver.record(succeeded("text", { output: inline("hello") }));
    driver.turn();
    expect(valueOf(driver, "publish")).toBe("waiting");
    expect(questionOf(driver, "publish")).toMatchObject({
      role: "editor",
      show: { inline: { arguments: { text: "hello" } } },
    });
    expect(decide(driver, "publish", { roles: [] })).toMatchObject({ code: "not-permitted" });
    decide(driver, "publish");
    expect(valueOf(driver, "publish")).toBe("running");
  });

  it("covers what was known when it was asked, also of a step that nothing takes back", () => {
    const known = {
      ...tool("publish", { needs: ["review"], irreversible: true }, { with: { text: "${steps.text.output}" } }),
    };
    const driver = begin([
      value("text", "hello"),
      { ...review, needs: ["text"] },
      { ...known, needs: ["review", "text"] },
    ]);
    decide(driver, "review");
    expect(valueOf(driver, "publish")).toBe("running");
  });

  it("holds across a revision for steps that do the same, and for no others", () => {
    const hold = tool("slow");
    const waiting = { ...publish, needs: ["review", "slow"] };
    const same = begin([review, hold, waiting]);
    decide(same, "review");
    revise(same, [review, hold, { ...waiting, priority: 3 }]);
    same.record(succeeded("slow"));
    same.turn();
    expect(valueOf(same, "publish")).toBe("running");

    const other = begin([review, hold, waiting]);
    decide(other, "review");
    revise(other, [review, hold, { ...waiting, call: call({ with: { path: "OTHER.md" } }) }]);
    other.record(succeeded("slow"));
    other.turn();
    expect(valueOf(other, "publish")).toBe("waiting");
    expect(questionOf(other, "publish")?.show).toMatchObject({ inline: { arguments: { path: "OTHER.md" } } });
  });

  it("does not cover a step that a revision adds", () => {
    const driver = begin([review, tool("slow")]);
    decide(driver, "review");
    revise(driver, [review, tool("slow"), publish]);
    expect(valueOf(driver, "publish")).toBe("waiting");
  });
});

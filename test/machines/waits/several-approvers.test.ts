// Questions that want several people: who counts, what stands against them, and what a revision leaves of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import { inline } from "#events/payload.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { begun, factsOf, recordOf, tell, valueAt } from "../begun.ts";
import { replay, type Driver } from "../driver.ts";
import { answerOne } from "../inside/answering.ts";
import { approve, planOf, PLAN, tool } from "../plans.ts";

type Verdict = CommandOf<"DecideApproval">["verdict"];

const review = approve("review", { role: "editor", approvers: 2 });
const publish = tool("publish", { needs: ["review"] }, { with: { path: "NOTES.md" } });
const other = tool("publish", { needs: ["review"] }, { with: { path: "OTHER.md" } });
const steps = [review, publish, tool("m")];

const questionOf = (driver: Driver, step = "review") => recordOf(driver, step).wait?.approval;

interface Word {
  readonly step?: string;
  readonly hash?: string;
  readonly note?: string;
  readonly roles?: readonly string[];
}

function say(driver: Driver, by: string, ...[verdict = "approved", word = {}]: [Verdict?, Word?]) {
  const { step = "review", roles = ["editor"], hash = questionOf(driver, step)?.hash ?? "", note } = word;
  const noted = note === undefined ? {} : { note };
  return tell(driver, { type: "DecideApproval", step, hash, verdict, by, roles, ...noted });
}

function revise(driver: Driver, to: readonly StepDefinition[]) {
  const { edition } = driver.state.header.context;
  return tell(driver, { type: "RevisePlan", definition: planOf(to), edition });
}

describe("a question for two", () => {
  it("ends with the second approval, which records both in one append and lists who gave them", () => {
    const driver = begun(steps);
    expect(questionOf(driver)).toMatchObject({ approvers: 2 });
    say(driver, "os:alice", "approved", { note: "fine" });
    expect([valueAt(driver, "review"), valueAt(driver, "publish")]).toEqual(["waiting", "pending"]);
    const before = driver.events.length;
    say(driver, "os:bob");
    expect(driver.events.slice(before).map(({ type }) => type)).toEqual([
      "StepReviewed",
      "StepWaitEnded",
      "StepDispatched",
    ]);
    const at = new Date(driver.now).toISOString();
    const approvals = [
      { by: "os:alice", at, note: "fine" },
      { by: "os:bob", at },
    ];
    const hash = questionOf(driver)?.hash ?? "";
    expect(recordOf(driver, "review").output).toEqual(inline({ approved: true, hash, by: "os:bob", at, approvals }));
  });

  it("counts nobody twice", () => {
    const driver = begun(steps);
    say(driver, "os:alice");
    expect(say(driver, "os:alice")).toEqual({ kind: "duplicate" });
    expect(valueAt(driver, "review")).toBe("waiting");
    expect(factsOf(driver, "StepReviewed")).toHaveLength(1);
  });

  it("takes two words of one moment one after the other", () => {
    const driver = begun(steps);
    const hash = questionOf(driver)?.hash ?? "";
    const word = (by: string) =>
      ({ type: "DecideApproval", step: "review", hash, verdict: "approved", by, roles: ["editor"] }) as const;
    const answers = driver.turn({ commands: [word("os:alice"), word("os:bob"), word("os:carol")] });
    expect(answers.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "duplicate"]);
    expect(factsOf(driver, "StepReviewed")).toHaveLength(2);
    expect(factsOf(driver, "StepWaitEnded")).toHaveLength(1);
  });

  it("fails with one denial", () => {
    const driver = begun(steps);
    say(driver, "os:alice");
    say(driver, "os:bob", "denied");
    expect(recordOf(driver, "review").error).toMatchObject({ code: "approval-denied" });
  });

  it("lets an approval be taken back before the last one has come, also by somebody who lost the role", () => {
    const driver = begun(steps);
    expect(say(driver, "os:alice", "withdrawn")).toMatchObject({ code: "nothing-to-withdraw" });
    say(driver, "os:alice");
    expect(say(driver, "os:alice", "withdrawn", { roles: [] })?.kind).toBe("accepted");
    say(driver, "os:bob");
    expect(valueAt(driver, "review")).toBe("waiting");
    say(driver, "os:alice");
    expect(valueAt(driver, "publish")).toBe("running");
    expect(say(driver, "os:alice", "withdrawn")).toMatchObject({ code: "approval-decided" });
  });

  it("keeps what was said across a crash and a snapshot", () => {
    const driver = begun(steps);
    say(driver, "os:alice");
    tell(driver, { type: "CommentPlan", text: "why?", by: "os:carol", step: "review" });
    const folded = replay(driver.events);
    const read = decodeState(PLAN, encodeState(driver.state), NO_BLOBS);
    for (const state of [folded, read]) {
      expect(state.steps[0]?.wait).toEqual(driver.state.steps[0]?.wait);
      expect(state.comments).toEqual(driver.state.comments);
    }
  });

  it("is not ended by a history that lacks a word", () => {
    const driver = begun(steps);
    say(driver, "os:alice");
    say(driver, "os:bob");
    const [first] = driver.events.filter(({ type }) => type === "StepReviewed");
    const without = driver.events.filter((event) => event !== first);
    expect(() => replay(without)).toThrow("not been approved by all");
  });
});

describe("any words of any people", () => {
  const word = fc.record({
    by: fc.constantFrom("os:a", "os:b", "os:c", "os:d"),
    verdict: fc.constantFrom<Verdict>("approved", "approved", "approved", "changes-requested", "withdrawn"),
    isOld: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
  });

  it("start what is covered exactly when so many different people stand by it, and nobody against", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (words, approvers) => {
        const driver = begun([approve("review", { role: "editor", approvers }), publish, tool("m")]);
        const stands = new Map<string, Verdict>();
        for (const { by, verdict, isOld } of words) {
          if (valueAt(driver, "review") !== "waiting") break;
          const answer = say(driver, by, verdict, isOld ? { hash: "0" } : {});
          if (isOld) expect(answer).toMatchObject({ code: "approval-outdated" });
          const isAgainst = [...stands].some(([who, what]) => who !== by && what === "changes-requested");
          if (isOld || (verdict === "approved" && isAgainst)) continue;
          stands.set(by, verdict);
          const approved = [...stands.values()].filter((what) => what === "approved").length;
          const isReached = approved >= approvers && ![...stands.values()].includes("changes-requested");
          expect(valueAt(driver, "publish")).toBe(isReached ? "running" : "pending");
        }
      }),
    );
  });
});

describe("a request for changes", () => {
  it("keeps the question open, and stands against approvals until who made it says otherwise", () => {
    const driver = begun(steps);
    say(driver, "os:alice", "changes-requested", { note: "name it NEWS.md" });
    const refused = say(driver, "os:bob");
    expect(refused).toMatchObject({ code: "changes-requested" });
    expect(refused).toHaveProperty("reason", expect.stringContaining("os:alice asks for changes"));
    expect(valueAt(driver, "review")).toBe("waiting");
    say(driver, "os:alice");
    say(driver, "os:bob");
    expect(valueAt(driver, "publish")).toBe("running");
  });

  it("also stands in the way of the only approver, who may approve after all", () => {
    const driver = begun([approve("review"), publish, tool("m")]);
    say(driver, "os:alice", "changes-requested");
    expect(say(driver, "os:bob")).toMatchObject({ code: "changes-requested" });
    say(driver, "os:alice");
    expect(valueAt(driver, "publish")).toBe("running");
  });

  it("is nobody's without the role", () => {
    const driver = begun(steps);
    expect(say(driver, "os:eve", "changes-requested", { roles: [] })).toMatchObject({ code: "not-permitted" });
  });

  it("is over with a revision of what is covered: the question is put anew, with another hash and no words", () => {
    const driver = begun(steps);
    const seen = questionOf(driver)?.hash ?? "";
    say(driver, "os:alice", "changes-requested", { note: "elsewhere" });
    revise(driver, [review, other, tool("m")]);
    expect(questionOf(driver)?.hash).not.toBe(seen);
    expect(recordOf(driver, "review").wait?.reviews).toEqual([]);
    expect(say(driver, "os:bob", "approved", { hash: seen })).toMatchObject({ code: "approval-outdated" });
    say(driver, "os:bob");
    say(driver, "os:alice");
    expect(valueAt(driver, "publish")).toBe("running");
  });
});

describe("a question that waits while its plan is revised", () => {
  it("keeps its hash and its words where nothing that it covers has changed", () => {
    const driver = begun(steps);
    const seen = questionOf(driver)?.hash;
    say(driver, "os:alice");
    revise(driver, [review, { ...publish, priority: 3 }, tool("m"), tool("n")]);
    expect(questionOf(driver)?.hash).toBe(seen);
    say(driver, "os:bob");
    expect(valueAt(driver, "publish")).toBe("running");
  });

  it("is put anew also for a step that is added or taken away, and while the plan is paused", () => {
    for (const to of [[review, publish, tool("late", { needs: ["review"] })], [review]]) {
      const driver = begun(steps);
      say(driver, "os:alice");
      const seen = questionOf(driver)?.hash;
      tell(driver, { type: "PausePlan" });
      revise(driver, [...to, tool("m")]);
      expect(questionOf(driver)?.hash).not.toBe(seen);
      expect(recordOf(driver, "review").wait?.reviews).toEqual([]);
    }
  });

  it("has its time again", () => {
    const timed = approve("review", { expiresMs: 100 });
    const driver = begun([timed, publish, tool("m")]);
    driver.now += 60;
    revise(driver, [timed, other, tool("m")]);
    driver.now += 60;
    driver.turn();
    expect(valueAt(driver, "review")).toBe("waiting");
    driver.now += 40;
    driver.turn();
    expect(recordOf(driver, "review").error).toMatchObject({ code: "approval-expired" });
  });
});

describe("a step that asks for itself", () => {
  it("wants as many people as the approval that does not cover it", () => {
    const mail = tool(
      "mail",
      { needs: ["review", "text"], irreversible: true },
      { with: { text: "${steps.text.output}" } },
    );
    const driver = begun([review, tool("text"), mail]);
    say(driver, "os:alice");
    say(driver, "os:bob");
    answerOne(driver, "text", () => "hello");
    expect(questionOf(driver, "mail")).toMatchObject({ approvers: 2, role: "editor" });
    say(driver, "os:bob", "approved", { step: "mail" });
    expect(valueAt(driver, "mail")).toBe("waiting");
    say(driver, "os:alice", "approved", { step: "mail" });
    expect(valueAt(driver, "mail")).toBe("running");
  });
});

describe("a comment", () => {
  it("is kept with the question that it was said of, whatever has become of the plan", () => {
    const driver = begun(steps);
    const hash = questionOf(driver)?.hash;
    tell(driver, { type: "CommentPlan", text: "why?", by: "os:carol", step: "review" });
    tell(driver, { type: "CancelPlan" });
    tell(driver, { type: "CommentPlan", text: "a pity", by: "os:dave" });
    expect(driver.state.comments).toMatchObject([{ text: "why?", about: "review", hash }, { text: "a pity" }]);
  });

  it("is refused where it says nothing, too much, or of a step that is not there", () => {
    const driver = begun(steps);
    const comment = (text: string, step?: string) =>
      tell(driver, { type: "CommentPlan", text, by: "os:eve", ...(step === undefined ? {} : { step }) });
    expect(comment(" ")).toMatchObject({ code: "bad-comment" });
    expect(comment("x".repeat(4_001))).toMatchObject({ code: "bad-comment" });
    expect(comment("hm", "nobody")).toMatchObject({ code: "unknown-step" });
    for (let count = 0; count < 500; count++) comment("again");
    expect(comment("once more")).toMatchObject({ code: "too-many-comments" });
  });
});

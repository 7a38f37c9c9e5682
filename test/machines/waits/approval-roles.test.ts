// A step that needs approvals of several roles, and asks them for itself where what they have approved is not what it does now.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StepDefinition } from "#events/definition.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { begun, recordOf, tell, valueAt } from "../begun.ts";
import { replay, type Driver } from "../driver.ts";
import { answerOne } from "../inside/answering.ts";
import { approve, PLAN, planOf, tool } from "../plans.ts";

const text = { with: { text: "${steps.text.output}" } };
const questionOf = (driver: Driver, step: string) => recordOf(driver, step).wait?.approval;

/** `os:alice` is of security, `os:bob` and `os:carol` lead. */
const PEOPLE: Readonly<Record<string, string>> = { "os:alice": "security", "os:bob": "lead", "os:carol": "lead" };

function saidBy(driver: Driver, step: string, by: string) {
  const hash = questionOf(driver, step)?.hash ?? "";
  return { type: "DecideApproval", step, hash, verdict: "approved", by, roles: [PEOPLE[by] ?? ""] } as const;
}

const word = (driver: Driver, step: string, by: string) => tell(driver, saidBy(driver, step, by));

describe("a step that needs approvals of several roles", () => {
  const whom = [
    approve("secure", { role: "security" }),
    approve("lead", { role: "lead", approvers: 2, expiresMs: 50 }),
  ];
  const needs = ["secure", "lead", "hold"];
  const mail = tool("mail", { needs }, { with: { x: 1 } });
  const other = tool("mail", { needs }, { with: { x: 2 } });
  const steps = [...whom, tool("hold"), mail];

  function allAgree(driver: Driver): void {
    word(driver, "secure", "os:alice");
    for (const by of ["os:bob", "os:carol"]) word(driver, "lead", by);
  }

  function reviseTo(driver: Driver, becomes: StepDefinition): void {
    const { edition } = driver.state.header.context;
    const definition = planOf([...whom, tool("hold"), becomes]);
    expect(tell(driver, { type: "RevisePlan", definition, edition })).toMatchObject({ kind: "accepted" });
  }

  /** All have approved, and then what they have approved is revised before it begins. */
  function revised(): Driver {
    const driver = begun(steps);
    allAgree(driver);
    reviseTo(driver, other);
    answerOne(driver, "hold");
    return driver;
  }

  it("asks each of them for itself after a revision, one after the other, and starts with the last word", () => {
    const driver = revised();
    expect(questionOf(driver, "mail")).toMatchObject({ role: "security", show: { inline: { arguments: { x: 2 } } } });
    expect(word(driver, "mail", "os:bob")).toMatchObject({ code: "not-permitted" });
    const again = saidBy(driver, "mail", "os:alice");
    word(driver, "mail", "os:alice");
    expect(valueAt(driver, "mail")).toBe("waiting");
    expect(questionOf(driver, "mail")).toMatchObject({ role: "lead", approvers: 2 });
    expect(word(driver, "mail", "os:alice")).toMatchObject({ code: "not-permitted" });
    expect(tell(driver, again)).toEqual({ kind: "duplicate" });
    for (const by of ["os:bob", "os:bob"]) word(driver, "mail", by);
    expect(valueAt(driver, "mail")).toBe("waiting");
    word(driver, "mail", "os:carol");
    expect(valueAt(driver, "mail")).toBe("running");
  });

  it("has no word taken back whose question is over", () => {
    const driver = revised();
    const hash = questionOf(driver, "mail")?.hash ?? "";
    word(driver, "mail", "os:alice");
    for (const verdict of ["withdrawn", "denied", "changes-requested"] as const) {
      const late = {
        type: "DecideApproval",
        step: "mail",
        hash,
        verdict,
        by: "os:alice",
        roles: ["security"],
      } as const;
      expect(tell(driver, late)).toMatchObject({ code: "approval-decided" });
    }
    expect(questionOf(driver, "mail")).toMatchObject({ role: "lead" });
  });

  it("knows after a crash, and from a snapshot, who has not been asked yet", () => {
    const driver = revised();
    word(driver, "mail", "os:alice");
    const folded = replay(driver.events);
    const read = decodeState(PLAN, encodeState(driver.state), NO_BLOBS);
    for (const state of [folded, read]) {
      expect(recordAt(state, stepIndex(state, "mail"))).toMatchObject({
        wait: { approval: { role: "lead" } },
        approved: [{ role: "security" }],
      });
    }
  });

  it("is denied by any of them, and fails where one of them is silent", () => {
    const denied = revised();
    word(denied, "mail", "os:alice");
    const { hash = "" } = questionOf(denied, "mail") ?? {};
    tell(denied, { type: "DecideApproval", step: "mail", hash, verdict: "denied", by: "os:bob", roles: ["lead"] });
    expect(recordOf(denied, "mail").error).toMatchObject({ code: "approval-denied" });
    const silent = revised();
    word(silent, "mail", "os:alice");
    silent.now += 50;
    silent.turn();
    expect(recordOf(silent, "mail").error).toMatchObject({ code: "approval-expired" });
  });

  it("asks both anew where it is revised while it asks", () => {
    const driver = revised();
    word(driver, "mail", "os:alice");
    reviseTo(driver, mail);
    // It is as it was when all had approved it.
    expect(valueAt(driver, "mail")).toBe("running");
    const again = revised();
    word(again, "mail", "os:alice");
    reviseTo(again, tool("mail", { needs }, { with: { x: 3 } }));
    expect(questionOf(again, "mail")).toMatchObject({ role: "security", show: { inline: { arguments: { x: 3 } } } });
  });

  it("waits for an approval that a revision lets it need while it asks", () => {
    const more = approve("more", { role: "lead" });
    for (const isBetween of [false, true]) {
      const driver = revised();
      if (isBetween) {
        word(driver, "mail", "os:alice");
        for (const by of ["os:bob", "os:carol"]) driver.turn({ commands: [saidBy(driver, "mail", by)], slots: 0 });
        expect(valueAt(driver, "mail")).toBe("between");
      }
      const { edition } = driver.state.header.context;
      const becomes = { ...other, needs: [...needs, "more"] };
      const definition = planOf([...whom, tool("hold"), more, becomes]);
      tell(driver, { type: "RevisePlan", definition, edition });
      expect(valueAt(driver, "mail")).toBe("pending");
      word(driver, "more", "os:bob");
      expect(valueAt(driver, "mail")).toBe(isBetween ? "running" : "waiting");
    }
  });

  it("asks only those who have not seen what it does now", () => {
    const driver = begun([
      approve("early", { role: "security" }),
      approve("late", { role: "lead", needs: ["text"] }),
      tool("text"),
      tool("mail", { needs: ["early", "late", "text"], irreversible: true }, text),
    ]);
    word(driver, "early", "os:alice");
    answerOne(driver, "text", () => "hello");
    word(driver, "late", "os:bob");
    expect(questionOf(driver, "mail")).toMatchObject({ role: "security" });
    word(driver, "mail", "os:alice");
    expect(valueAt(driver, "mail")).toBe("running");
  });

  it("is not tried before all have agreed, whatever approvals it needs", () => {
    const wanted = fc.record({
      role: fc.constantFrom(undefined, "a", "b", "c"),
      approvers: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(wanted, { minLength: 1, maxLength: 4 }), (asked) => {
        const questions = asked.map(({ role, approvers }, at) =>
          approve(`a${at}`, { ...(role === undefined ? {} : { role }), approvers }),
        );
        const needs = ["text", ...questions.map(({ id }) => id)];
        const driver = begun([...questions, tool("text"), tool("mail", { needs, irreversible: true }, text)]);
        const most = new Map<string | undefined, number>();
        const say = (step: string): void => {
          const { hash = "", role, approvers = 1 } = questionOf(driver, step) ?? {};
          for (let person = 0; person < approvers; person++) {
            expect(valueAt(driver, "mail")).not.toBe("running");
            const by = `os:${role ?? "any"}${person}`;
            tell(driver, { type: "DecideApproval", step, hash, verdict: "approved", by, roles: [role ?? ""] });
          }
          if (step === "mail") most.set(role, approvers);
        };
        for (const { id } of questions) say(id);
        answerOne(driver, "text", () => "hello");
        while (valueAt(driver, "mail") === "waiting") say("mail");
        expect(valueAt(driver, "mail")).toBe("running");
        const roles = new Set(asked.map(({ role }) => role));
        const expected = [...roles].map(
          (role) => [role, Math.max(...asked.flatMap((one) => (one.role === role ? [one.approvers] : [])))] as const,
        );
        expect(most).toEqual(new Map(expected));
      }),
    );
  });
});

// What an approval covers, and what asks again because it does not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import { blobRef, inline } from "#events/payload.ts";
import { NO_BLOBS } from "#machines/blobs.ts";
import { decodeState, encodeState } from "#machines/snapshot.ts";
import { planStateOf, recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { begun, follows, recordOf, tell, valueAt } from "../begun.ts";
import { replay, type Driver } from "../driver.ts";
import { answerOne, FAILS } from "../inside/answering.ts";
import {
  approve,
  calling,
  dispatched,
  each,
  planOf,
  PLAN,
  repeat,
  started,
  succeeded,
  THRICE,
  tool,
  value,
  wait,
} from "../plans.ts";

const text = { with: { text: "${steps.text.output}" } };
const questionOf = (driver: Driver, step: string) => recordOf(driver, step).wait?.approval;
const coveredBy = (driver: Driver, step: string) => questionOf(driver, step)?.covers.map((cover) => cover.step);

function approveStep(driver: Driver, step: string, hash = questionOf(driver, step)?.hash ?? "") {
  return tell(driver, { type: "DecideApproval", step, hash, verdict: "approved", by: "os:alice", roles: [] });
}

/** A step that nothing takes back, asked about before its text was known, which then asks for itself. */
function asking(...more: readonly StepDefinition[]): Driver {
  const mail = tool("mail", { needs: ["review", "text"], irreversible: true }, text);
  const driver = begun([approve("review"), tool("text"), mail, ...more]);
  approveStep(driver, "review");
  answerOne(driver, "text", () => "hello");
  expect(valueAt(driver, "mail")).toBe("waiting");
  return driver;
}

describe("the hash of what is approved", () => {
  const after = { needs: ["review"] };
  const kinds: readonly (readonly [string, StepDefinition, string])[] = [
    ["a tool", tool("b", after, { with: { x: 1 } }), "03799d1c47cc93a1fe38ff584d228ffc"],
    ["a value", value("b", 1, after), "8224300764a32afc6789d02d8ca122f7"],
    ["a wait", wait("b", 50, after), "47d34bfe5cdabdd8c8659159b91090bc"],
    ["an each", each("b", [1], { ...after, steps: [tool("do")] }), "0648794349f24f02a09044d85f27bf03"],
    ["a repeat", repeat("b", "true", { ...after, steps: [tool("do")] }), "1428451bc96061943b413a11e650fa55"],
    ["a call", calling("b", "other", { ...after, with: { n: 1 } }), "c8d9d1a28c8b1aef44d8ab453e4be443"],
  ];
  const calls = { other: planOf([tool("do")], { inputs: { n: { schema: {} } } }) };

  it.each(kinds)("of %s is the same in every release: it is kept in facts", (_, step, hash) => {
    const driver = begun([approve("review"), step], { fields: { calls } });
    expect(questionOf(driver, "review")?.covers).toEqual([{ step: "b", hash }]);
  });

  it("is that of the step's own arguments, whatever else is covered", () => {
    const arguments_ = (n: number) => ({ with: { x: `\${${n} + 0}` } });
    const [b, c] = [tool("b", after, arguments_(1)), tool("c", after, arguments_(2))];
    const both = questionOf(begun([approve("review"), b, c]), "review")?.covers;
    const alone = [b, c].flatMap((step) => questionOf(begun([approve("review"), step]), "review")?.covers ?? []);
    expect(both).toEqual(alone);
  });
});

describe("a step that asks for itself", () => {
  it("waits for what its arguments read", () => {
    const REF = blobRef.parse("a".repeat(64));
    const steps = [approve("review"), tool("text"), tool("b", { needs: ["review", "text"] }, text)];
    const approval = { hash: "0", covers: [] };
    const facts = [
      ...started(planOf(steps)),
      fact("StepWaitStarted", { step: "review", approval }),
      fact("StepWaitEnded", { step: "review", output: inline({}) }),
      dispatched("text"),
      succeeded("text", { output: { blob: REF, bytes: 50_000 } }),
    ];
    for (const slots of [0, 1]) expect(follows(facts, { slots })).toEqual({ kind: "needs-blobs", refs: [REF] });
    expect(follows(facts, { blobs: { get: () => "hello" } })).toMatchObject({
      facts: [
        {
          type: "StepWaitStarted",
          data: { approval: { show: inline({ tool: "test.tool", version: "1.0.0", arguments: { text: "hello" } }) } },
        },
      ],
    });
  });

  it("fails without asking where its arguments have no value", () => {
    const mail = tool("mail", { needs: ["review"], irreversible: true }, { with: { x: "${1 / 0}" } });
    const driver = begun([approve("review"), mail]);
    approveStep(driver, "review");
    expect(valueAt(driver, "mail")).toBe("failed");
  });

  it("fails without asking also where it was covered by nothing: a revision has added it", () => {
    const mail = tool("mail", { needs: ["review"], irreversible: true }, { with: { x: "${1 / 0}" } });
    const driver = begun([approve("review"), tool("slow")]);
    approveStep(driver, "review");
    const definition = planOf([approve("review"), tool("slow"), mail]);
    tell(driver, { type: "RevisePlan", definition, edition: 1 });
    expect(valueAt(driver, "mail")).toBe("failed");
  });

  it("does so once: it starts again without asking after its plan was taken up again", () => {
    const driver = asking();
    approveStep(driver, "mail");
    answerOne(driver, "mail", () => FAILS);
    tell(driver, { type: "ReopenPlan" });
    expect(valueAt(driver, "mail")).toBe("running");
  });

  it("does not when it is tried again, whatever was approved meanwhile", () => {
    const needs = ["review", "text"];
    const mail = tool("mail", { needs, join: "any", irreversible: true, retry: THRICE }, text);
    const driver = begun([approve("review"), tool("text"), mail]);
    answerOne(driver, "text", () => "hello");
    expect(valueAt(driver, "mail")).toBe("running");
    approveStep(driver, "review");
    answerOne(driver, "mail", () => FAILS);
    driver.now += THRICE.delayMs;
    driver.turn();
    expect(recordOf(driver, "mail").chart).toMatchObject({ value: "running", context: { attempt: 2 } });
  });

  it("asks nobody on behalf of what comes after it", () => {
    const driver = asking(tool("next", { needs: ["mail"] }));
    approveStep(driver, "mail");
    answerOne(driver, "mail");
    expect(valueAt(driver, "next")).toBe("running");
  });

  it("asks again where one of its two approvals was given before its arguments were known", () => {
    const mail = tool("mail", { needs: ["early", "late", "text"], irreversible: true }, text);
    const driver = begun([approve("early"), approve("late", { needs: ["text"] }), tool("text"), mail]);
    approveStep(driver, "early");
    answerOne(driver, "text", () => "hello");
    approveStep(driver, "late");
    expect(valueAt(driver, "mail")).toBe("waiting");
  });
});

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
    const first = questionOf(driver, "mail")?.hash ?? "";
    word(driver, "mail", "os:alice");
    expect(valueAt(driver, "mail")).toBe("waiting");
    expect(questionOf(driver, "mail")).toMatchObject({ role: "lead", approvers: 2 });
    expect(word(driver, "mail", "os:alice")).toMatchObject({ code: "not-permitted" });
    expect(approveStep(driver, "mail", first)).toEqual({ kind: "duplicate" });
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

describe("an approval inside of an item", () => {
  const inside = [
    approve("review"),
    tool("text"),
    tool("mail", { needs: ["review", "text"], irreversible: true }, text),
  ];

  it("covers the item's own steps, and they ask again where they have to", () => {
    const driver = begun([tool("first"), each("all", [1, 2], { needs: ["first"], steps: inside })]);
    answerOne(driver, "first");
    expect(coveredBy(driver, "all/1/review")).toEqual(["all/1/mail"]);
    approveStep(driver, "all/1/review");
    answerOne(driver, "all/1/text", () => "hello");
    expect(valueAt(driver, "all/1/mail")).toBe("waiting");
    expect(coveredBy(driver, "all/1/mail")).toEqual(["all/1/mail"]);
  });

  it("counts no more when the others have failed and the item goes nowhere", () => {
    const steps = [tool("do", { when: "item == 1" }), approve("review", { when: "item != 1" })];
    const driver = begun([each("all", [1, 2, 1], { steps, concurrency: 3 }), tool("m")]);
    answerOne(driver, "all/0/do", () => FAILS);
    expect(valueAt(driver, "all/1/review")).toBe("waiting");
    expect(approveStep(driver, "all/1/review")).toMatchObject({ code: "plan-ending" });
  });
});

describe("a word on what asks nothing", () => {
  it("is refused where a step waits for its time, and where the plan is rolled back", () => {
    const driver = begun([wait("w", 1_000), approve("review"), tool("m")]);
    expect(approveStep(driver, "w")).toMatchObject({ code: "nothing-to-approve" });
    const { hash } = questionOf(driver, "review") ?? {};
    tell(driver, { type: "RollbackPlan" });
    expect(planStateOf(driver.state)).toBe("rolling-back");
    expect(approveStep(driver, "review", hash)).toMatchObject({ code: "plan-ending" });
  });
});

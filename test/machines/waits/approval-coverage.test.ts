// What an approval covers, and what asks again because it does not.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import { blobRef, inline } from "#events/payload.ts";
import { planStateOf } from "#machines/state.ts";
import { begun, follows, recordOf, tell, valueAt } from "../begun.ts";
import type { Driver } from "../driver.ts";
import { answerOne, FAILS } from "../inside/answering.ts";
import {
  approve,
  calling,
  dispatched,
  each,
  planOf,
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

// What a word on an approval is worth: exactly what was asked, of every kind of step.
import { describe, expect, it } from "vitest";
import type { CommandOf } from "#events/commands.ts";
import type { StepDefinition } from "#events/definition.ts";
import type { Json } from "#events/json.ts";
import { inline } from "#events/payload.ts";
import type { Approval } from "#events/step-facts.ts";
import { recordAt } from "#machines/state.ts";
import { stepIndex } from "#machines/step-path.ts";
import { Driver } from "../driver.ts";
import { approve, calling, each, planOf, repeat, succeeded, tool, value } from "../plans.ts";

const calls = { other: planOf([tool("do")], { inputs: { n: { schema: {} } } }) };
const after = { needs: ["review"] };

function begin(steps: readonly StepDefinition[], x: Json = 1): Driver {
  const driver = new Driver();
  const definition = planOf(steps, { calls, inputs: { x: { schema: {} } } });
  driver.turn({ commands: [{ type: "StartPlan", definition, inputs: { x } }] });
  return driver;
}

const recordOf = ({ state }: Driver, path: string) => recordAt(state, stepIndex(state, path));
const stateOf = (driver: Driver, path: string) => recordOf(driver, path).chart.value;

function questionOf(driver: Driver, path = "review"): Approval {
  const question = recordOf(driver, path).wait?.approval;
  if (question === undefined) throw new Error(`${path} asks nothing`);
  return question;
}

function say(driver: Driver, word: Partial<CommandOf<"DecideApproval">> = {}) {
  const step = word.step ?? "review";
  const hash = word.hash ?? questionOf(driver, step).hash;
  const said = { verdict: "approved", by: "os:alice", roles: [], ...word, step, hash } as const;
  return driver.turn({ commands: [{ type: "DecideApproval", ...said }] })[0];
}

const kinds: Readonly<Record<string, StepDefinition>> = {
  "a tool": tool("b", after, { with: { x: "${inputs.x}" } }),
  "a value": value("b", "${inputs.x}", after),
  "an each": each("b", ["${inputs.x}"], { ...after, steps: [tool("do")] }),
  "a call": calling("b", "other", { ...after, with: { n: "${inputs.x}" } }),
};

describe("an approval of what a step starts with", () => {
  it.each(Object.entries(kinds))("holds for the arguments of %s as they are, and for no others", (_, step) => {
    const hashes = [1, 1, 2].map((x) => questionOf(begin([approve("review"), step], x)).covers);
    expect(hashes[0]).toMatchObject([{ step: "b" }]);
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).not.toEqual(hashes[0]);
  });

  it("names a question by what it covers, shows, and whom it asks", () => {
    const asked = (fields: Parameters<typeof approve>[1], x = 1) =>
      questionOf(begin([approve("review", fields), tool("b", after, { with: { x: "${inputs.x}" } })], x)).hash;
    const all = [asked({}), asked({ role: "editor" }), asked({ show: "look" }), asked({}, 2)];
    expect(new Set(all).size).toBe(all.length);
    expect(asked({})).toBe(all[0]);
    expect(questionOf(begin([approve("review")]))).toEqual({ hash: expect.any(String) as string, covers: [] });
  });
});

describe("a step that nothing takes back", () => {
  const text = tool("text", { needs: [] });
  const late = { with: { text: "${steps.text.output}" } };
  const needs = ["review", "text"];

  const asksAgain = (step: StepDefinition): Driver => {
    const driver = begin([approve("review", { expiresMs: 500, role: "editor" }), text, step]);
    say(driver, { roles: ["editor"] });
    driver.record(succeeded("text", { output: inline(["hello"]) }));
    driver.turn();
    return driver;
  };

  it("shows the call that it is about to make", () => {
    const driver = asksAgain(tool("b", { needs, irreversible: true }, late));
    const { show, covers, role } = questionOf(driver, "b");
    expect(show).toEqual(inline({ tool: "test.tool", version: "1.0.0", arguments: { text: ["hello"] } }));
    expect(covers).toMatchObject([{ step: "b" }]);
    expect(role).toBe("editor");
    expect(recordOf(driver, "b").chart.context.dueAt).toBe(driver.now + 500);
  });

  it("starts on the word for its own question, which is no other step's", () => {
    const driver = asksAgain(tool("b", { needs, irreversible: true }, late));
    const { hash } = questionOf(driver, "b");
    expect(say(driver, { step: "b", roles: ["editor"] })?.kind).toBe("accepted");
    expect(stateOf(driver, "b")).toBe("running");
    expect(say(driver, { step: "b", hash, roles: ["editor"] })).toEqual({ kind: "duplicate" });
  });

  it("is one also where it is inside another step, at any depth", () => {
    const risky = tool("do", { irreversible: true });
    const deep = each("b", "${steps.text.output}", {
      needs,
      steps: [tool("first"), repeat("more", "${true}", { steps: [risky] })],
    });
    expect(stateOf(asksAgain(deep), "b")).toBe("waiting");
    const calm = each("b", "${steps.text.output}", {
      needs,
      steps: [tool("first"), repeat("more", "${true}", { steps: [tool("do")] })],
    });
    expect(stateOf(asksAgain(calm), "b")).toBe("open");
    const plain = value("b", "${steps.text.output}", { needs });
    expect(stateOf(asksAgain(plain), "b")).toBe("succeeded");
  });
});

describe("a step with two approvals", () => {
  it("starts when both are given", () => {
    const driver = begin([approve("review"), approve("other"), tool("b", { needs: ["review", "other"] })]);
    say(driver);
    expect(stateOf(driver, "b")).toBe("pending");
    say(driver, { step: "other" });
    expect(stateOf(driver, "b")).toBe("running");
  });
});

describe("a word on an approval", () => {
  const steps = [approve("review"), tool("b", after)];

  it("is refused where there is no such step, and where the plan has ended", () => {
    const driver = begin(steps);
    expect(say(driver, { step: "nothing", hash: "" })).toMatchObject({ code: "unknown-step" });
    expect(say(driver, { step: "b", hash: "" })).toMatchObject({ code: "nothing-to-approve" });
    const { hash } = questionOf(driver);
    driver.turn({ commands: [{ type: "CancelPlan" }] });
    expect(driver.state.header.value).toBe("cancelled");
    expect(say(driver, { hash })).toMatchObject({ code: "plan-ended" });
  });

  it("of denial twice is once, and approval then comes too late", () => {
    const driver = begin(steps);
    const { hash } = questionOf(driver);
    expect(say(driver, { verdict: "denied" })?.kind).toBe("accepted");
    expect(recordOf(driver, "review").error).toMatchObject({ message: "os:alice denied it" });
    expect(say(driver, { hash, verdict: "denied" })).toEqual({ kind: "duplicate" });
    expect(say(driver, { hash })).toMatchObject({ code: "approval-decided" });
  });

  it("is in the output with its hash, its giver and its time, and a note only where one was said", () => {
    const driver = begin(steps);
    const { hash } = questionOf(driver);
    say(driver);
    const at = new Date(driver.now).toISOString();
    expect(recordOf(driver, "review").output).toEqual(
      inline({ approved: true, hash, by: "os:alice", at, approvals: [{ by: "os:alice", at }] }),
    );
  });

  it.each([
    { role: "editor", message: "nobody of the role editor approved it in time" },
    { role: undefined, message: "nobody approved it in time" },
  ])("that nobody gave in time is missing by name: $message", ({ role, message }) => {
    const driver = begin([approve("review", { expiresMs: 50, ...(role === undefined ? {} : { role }) })]);
    driver.now += 50;
    driver.turn();
    expect(recordOf(driver, "review").error).toMatchObject({ code: "approval-expired", message });
  });
});

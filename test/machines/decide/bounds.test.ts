// Facts and refusals name a hundred of many, and what is too long is refused: nothing grows with a plan but the plan.
import { describe, expect, it } from "vitest";
import { fact } from "#events/catalog.ts";
import type { StepDefinition } from "#events/definition.ts";
import { blobRef, type Payload } from "#events/payload.ts";
import { after, begun, factsOf, follows, recordOf, tell } from "../begun.ts";
import { answerAll } from "../inside/answering.ts";
import {
  call,
  dispatched,
  each,
  EPOCH,
  failed,
  ONCE,
  planOf,
  signal,
  started,
  succeeded,
  tool,
  value,
} from "../plans.ts";

const MANY = 101;
const many = (step: (id: string) => StepDefinition) => Array.from({ length: MANY }, (_, index) => step(`s${index}`));
const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
const continuing = { fields: { onFailure: "continue" } } as const;
const rollback = fact("PlanRollbackStarted", { epoch: EPOCH, cause: "requested", number: 1, irreversible: [] });

describe("a hundred are named", () => {
  it("of the steps that made a plan fail", () => {
    const driver = begun(
      many((id) => value(id, "${1 / 0}")),
      continuing,
    );
    expect(factsOf(driver, "PlanFailed")).toMatchObject([{ failed: names(100) }]);
  });

  it("of the undo calls that failed", () => {
    const undo = { call: call({ tool: "test.undo", with: { x: "${1 / 0}" } }), retry: ONCE };
    const driver = begun(many((id) => tool(id, { undo })));
    answerAll(driver);
    tell(driver, { type: "RollbackPlan" });
    const [ended] = factsOf(driver, "PlanFailed") as { failed: string[]; error: { message: string } }[];
    expect(ended?.failed).toHaveLength(100);
    expect(ended?.failed[0]).toBe("undo:1/0/do");
    expect(ended?.error.message).toMatch(/^101 of 101 undo calls failed/);
  });

  it("of the steps that nothing takes back", () => {
    const driver = begun(many((id) => tool(id, { irreversible: true })));
    answerAll(driver);
    tell(driver, { type: "RollbackPlan", acceptIrreversible: true });
    expect(factsOf(driver, "PlanRollbackStarted")).toMatchObject([{ irreversible: names(100) }]);
  });

  it("of the changes of a revision, and of the steps that are in its way", () => {
    const driver = begun([tool("a")]);
    const revise = (steps: readonly StepDefinition[], edition: number) =>
      tell(driver, { type: "RevisePlan", definition: planOf(steps), edition });
    revise([tool("a"), ...many((id) => tool(id))], 1);
    const [{ changes }] = factsOf(driver, "PlanRevised") as [{ changes: unknown[] }];
    expect(changes).toHaveLength(100);
    const refusal = revise([tool("a")], 2);
    const reason = `what has begun stays as it is: ${names(100).join(", ")}`;
    expect(refusal).toMatchObject({ code: "step-begun", reason });
  });
});

describe("a value that is no name", () => {
  it("is shown in short where a signal has it", () => {
    const driver = begun([signal("s", "${{'x': 'aaaaaaaaaa'.split('').map(c, 'aaaaaaaaaaaaaaaa')}}")]);
    const { error } = recordOf(driver, "s");
    expect(error).toMatchObject({ category: "validation", code: "bad-signal-name" });
    expect(error?.message.length).toBeLessThan(150);
  });
});

describe("the items of an each", () => {
  const REF = blobRef.parse("a".repeat(64));
  const over = (count: number) => {
    const output: Payload = { list: REF, count, bytes: 9_000_000 };
    const steps = [tool("a"), each("all", "${steps.a.output}", { needs: ["a"], steps: [tool("do")] })];
    return follows([...started(planOf(steps)), dispatched("a"), succeeded("a", { output })]);
  };

  it("are two million at most", () => {
    expect(over(2_000_000)).toMatchObject({ facts: [{ type: "StepExpanded", data: { total: 2_000_000 } }] });
    const error = { category: "resource-exhausted", code: "too-many-items" };
    expect(over(2_000_001)).toMatchObject({ facts: [{ type: "StepFailed", data: { step: "all", error } }] });
  });

  it("that nobody gives are a failure by name", () => {
    const driver = begun([each("all", "${steps.nobody.output}", { steps: [tool("do")] })]);
    expect(recordOf(driver, "all").error).toMatchObject({ category: "validation" });
  });
});

describe("a rollback whose own step has failed", () => {
  it("leaves the plan failed, and names it", () => {
    const facts = [...started(planOf([tool("a")])), rollback, failed("undo:1", { attempt: 0 })];
    expect(follows(facts)).toMatchObject({ facts: [{ type: "PlanFailed", data: { failed: ["undo:1"] } }] });
  });
});

describe("a revision", () => {
  const revised = (steps: readonly StepDefinition[], edition: number, deadlineMs?: number) =>
    ({
      type: "RevisePlan",
      definition: planOf(steps, deadlineMs === undefined ? {} : { deadlineMs }),
      edition,
    }) as const;

  it("may change what was skipped, and what was stopped with its plan", () => {
    const skipping = begun([tool("m"), value("a", 1, { when: "false" })]);
    expect(tell(skipping, revised([tool("m"), value("a", 2)], 1))).toMatchObject({ kind: "accepted" });
    const stopping = begun([tool("a")]);
    tell(stopping, { type: "CancelPlan" });
    answerAll(stopping, () => ({ kind: "cancelled" }));
    expect(tell(stopping, revised([tool("a", {}, { with: { x: 2 } })], 1))).toMatchObject({ kind: "accepted" });
  });

  it("of a plan that was revised before leaves alone what has begun since", () => {
    const driver = begun([tool("a")]);
    const steps = (x: number) => [tool("a"), tool("later", { needs: ["a"] }), tool("b", {}, { with: { x } })];
    tell(driver, revised(steps(1), 1));
    expect(tell(driver, revised(steps(2), 2))).toMatchObject({ code: "step-begun" });
  });

  it("that leaves the deadline as it was written leaves it where it is", () => {
    const driver = begun([tool("a")], { fields: { deadlineMs: 1_000 } });
    driver.now += 500;
    after(driver, failed("a"));
    tell(driver, { type: "ReopenPlan" });
    const { deadlineAt } = driver.state.header.context;
    expect(deadlineAt).toBe(driver.now + 1_000);
    driver.now += 100;
    tell(driver, revised([tool("a"), tool("b")], 1, 1_000));
    expect(driver.state.header.context.deadlineAt).toBe(deadlineAt);
  });
});

describe("a part of a plan", () => {
  it("to a step that is not there is not rolled back", () => {
    const driver = begun([tool("a")]);
    expect(tell(driver, { type: "RollbackPlan", to: "nobody" })).toMatchObject({ code: "unknown-step" });
  });
});

describe("what is asked of a plan too late", () => {
  it("is refused with what it was to become", () => {
    const driver = begun([value("v", 1)]);
    const reasonOf = (type: "PausePlan" | "ResumePlan") => {
      const answer = tell(driver, { type });
      return answer?.kind === "rejected" ? answer.reason : answer;
    };
    expect(reasonOf("PausePlan")).toMatch(/has already succeeded; it cannot be paused$/);
    expect(reasonOf("ResumePlan")).toMatch(/has already succeeded; it cannot be resumed$/);
  });
});

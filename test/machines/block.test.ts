import { describe, expect, it } from "vitest";
import { calledPlan, DEFAULT_TIMEOUT_MS, MAX_DEPTH, type CalledPlan, type StepDefinition } from "#events/definition.ts";
import { planBlock, rollbackOf, toolStepAt, undoBlock } from "#machines/block.ts";
import { call, calling, each, planOf, repeat, tool, value } from "./plans.ts";

const called = (name: string, steps: readonly StepDefinition[]): CalledPlan => calledPlan.parse({ name, steps });

describe("the block of a plan", () => {
  /** `each` in `each`, so many blocks with the plan's own. */
  const nested = (blocks: number): StepDefinition =>
    blocks === 1 ? value("s", 1) : each("s", [1], { steps: [nested(blocks - 1)] });

  it("holds blocks inside each other as deep as is said, and no deeper", () => {
    expect(planBlock(planOf([nested(MAX_DEPTH)])).inner).toHaveLength(1);
    expect(() => planBlock(planOf([nested(MAX_DEPTH + 1)]))).toThrow(expect.objectContaining({ code: "too-deep" }));
  });

  it("counts called plans among what stands inside each other", () => {
    const calls = Object.fromEntries(
      Array.from({ length: MAX_DEPTH }, (_, index) => {
        const next = index + 1 < MAX_DEPTH ? calling("s", `plan${index + 1}`) : value("s", 1);
        return [`plan${index}`, called(`plan${index}`, [next])];
      }),
    );
    expect(() => planBlock(planOf([calling("s", "plan0")], { calls }))).toThrow(
      expect.objectContaining({ code: "too-deep" }),
    );
    expect(planBlock(planOf([calling("s", "plan1")], { calls })).inner).toHaveLength(1);
  });

  it("refuses a call of a plan that is not there, also by a name that every object has", () => {
    for (const plan of ["ghost", "toString"])
      expect(() => planBlock(planOf([calling("a", plan)], { calls: {} }))).toThrow(
        expect.objectContaining({ code: "unknown-plan", message: expect.stringContaining(plan) }),
      );
  });

  it("names the circle in which plans call each other", () => {
    const calls = { x: called("x", [calling("s", "y")]), y: called("y", [calling("s", "x")]) };
    expect(() => planBlock(planOf([calling("s", "x")], { calls }))).toThrow(
      expect.objectContaining({ code: "recursive-call", message: expect.stringContaining("x → y → x") }),
    );
  });

  it("has a plan that is called from two places once", () => {
    const { inner } = planBlock(
      planOf([calling("a", "x"), calling("b", "x")], { calls: { x: called("x", [value("v", 1)]) } }),
    );
    expect(inner[0]).toBeDefined();
    expect(inner[1]).toBe(inner[0]);
  });
});

describe("the tool step at a path", () => {
  const steps = [
    tool("plain"),
    tool("s3"),
    each("all", [1], { steps: [value("v", 1), tool("do"), repeat("again", "true", { steps: [tool("s7")] })] }),
    calling("release", "x"),
    value("given", 1),
  ];
  const block = planBlock(planOf(steps, { calls: { x: called("x", [value("v", 1), tool("build")]) } }));

  it.each([
    ["plain", "plain"],
    ["s3", "s3"],
    ["all/0/do", "do"],
    ["all/12/do", "do"],
    ["all~2/12/do", "do"],
    ["all/3/again/10/s7", "s7"],
    ["all~2/3/again~3/10/s7", "s7"],
    ["release/build", "build"],
    ["release~2/build", "build"],
  ])("%s is %s, whether its member is in memory or not", (path, id) => {
    expect(toolStepAt(block, path)?.id).toBe(id);
  });

  it.each(["given", "all", "all/0", "all/0/v", "release", "ghost", "all/0/ghost", "plain/0/do/more", ""])(
    "there is none at %j",
    (path) => {
      expect(toolStepAt(block, path)).toBeUndefined();
    },
  );
});

describe("the block of a rollback", () => {
  const { steps, inner } = undoBlock(12);

  it("is found by its number", () => {
    expect(steps.map(({ id }) => rollbackOf(id))).toEqual([12]);
    expect(steps.map(({ id }) => rollbackOf(`${id}/3/do`))).toEqual([12]);
    expect(rollbackOf("undo")).toBeUndefined();
  });

  it("lets every call fail without keeping the others from being made", () => {
    expect(steps[0]).toMatchObject({ kind: "each", tolerate: { share: 1 } });
  });

  it("makes a call of which the definition says nothing once, as one that may be repeated", () => {
    expect(inner[0]?.steps[0]).toMatchObject({
      call: { idempotent: true, timeoutMs: DEFAULT_TIMEOUT_MS },
      retry: { attempts: 1 },
      unknown: "retry",
    });
  });

  it("has nothing that answers for a call whose outcome is unknown", () => {
    expect(inner[0]?.inner[0]).toBeUndefined();
    expect(planBlock(planOf([tool("a", { unknown: "undo" }, call())])).inner[0]).toBeUndefined();
  });
});

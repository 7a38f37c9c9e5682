import { describe, expect, it } from "vitest";
import { stepGraph } from "#machines/graph.ts";
import { stepTree } from "#projections/step-tree.ts";
import { planOf, value } from "../machines/plans.ts";

function drawn(...needs: readonly (readonly [string, ...string[]])[]): readonly string[] {
  const { steps } = planOf(needs.map(([id, ...before]) => value(id, 1, { needs: before })));
  return stepTree(stepGraph({ steps })).map(({ step, indent }) => "-".repeat(indent) + (steps[step]?.id ?? "?"));
}

describe("the step tree", () => {
  it("keeps a chain in one column", () => {
    expect(drawn(["a"], ["b", "a"], ["c", "b"])).toEqual(["a", "b", "c"]);
  });

  it("indents steps that branch off together", () => {
    expect(drawn(["a"], ["b", "a"], ["c", "a"], ["d", "c"])).toEqual(["a", "-b", "-c", "-d"]);
  });

  it("puts a step that joins branches under the deepest of its needs, once", () => {
    expect(drawn(["a"], ["b", "a"], ["c", "b"], ["d", "a"], ["join", "c", "d"])).toEqual([
      "a",
      "-b",
      "-c",
      "-join",
      "-d",
    ]);
  });

  it("has every step of a plan exactly once, however long the chain is", () => {
    const chain = Array.from({ length: 20_000 }, (_, index): [string, ...string[]] => {
      return index === 0 ? ["s0"] : [`s${index}`, `s${index - 1}`];
    });
    const rows = drawn(...chain);
    expect(rows).toHaveLength(chain.length);
    expect(rows.at(-1)).toBe("s19999");
  });
});

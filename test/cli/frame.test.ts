import { describe, expect, it } from "vitest";
import type { Fact } from "#events/catalog.ts";
import { Board } from "#src/cli/screen/board.ts";
import { frameOf } from "#src/cli/screen/frame.ts";
import { call, each, ONCE, planOf, tool } from "../machines/plans.ts";
import { PlanInProgress } from "../projections/plan-in-progress.ts";

const NOTHING: readonly Fact[] = [];

function textsOf(board: Board, size: { columns: number; rows: number }, now: number): readonly string[] {
  return frameOf(board, size, now).map((line) => line.map(({ text }) => text).join(""));
}

function wide(count: number): PlanInProgress {
  const steps = Array.from({ length: count }, (_, index) => tool(`step${index}`));
  return new PlanInProgress(steps, {}, 5);
}

describe("a frame", () => {
  it.each([
    [80, 24],
    [120, 40],
    [40, 8],
  ])("of a long plan fits a screen of %i columns and %i rows", (columns, rows) => {
    const plan = wide(500);
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    const lines = textsOf(board, { columns, rows }, plan.now);
    expect(lines.length).toBeLessThan(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  });

  it("shows what moves before what waits, and counts the rest", () => {
    const plan = wide(500);
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    const lines = textsOf(board, { columns: 80, rows: 12 }, plan.now);
    expect(lines.filter((line) => line.startsWith(" ▶"))).toHaveLength(5);
    expect(lines.at(-1)).toMatch(/^ … 49\d more: 49\d pending$/);
  });

  it("follows facts row by row, and time without any", () => {
    const plan = new PlanInProgress([tool("a"), tool("b", { needs: ["a"] })]);
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now + 1_500)[1]).toMatch(/^ ▶ a +test\.tool +1\.5s/);
    const before = plan.driver.events.length;
    plan.after(2_000).succeed("a");
    board.apply(plan.state, plan.factsSince(before), plan.now);
    const lines = textsOf(board, { columns: 80, rows: 24 }, plan.now);
    expect(lines[0]).toMatch(/1\/2 steps {2}2\.0s$/);
    expect(lines[1]).toMatch(/^ ✔ a +test\.tool +2\.0s/);
    expect(lines[2]).toMatch(/^ ▶ b/);
  });

  it("shows what a tool says while it runs, and forgets it afterwards", () => {
    const plan = new PlanInProgress([tool("a")]);
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    const said = { plan: plan.state.planId, step: "a", attempt: 1, at: plan.now, kind: "progress" as const };
    board.note({ ...said, percent: 25 });
    board.note({ ...said, message: "reading" });
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now)[1]).toMatch(/███░+ +25% reading/);
    board.note({ ...said, text: { from: 0, piece: "Once upon " } });
    board.note({ ...said, text: { from: 10, piece: "a time" } });
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now)[1]).toContain("Once upon a time");
    board.note({ ...said, text: { from: 0, piece: "Again" } });
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now)[1]).not.toContain("time");
    const before = plan.driver.events.length;
    plan.fail("a");
    board.apply(plan.state, plan.factsSince(before), plan.now);
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now)[1]).not.toMatch(/reading/);
  });

  /** What a board shows that follows a plan while something is asked of it. */
  function shownAfter(plan: PlanInProgress, move: (plan: PlanInProgress) => void): readonly string[] {
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    const before = plan.driver.events.length;
    move(plan);
    board.apply(plan.state, plan.factsSince(before), plan.now);
    return textsOf(board, { columns: 80, rows: 24 }, plan.now);
  }

  it("counts what opens inside of steps", () => {
    const list = each("a", "${steps.list.output}", { needs: ["list"], steps: [tool("do")] });
    const lines = shownAfter(new PlanInProgress([tool("list"), list]), (plan) => plan.succeed("list", [1, 2, 3]));
    expect(lines[0]).toMatch(/ 1\/5 steps/);
  });

  it("shows the steps that a plan has after it was revised", () => {
    const lines = shownAfter(new PlanInProgress([tool("a")]), (plan) =>
      plan.tell({ type: "RevisePlan", definition: planOf([tool("a"), tool("new")]), edition: 1 }),
    );
    expect(lines.filter((line) => line.includes("test.tool"))).toEqual([
      expect.stringContaining("▶ a "),
      expect.stringContaining("▶ new"),
    ]);
  });

  it("shows a rollback as a row, with what it takes back inside", () => {
    const undoable = tool("a", { undo: { call: call({ tool: "test.undo" }), retry: ONCE } });
    const lines = shownAfter(new PlanInProgress([undoable]), (plan) =>
      plan.succeed("a").tell({ type: "RollbackPlan" }),
    );
    expect(lines).toEqual([
      expect.stringMatching(/rolling-back/),
      expect.stringContaining("✔ a"),
      expect.stringContaining("▷ undo:1"),
      expect.stringMatching(/▶ {3}0\/do +test\.undo/),
    ]);
  });

  it("says that the store takes nothing", () => {
    const plan = wide(3);
    const board = new Board();
    board.apply(plan.state, NOTHING, plan.now);
    board.trouble = "the store takes nothing for now";
    expect(textsOf(board, { columns: 80, rows: 24 }, plan.now).at(-1)).toBe("the store takes nothing for now");
  });
});

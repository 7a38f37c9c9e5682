import { describe, expect, it } from "vitest";
import { changeGantt } from "#src/implementation/drafting/change-gantt.ts";
import { changeTable } from "#src/implementation/drafting/change-table.ts";
import { changeTree } from "#src/implementation/drafting/change-tree.ts";
import { shownOf } from "#src/implementation/drafting/shown-draft.ts";
import { tabledQuantile } from "#src/planning/estimate/tabled-quantile.ts";
import { quantileIn } from "#projections/pert.ts";
import { draftOf, fileOf, plannedOf, writing } from "./kit.ts";

const ESTIMATE = { optimistic: "10s", likely: "20s", pessimistic: "60s" };

describe("the estimate of a change", () => {
  it("is what its remedy declares, else what its difficulty lets expect, with reasons", () => {
    const run = { do: "run", run: ["make"] };
    const { changes } = draftOf(
      fileOf([
        { id: "said", remedies: [{ ...writing("a"), estimate: ESTIMATE }] },
        { id: "easy", remedies: [writing("b")] },
        { id: "hard", remedies: [{ name: "h", files: ["src/**"], risk: "high", actions: [run, run, run, run] }] },
      ]),
    );
    expect(changes.map(({ estimate, change }) => [estimate.basis, change.difficulty.level])).toEqual([
      ["declared", 1],
      ["assumed", 1],
      ["assumed", 4],
    ]);
    expect(changes[0]?.change.estimate).toEqual({ optimisticMs: 10_000, likelyMs: 20_000, pessimisticMs: 60_000 });
    expect(changes[2]?.change.difficulty.reasons).toEqual([
      "4 actions",
      "how many files it touches is not known before",
      "runs 4 commands",
      "high risk",
    ]);
  });

  it("is moved by finished changes like it", () => {
    const file = fileOf([{ id: "a", remedies: [writing("a")] }]);
    const done = Array.from({ length: 50 }, () => ({ estimate: null, lines: 1, actualMs: 240_000, at: 1 }));
    const history = [{ class: { remedy: "write", level: 1, size: "small" as const }, changes: done, finished: 50 }];
    const [learned] = draftOf(file, { history }).changes;
    expect(learned?.estimate.basis).toBe("learned");
    expect(learned?.change.estimate.likelyMs).toBeGreaterThan(120_000);
  });
});

describe("draws of three points", () => {
  it("have the quantiles of the beta distribution", () => {
    for (const points of [
      { optimisticMs: 0, likelyMs: 100, pessimisticMs: 1_000 },
      { optimisticMs: 10, likelyMs: 10, pessimisticMs: 500 },
      { optimisticMs: 10, likelyMs: 500, pessimisticMs: 500 },
      { optimisticMs: 7, likelyMs: 7, pessimisticMs: 7 },
    ]) {
      for (const share of [0, 0.05, 0.5, 0.9, 0.99]) {
        const tolerance = 0.01 * (points.pessimisticMs - points.optimisticMs) + 1e-9;
        expect(Math.abs(tabledQuantile(points, share) - quantileIn(points, share))).toBeLessThanOrEqual(tolerance);
      }
    }
  });
});

describe("the totals of a draft", () => {
  const chain = fileOf([
    { id: "a", remedies: [{ ...writing("same"), estimate: ESTIMATE }] },
    { id: "b", remedies: [{ ...writing("same"), estimate: ESTIMATE }] },
    { id: "c", remedies: [{ ...writing("other"), estimate: ESTIMATE }] },
  ]);

  it("are those of the longest chain, and the same every time", () => {
    const { totals } = plannedOf(draftOf(chain));
    expect(totals).toEqual(plannedOf(draftOf(chain)).totals);
    expect(totals.workMs).toBe(75_000);
    expect(totals.criticalPath).toEqual(["a", "b"]);
    expect(totals.parallel).toBe(2);
    expect(totals.p50Ms).toBeGreaterThan(40_000);
    expect(totals.p50Ms).toBeLessThan(60_000);
    expect(totals.p90Ms).toBeGreaterThan(totals.p50Ms);
  });

  it("are longer with fewer slots", () => {
    const draft = draftOf(chain);
    expect(plannedOf(draft, 1).totals.p50Ms).toBeGreaterThan(plannedOf(draft, 8).totals.p50Ms * 1.2);
  });
});

describe("a draft for people", () => {
  const file = fileOf([
    { id: "one", title: "bad \u202e\n\u001b[31m title", remedies: [writing("same")] },
    { id: "two", title: "x".repeat(400), remedies: [writing("same")] },
  ]);
  const draft = draftOf(file);
  const shown = shownOf(draft, plannedOf(draft).totals);

  it("is a table of one line each, whatever is in a name", () => {
    const lines = changeTable(shown.changes).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(lines[2]).toMatch(/^two .* one$/);
  });

  it.each([80, 120, 200])("is a table that fits on a screen of %i columns, the last of it left out first", (width) => {
    const long = Array.from({ length: 12 }, (_, at) => ({
      id: `r${at}_${"x".repeat(30)}`,
      title: "what it has to be able to do, said at length",
      remedies: [writing(`folder/${"y".repeat(30)}/f${at % 2}`)],
    }));
    const { changes } = shownOf(draftOf(fileOf(long)), undefined);
    const [head = "", ...rows] = changeTable(changes, width).split("\n");
    expect(Math.max(head.length, ...rows.map(({ length }) => length))).toBeLessThanOrEqual(width);
    for (const column of ["change", "what", "risk", "likely", "files", "after"]) expect(head).toContain(column);
    expect(head.includes("difficulty")).toBe(width > 80);
    expect(rows).toHaveLength(12);
    expect(changeTable(changes)).toContain(long[0]?.id);
  });

  it("is a tree in which each edge has its reason", () => {
    expect(changeTree(shown.changes)).toContain("after one: both may touch same");
    expect(changeTree(shown.changes).split("\n")).toHaveLength(3);
  });

  it("is a chart of bars, in which what decides the end is marked", () => {
    const chart = changeGantt(shown.changes, shown.totals ?? expect.fail(), 80);
    expect(chart).toMatch(/^one \|#+ +\| 0ms to /);
    expect(chart).toMatch(/two \| +#+\| /);
  });

  it("counts what is too much to be listed", () => {
    const many = Array.from({ length: 700 }, (_, at) => ({ id: `r${at}`, remedies: [writing(`f${at}`)] }));
    const all = draftOf(fileOf(many));
    const { changes } = shownOf(all, undefined);
    expect(changeTable(changes)).toContain("and 200 more");
    expect(changeTree(changes).split("\n")).toHaveLength(700);
  });
});

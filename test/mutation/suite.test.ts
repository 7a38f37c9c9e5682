import { describe, expect, it } from "vitest";
import { fewRuns } from "./runner/few-runs.ts";
import { collect, describe as group, it as claim } from "./runner/suite.ts";

describe("the suite that kills mutants", () => {
  it("collects tests with names of their own, and runs none", async () => {
    const ran: unknown[] = [];
    const tests = await collect(async () => {
      group("a plan", () => {
        claim("ends", () => ran.push("ends"));
        claim("ends", () => ran.push("ends again"));
        claim.each([
          [1, 2],
          [3, 4],
        ])("adds %i", (a, b) => ran.push([a, b]));
        claim.each([{ n: 5 }])("has $n", (row) => ran.push(row));
      });
      group.each(["x", "y"])("group %s", (name) => claim("is", () => ran.push(name)));
    });
    expect(ran).toEqual([]);
    expect(tests.map(({ name }) => name)).toEqual([
      "a plan > ends",
      "a plan > ends (2)",
      "a plan > adds %i [0]",
      "a plan > adds %i [1]",
      "a plan > has $n [0]",
      "group %s [0] > is",
      "group %s [1] > is",
    ]);
    for (const { run } of tests) await run();
    expect(ran).toEqual(["ends", "ends again", [1, 2], [3, 4], { n: 5 }, "x", "y"]);
  });

  it("does not lose the tests of a file to one that fails to load", async () => {
    await expect(collect(() => Promise.reject(new Error("no such module")))).rejects.toThrow("no such module");
    const tests = await collect(async () => claim("is collected", () => undefined));
    expect(tests.map(({ name }) => name)).toEqual(["is collected"]);
  });

  it("tries few cases of a property, the same ones every time", () => {
    expect(fewRuns()).toEqual({ numRuns: 12, seed: 20260101, endOnFailure: true });
    expect(fewRuns({ numRuns: 5 })).toMatchObject({ numRuns: 5 });
    expect(fewRuns({ numRuns: 2_000, seed: 7 })).toMatchObject({ numRuns: 12, seed: 20260101 });
  });
});

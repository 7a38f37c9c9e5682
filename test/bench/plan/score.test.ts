import { describe, expect, it } from "vitest";
import { generatedCatalog, generatedRequests } from "../../../bench/plan/generated-catalog.ts";
import { answersTo, scoreOf } from "../../../bench/plan/score.ts";

const KNOWN = { request: "Book a room", chain: ["find", "book"], steps: [], links: [["find", "book"]] as const };

describe("a score", () => {
  const catalog = new Set(["find", "book"]);
  const score = (chain: readonly string[]) =>
    scoreOf(
      answersTo([KNOWN], () => chain),
      catalog,
    );

  it.each([
    [["find", "book"], { nodeF1: 1, linkF1: 1, exact: 1, unknownTools: 0 }],
    [["book", "find"], { nodeF1: 1, linkF1: 0, exact: 0, unknownTools: 0 }],
    [["find"], { nodeF1: 2 / 3, linkF1: 0, exact: 0, unknownTools: 0 }],
    [["find", "pay"], { nodeF1: 0.5, linkF1: 0, exact: 0, unknownTools: 1 }],
    [[], { nodeF1: 0, linkF1: 0, exact: 0, unknownTools: 0 }],
  ])("of %j", (chain, expected) => {
    expect(score(chain)).toMatchObject(expected);
  });
});

describe("the catalog that is made up", () => {
  it("has a thousand tools of different names, and is the same each time", () => {
    const catalog = generatedCatalog();
    expect(new Set(catalog.map(({ name }) => name)).size).toBe(1_000);
    expect(generatedCatalog()).toEqual(catalog);
  });

  it("has requests for its tools alone", () => {
    const names = new Set(generatedCatalog().map(({ name }) => name));
    const requests = generatedRequests(200, 1);
    expect(requests.flatMap(({ chain }) => chain).filter((tool) => !names.has(tool))).toEqual([]);
    expect(generatedRequests(200, 1)).toEqual(requests);
    expect(generatedRequests(200, 2)).not.toEqual(requests);
  });
});

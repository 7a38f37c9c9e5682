import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer } from "#src/implementation/gaps/gap.ts";
import { rankedGaps } from "#src/implementation/gaps/ranked.ts";
import { requirement, type Requirement } from "#src/implementation/requirements/requirement.ts";

const wanted = (id: string, others: object = {}): Requirement =>
  requirement.parse({ id, title: id, check: { kind: "file", files: id }, ...others });
const answered = (id: string, verdict: Answer["verdict"] = "unmet"): Answer => ({
  ...{ requirement: id, verdict, evidence: [], durationMs: 1, cached: false },
});
const orderOf = (all: readonly Requirement[], answers = all.map(({ id }) => answered(id))): readonly string[] =>
  rankedGaps(all, answers).map((gap) => gap.requirement.id);

describe("the order of gaps", () => {
  it("has what weighs more, and what is the greater risk, before the rest", () => {
    expect(orderOf([wanted("a"), wanted("b", { weight: 5 }), wanted("c", { risk: "high" })])).toEqual(["b", "c", "a"]);
  });

  it("has what takes less before what takes more", () => {
    const remedy = (likely: string) => ({
      remedies: [{ name: "r", ask: "x", estimate: { optimistic: "1m", likely, pessimistic: "10d" } }],
    });
    expect(orderOf([wanted("a", remedy("3d")), wanted("b", remedy("1h"))])).toEqual(["b", "a"]);
  });

  it("has what unblocks others, also those that wait for them, before what does not", () => {
    const all = [wanted("a"), wanted("b"), wanted("c", { needs: ["b"] }), wanted("d", { needs: ["c"] })];
    const [first] = rankedGaps(
      all,
      all.map(({ id }) => answered(id)),
    );
    expect(first).toMatchObject({ requirement: { id: "b" }, unblocks: ["c", "d"] });
    expect(first?.reasons).toContain("unblocks c, d");
  });

  it("has nothing before what it needs, however urgent it is", () => {
    expect(orderOf([wanted("a", { weight: 100, needs: ["b"] }), wanted("b"), wanted("c", { weight: 3 })])).toEqual([
      "b",
      "a",
      "c",
    ]);
  });

  it("has only what is unmet; what waits for a broken check says so", () => {
    const all = [wanted("a"), wanted("b", { needs: ["a"] }), wanted("c")];
    const gaps = rankedGaps(all, [answered("a", "broken"), answered("b"), answered("c", "met")]);
    expect(gaps).toMatchObject([{ requirement: { id: "b" }, unblocks: [] }]);
    expect(gaps[0]?.reasons).toEqual(expect.arrayContaining(["waits for a", "the check of a is broken"]));
  });

  it("is one order for the same answers, complete, and never has a gap before what it needs", () => {
    const graph = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }), needs: fc.array(fc.nat(20)) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(graph, (nodes) => {
        const all = nodes.map(({ weight, needs }, at) =>
          wanted(`r${at}`, { weight, needs: needs.filter((need) => need < at).map((need) => `r${need}`) }),
        );
        const order = orderOf(all);
        expect(orderOf(all)).toEqual(order);
        expect(order.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
        for (const { id, needs } of all)
          for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
      }),
    );
  });
});

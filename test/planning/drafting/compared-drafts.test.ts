import { describe, expect, it } from "vitest";
import type { CatalogEntry, Observed } from "#src/planning/catalog/entry.ts";
import { comparedDrafts, type ComparedCall } from "#src/planning/drafting/compared-drafts.ts";
import type { Draft } from "#src/planning/drafting/planner.ts";
import { AIRPORTS, CATALOG, FETCH, FLIGHTS, NEWS, WEATHER } from "../travel.ts";

const SURENESS = Math.log(0.9);

function call(entry: CatalogEntry, missing: readonly string[] = []): ComparedCall {
  return { tool: entry.name, arguments: {}, missing };
}

function draft(probability: number, ...entries: readonly CatalogEntry[]): Draft {
  const calls = entries.map((entry) => ({ ...call(entry), sureness: SURENESS }));
  return { calls, probability, expected: probability };
}

function seen(entry: CatalogEntry, observed: Observed): readonly CatalogEntry[] {
  return CATALOG.map((one) => (one.name === entry.name ? { ...one, observed } : one));
}

const ALL = { entries: CATALOG };

describe("drafts that are compared", () => {
  it("are ranked by predicted success, each with its parts and reasons, and none is left out", () => {
    const ranked = comparedDrafts([draft(0.2, NEWS), draft(0.7, WEATHER)], { calls: [call(FETCH)] }, ALL);
    expect(ranked).toHaveLength(3);
    const scores = ranked.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    for (const { score, parts, reasons } of ranked) {
      expect(score).toBeCloseTo(parts.tools * parts.arguments * parts.steps * parts.complete);
      expect(reasons).toHaveLength(4);
    }
  });

  it("are the offline ones alone, by their own probabilities, where there is no model", () => {
    const [first, second] = comparedDrafts([draft(0.3, NEWS), draft(0.6, WEATHER)], undefined, ALL);
    expect([first?.calls[0]?.tool, first?.parts.tools, second?.parts.tools]).toEqual([WEATHER.name, 0.6, 0.3]);
  });

  it("raise each other where model and planner name the same tools, in whatever order, and only there", () => {
    const drafts = [draft(0.5, AIRPORTS, FLIGHTS), draft(0.5, NEWS)];
    const model = { calls: [call(FLIGHTS), call(AIRPORTS)] };
    const tools = (name: string, ranked: ReturnType<typeof comparedDrafts>): number =>
      ranked.find((one) => one.calls.some(({ tool }) => tool === name))?.parts.tools ?? 0;
    const alone = comparedDrafts(drafts, undefined, ALL);
    const both = comparedDrafts(drafts, model, ALL);
    expect(tools(FLIGHTS.name, both)).toBeGreaterThan(tools(FLIGHTS.name, alone));
    expect(tools(NEWS.name, both)).toBeLessThan(tools(NEWS.name, alone));
    expect(both[0]?.parts.tools).toBe(both[1]?.parts.tools);
    expect(tools(FLIGHTS.name, both)).toBeGreaterThan(0.7);
  });

  it("are never certain because two say the same", () => {
    const ranked = comparedDrafts([draft(1, WEATHER)], { calls: [call(WEATHER)] }, ALL);
    for (const { parts } of ranked) expect(parts.tools).toBeLessThan(0.99);
  });

  it("believe a model that names what nobody tried where the planner is unsure, and not where it is sure", () => {
    const first = (probability: number): string | undefined =>
      comparedDrafts([draft(probability, WEATHER)], { calls: [call(FETCH)] }, ALL)[0]?.origin;
    expect([first(0.9), first(0.3)]).toEqual(["offline", "model"]);
  });

  it("have probabilities of sets that do not sum up to more than one", () => {
    for (const model of [[call(NEWS)], [call(FETCH)], [call(WEATHER), call(NEWS)]]) {
      const ranked = comparedDrafts([draft(0.6, WEATHER), draft(0.4, NEWS)], { calls: model }, ALL);
      const bySet = new Map(ranked.map(({ calls, parts }) => [calls.map(({ tool }) => tool).join(), parts.tools]));
      expect([...bySet.values()].reduce((one, other) => one + other, 0)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it("believe a model as much as its plans have deserved", () => {
    const score = (toolsRight: number): number => {
      const standing = { plans: 100, toolsRight, calls: 100, argumentsRight: 90 };
      const ranked = comparedDrafts([draft(0.9, WEATHER)], { calls: [call(FETCH)] }, { ...ALL, standing });
      return ranked.find(({ origin }) => origin === "model")?.score ?? 0;
    };
    expect(score(5)).toBeLessThan(score(50));
    expect(score(50)).toBeLessThan(score(99));
    const bad = { plans: 100, toolsRight: 2, calls: 100, argumentsRight: 90 };
    const [first] = comparedDrafts([draft(0.6, WEATHER)], { calls: [call(FETCH)] }, { ...ALL, standing: bad });
    expect(first?.origin).toBe("offline");
  });

  it("count how tools have done, the more runs the more", () => {
    const steps = (runs: number, successRate: number): number => {
      const entries = seen(WEATHER, { runs, successRate });
      return comparedDrafts([draft(1, WEATHER)], undefined, { entries })[0]?.parts.steps ?? 0;
    };
    expect(steps(0, 0)).toBeCloseTo(0.95);
    expect(steps(2, 0)).toBeGreaterThan(steps(50, 0));
    expect(steps(1_000, 0.4)).toBeCloseTo(0.4, 1);
  });

  it("count what is missing, and say what it is", () => {
    const lacking: Draft = { calls: [{ ...call(FLIGHTS, ["date"]), sureness: SURENESS }], probability: 1, expected: 1 };
    const [first] = comparedDrafts([lacking], undefined, ALL);
    expect(first?.parts.complete).toBeCloseTo(2 / 3);
    expect(first?.reasons.at(-1)).toBe("travel.search_flights lacks date");
    const only: Draft = { calls: [{ ...call(NEWS, ["query"]), sureness: SURENESS }], probability: 1, expected: 1 };
    expect(comparedDrafts([only], undefined, ALL)[0]?.parts.complete).toBe(0.5);
  });

  it("are told apart by time, then by cost, where they promise the same", () => {
    const slow = seen(NEWS, { runs: 0, successRate: 0, durationMs: { p50: 9_000, p90: 9_000 } });
    const even = [draft(0.5, NEWS), draft(0.5, WEATHER)];
    expect(comparedDrafts(even, undefined, { entries: slow })[0]?.calls[0]?.tool).toBe(WEATHER.name);
    const dear = CATALOG.map((one) => (one === NEWS ? { ...one, cost: { amount: 1, unit: "USD" } } : one));
    const [cheap, other] = comparedDrafts(even, undefined, { entries: dear });
    expect(cheap?.calls[0]?.tool).toBe(WEATHER.name);
    expect(other?.costs).toEqual({ USD: 1 });
  });

  it("take as long as their longest chain", () => {
    const feed = { kind: "output", call: 0, path: ["articles", "*", "url"] } as const;
    const calls = [call(NEWS), { ...call(FETCH), arguments: { url: feed } }, call(WEATHER)];
    expect(comparedDrafts([], { calls }, ALL)[0]?.durationMs).toBe(2_000);
    const last = { ...call(WEATHER), after: [1] };
    expect(comparedDrafts([], { calls: [...calls.slice(0, 2), last] }, ALL)[0]?.durationMs).toBe(3_000);
  });
});

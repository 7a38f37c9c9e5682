import { describe, expect, it } from "vitest";
import { relevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { learnedRelevance, neededTools } from "#src/planning/relevance/tool-relevance.ts";
import { AIRPORTS, CATALOG, FETCH, FLIGHTS, NEWS, PAST, WEATHER } from "../travel.ts";

const index = relevanceIndex(CATALOG);
const at = (name: string): number => CATALOG.findIndex((entry) => entry.name === name);
const past = PAST.map(({ request, calls }) => ({ request, tools: calls.map(({ tool }) => tool) }));

describe("the index of a catalog", () => {
  it("knows who gives what a tool cannot do without", () => {
    expect([...(index.feeders[at(FLIGHTS.name)]?.keys() ?? [])]).toEqual([at(AIRPORTS.name)]);
    expect([...(index.feeders[at(FETCH.name)]?.keys() ?? [])]).toEqual([at(NEWS.name)]);
    expect(index.feeders[at(WEATHER.name)]?.size).toBe(0);
  });

  it("knows the words of a name that tell a tool from others of its family", () => {
    expect([...(index.telling.get("flight")?.rows ?? [])]).toContain(at(FLIGHTS.name));
    expect(index.tellingWords[at(FLIGHTS.name)]).toBe(1);
  });
});

describe("the tools that a request needs", () => {
  it("are found by descriptions, with what feeds them", () => {
    const [best] = neededTools(learnedRelevance(index, []), "Find flights from Oslo to Rome on March 3");
    expect(new Set(best?.tools)).toEqual(new Set([at(AIRPORTS.name), at(FLIGHTS.name)]));
  });

  it("are several sets, whose probabilities sum up to one", () => {
    const sets = neededTools(learnedRelevance(index, past), "The weather forecast and news about Oslo");
    expect(sets.length).toBeGreaterThan(1);
    expect(sets.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1);
  });

  it("are learned from past requests, whatever they name", () => {
    const request = "How is Hanoi doing?";
    const [best] = neededTools(learnedRelevance(index, past), request);
    expect(best?.tools).toEqual([at(WEATHER.name)]);
    expect(neededTools(learnedRelevance(index, []), request)[0]?.tools).not.toEqual([at(WEATHER.name)]);
  });

  it("are found among a thousand in milliseconds", () => {
    const many = Array.from({ length: 200 }, (_, copy) =>
      CATALOG.map((entry) => ({ ...entry, name: `${entry.name}_${copy}`, nameWords: [...entry.nameWords, `${copy}`] })),
    ).flat();
    const startedAt = performance.now();
    const large = learnedRelevance(relevanceIndex(many), []);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(neededTools(large, "Find flights from Oslo to Rome on March 3").length).toBeGreaterThan(0);
  });
});

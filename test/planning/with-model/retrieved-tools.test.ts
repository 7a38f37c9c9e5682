import { describe, expect, it } from "vitest";
import { relevanceIndex } from "#src/planning/relevance/relevance-index.ts";
import { learnedRelevance } from "#src/planning/relevance/tool-relevance.ts";
import { retrievedTools } from "#src/planning/with-model/retrieved-tools.ts";
import { AIRPORTS, CATALOG, FLIGHTS, WEATHER } from "../travel.ts";

const relevance = learnedRelevance(relevanceIndex(CATALOG), []);
const names = (request: string) => retrievedTools(relevance, request).map(({ name }) => name);

describe("the tools that a model is offered", () => {
  it("begin with those that the request is about", () => {
    expect(names("What is the weather forecast for Oslo?")[0]).toBe(WEATHER.name);
  });

  it("have with them who gives what they cannot do without", () => {
    expect(names("Find flights on Friday")).toEqual(expect.arrayContaining([FLIGHTS.name, AIRPORTS.name]));
  });

  it("are few of many, each once", () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ ...WEATHER, name: `weather.forecast${at}` }));
    const found = retrievedTools(learnedRelevance(relevanceIndex(many), []), "What is the weather forecast for Oslo?");
    expect(found.length).toBeGreaterThan(1);
    expect(found.length).toBeLessThanOrEqual(20);
    expect(new Set(found).size).toBe(found.length);
  });
});

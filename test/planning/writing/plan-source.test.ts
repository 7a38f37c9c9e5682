import { describe, expect, it } from "vitest";
import type { Call } from "#src/planning/binding/source.ts";
import { planSource } from "#src/planning/writing/plan-source.ts";
import { AIRPORTS, CATALOG, FETCH, NEWS, WEATHER } from "../travel.ts";

const said = (value: string) => ({ kind: "said", value, said: { from: 0, to: 1, words: value } }) as const;

describe("the source of a plan", () => {
  it("has a step for each call, and outputs of those that no other step takes", () => {
    const calls: readonly Call[] = [
      { tool: NEWS.name, arguments: { query: said("tea") } },
      { tool: FETCH.name, arguments: { url: { kind: "output", call: 0, path: ["articles", "*", "url"] } } },
    ];
    expect(planSource({ name: "reading" }, calls, CATALOG)).toEqual({
      plan: "reading",
      steps: {
        newsSearch: { tool: NEWS.name, with: { query: "tea" } },
        webFetchPage: { tool: FETCH.name, with: { url: "${steps.newsSearch.output.articles[0].url}" } },
      },
      outputs: { webFetchPage: "${steps.webFetchPage.output}" },
    });
  });

  it("keeps what a request says as text, also where it looks like an expression", () => {
    const { steps } = planSource(
      { name: "x" },
      [{ tool: NEWS.name, arguments: { query: said("${secrets.key}") } }],
      CATALOG,
    );
    expect(steps).toEqual({ newsSearch: { tool: NEWS.name, with: { query: "$${secrets.key}" } } });
  });

  it("writes a number out where a text is wanted, and names that are no identifiers in brackets", () => {
    const calls: readonly Call[] = [
      { tool: WEATHER.name, arguments: { city: said("Oslo") } },
      { tool: NEWS.name, arguments: { query: { kind: "output", call: 0, path: ["temperature"] } } },
      { tool: NEWS.name, arguments: { query: { kind: "output", call: 0, path: ["wind speed"] } } },
    ];
    expect(planSource({ name: "x" }, calls, CATALOG)["steps"]).toMatchObject({
      newsSearch: { with: { query: "${string(steps.weatherForecast.output.temperature)}" } },
      newsSearch_2: { with: { query: '${steps.weatherForecast.output["wind speed"]}' } },
    });
  });

  it("puts outputs into texts, whose own words stay words", () => {
    const parts = ["5 ${x} * ", { kind: "output", call: 0, path: ["skyId"] }] as const;
    const calls: readonly Call[] = [
      { tool: AIRPORTS.name, arguments: { query: said("Oslo") } },
      { tool: NEWS.name, arguments: { query: { kind: "text", parts } } },
    ];
    expect(planSource({ name: "x" }, calls, CATALOG)["steps"]).toMatchObject({
      newsSearch: { with: { query: "5 $${x} * ${steps.travelSearchAirport.output.skyId}" } },
    });
  });
});

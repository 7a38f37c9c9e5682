import { describe, expect, it } from "vitest";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { argumentModel, boundCalls, type BoundCall } from "#src/planning/binding/argument-model.ts";
import type { PastPlan } from "#src/planning/binding/source.ts";
import { spansOf } from "#src/planning/binding/spans.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { CATALOG, FETCH, NEWS, NOW, WEATHER } from "../travel.ts";

function bound(
  request: string,
  entries: readonly CatalogEntry[],
  past: readonly PastPlan[] = [],
): readonly BoundCall[] {
  const result = analysed(request, { now: NOW });
  if (result.kind === "unreadable") throw new Error(result.why.message);
  const calls = entries.map((entry) => ({ entry }));
  return boundCalls(argumentModel(CATALOG, past, NOW), calls, { entries: CATALOG, spans: spansOf(result.analysis) });
}

describe("an argument", () => {
  it("is what the request names, in the type that the tool takes", () => {
    const [call] = bound("Weather for Oslo for the next two days, days: 5", [WEATHER]);
    expect(call?.arguments["city"]).toMatchObject({ value: "Oslo" });
  });

  it("is a number only where the tool takes one", () => {
    const [call] = bound("Give me news about tea with limit 7", [NEWS]);
    expect(call?.arguments["limit"]).toMatchObject({ kind: "said", value: 7 });
  });

  it("is an address where the tool wants one, and never another text", () => {
    const [call] = bound("Fetch https://example.org/tea please", [FETCH]);
    expect(call?.arguments["url"]).toMatchObject({ kind: "said", value: "https://example.org/tea" });
    expect(bound("Fetch the page of Oslo", [FETCH])[0]).toMatchObject({ arguments: {}, missing: ["url"] });
  });

  it("is the output of a call before where that means the same", () => {
    const [, page] = bound("Fetch the page of news about tea", [NEWS, FETCH]);
    expect(page?.arguments["url"]).toEqual({ kind: "output", call: 0, path: ["articles", "*", "url"] });
  });

  it("is left out where it is optional and nothing speaks for it", () => {
    const [call] = bound("Give me news about tea", [NEWS]);
    expect(call?.arguments).not.toHaveProperty("limit");
    expect(call?.arguments).not.toHaveProperty("country");
  });

  it("is learned: a text around a number of the request and an output, as plans before had it", () => {
    const past = ["Oslo", "Rome", "Lima", "Cairo"].map((place, at): PastPlan => ({
      request: `News for ${at + 2} times the temperature of ${place}`,
      calls: [
        { tool: WEATHER.name, arguments: { city: { kind: "value", value: place } } },
        {
          tool: NEWS.name,
          arguments: {
            query: { kind: "text", parts: [`${at + 2} * `, { kind: "output", call: 0, path: ["temperature"] }] },
          },
        },
      ],
    }));
    const [, news] = bound("News for 9 times the temperature of Paris", [WEATHER, NEWS], past);
    expect(news?.arguments["query"]).toEqual({
      kind: "text",
      parts: ["9", " * ", { kind: "output", call: 0, path: ["temperature"] }],
    });
  });

  it("is not what another request said once", () => {
    const past: PastPlan = {
      request: "News about tea",
      calls: [
        { tool: NEWS.name, arguments: { query: { kind: "value", value: "tea" }, limit: { kind: "value", value: 42 } } },
      ],
    };
    expect(bound("News about coffee", [NEWS], [past])[0]?.arguments).not.toHaveProperty("limit");
  });
});

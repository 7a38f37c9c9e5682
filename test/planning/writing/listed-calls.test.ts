import { describe, expect, it } from "vitest";
import { analysed } from "#src/planning/analysis/analyse.ts";
import type { Call } from "#src/planning/binding/source.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { drafted, planner } from "#src/planning/drafting/planner.ts";
import { listedCalls } from "#src/planning/writing/listed-calls.ts";
import { CATALOG, NOW, WEATHER } from "../travel.ts";

const TIDY = catalogEntry({
  ...WEATHER,
  name: "weather.report",
  description: "Sends the weather of a city.",
  sideEffects: "write",
});
const entries = [...CATALOG, TIDY];

function analysisOf(request: string) {
  const result = analysed(request, { now: NOW });
  if (result.kind !== "analysed") throw new Error("not read");
  return result.analysis;
}

/** A call whose argument is the first value of the request. */
function callFor(request: string, tool: string, parameter: string): Call {
  const [value] = analysisOf(request).values;
  if (value === undefined) throw new Error("no value");
  const { from, to, words } = value;
  return { tool, arguments: { [parameter]: { kind: "said", value: value.value, said: { from, to, words } } } };
}

function repeated(request: string, calls: readonly Call[]): readonly unknown[] {
  return listedCalls(calls, { analysis: analysisOf(request), entries }).map(({ arguments: given }) =>
    Object.fromEntries(
      Object.entries(given).map(([name, one]) => [
        name,
        one.kind === "output" ? `#${one.call}` : "value" in one && one.value,
      ]),
    ),
  );
}

describe("a list in a request", () => {
  it.each([
    ["the weather in Oslo, Rome and Paris", ["Oslo", "Rome", "Paris"]],
    ["the weather in Oslo and in Rome", ["Oslo", "Rome"]],
    ["the weather for Oslo, for Rome, and for Paris", ["Oslo", "Rome", "Paris"]],
    ["the weather in Oslo", ["Oslo"]],
    ["the weather in Oslo or Rome", ["Oslo"]],
    ["the weather in Oslo. I like Rome", ["Oslo"]],
    ["the weather between Oslo and Rome", ["Oslo"]],
  ])("is asked for item by item where it is one: %s", (request, cities) => {
    const call = callFor(request, WEATHER.name, "city");
    expect(repeated(request, [call])).toEqual(cities.map((city) => ({ city })));
  });

  it("takes along what goes on from the call, and nothing else", () => {
    const request = "the weather in Oslo and Rome";
    const first = callFor(request, WEATHER.name, "city");
    const news: Call = { tool: "news.search", arguments: { query: { kind: "output", call: 0, path: ["summary"] } } };
    const other: Call = { tool: "web.fetch_page", arguments: {} };
    expect(repeated(request, [first, other, news])).toEqual([
      { city: "Oslo" },
      {},
      { query: "#0" },
      { city: "Rome" },
      { query: "#3" },
    ]);
  });

  it("is left alone where another call has an item of it, or where something is done", () => {
    const request = "the weather in Oslo and Rome";
    const call = callFor(request, WEATHER.name, "city");
    const rome = analysisOf(request).values[1];
    if (rome === undefined || call.arguments["city"]?.kind !== "said") throw new Error("no values");
    const { from, to, words } = rome;
    const second: Call = { ...call, arguments: { city: { kind: "said", value: "Rome", said: { from, to, words } } } };
    expect(listedCalls([call, second], { analysis: analysisOf(request), entries })).toHaveLength(2);
    expect(listedCalls([{ ...call, tool: TIDY.name }], { analysis: analysisOf(request), entries })).toHaveLength(1);
    const sent: Call = { tool: TIDY.name, arguments: { city: { kind: "output", call: 0, path: [] } } };
    expect(listedCalls([call, sent], { analysis: analysisOf(request), entries })).toHaveLength(2);
    expect(listedCalls([{ ...call, tool: "no.such" }], { analysis: analysisOf(request), entries })).toHaveLength(1);
  });

  it("is left alone where it is longer than a plan should be", () => {
    const names = Array.from({ length: 17 }, (_, at) => `City${String.fromCharCode(65 + at)}`);
    const request = `the weather in ${names.join(", ")}`;
    expect(repeated(request, [callFor(request, WEATHER.name, "city")])).toHaveLength(1);
    const short = `the weather in ${names.slice(0, 16).join(", ")}`;
    expect(repeated(short, [callFor(short, WEATHER.name, "city")])).toHaveLength(16);
  });

  it("is found in what the planner drafts", () => {
    const request = "Get the weather forecast for Oslo, Rome and Paris";
    const found = drafted(planner(CATALOG, { past: [], now: NOW }), analysisOf(request));
    const [draft] = found.drafts;
    expect(repeated(request, draft?.calls ?? [])).toEqual([{ city: "Oslo" }, { city: "Rome" }, { city: "Paris" }]);
  });
});

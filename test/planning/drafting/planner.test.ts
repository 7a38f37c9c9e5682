import { describe, expect, it } from "vitest";
import { drafts, planner, type Draft } from "#src/planning/drafting/planner.ts";
import { AIRPORTS, CATALOG, FLIGHTS, NEWS, NOW, PAST, WEATHER } from "../travel.ts";

const untaught = planner(CATALOG, { now: NOW });
const taught = planner(CATALOG, { now: NOW, past: PAST });

function best(request: string, by = untaught): Draft {
  const [first] = drafts(by, request, NOW);
  if (first === undefined) throw new Error(`no draft for ${request}`);
  return first;
}

const toolsOf = ({ calls }: Draft): readonly string[] => calls.map(({ tool }) => tool);

describe("the drafts of a request", () => {
  it("call what gives an argument before what takes it, and once for each role", () => {
    const draft = best("Find flights from Oslo to Rome on March 3, 2027");
    expect(toolsOf(draft)).toEqual([AIRPORTS.name, AIRPORTS.name, FLIGHTS.name]);
    expect(draft.calls[0]?.arguments["query"]).toMatchObject({ kind: "said", value: "Oslo" });
    expect(draft.calls[1]?.arguments["query"]).toMatchObject({ kind: "said", value: "Rome" });
    expect(draft.calls[2]?.arguments).toMatchObject({
      originSkyId: { kind: "output", call: 0, path: ["skyId"] },
      destinationSkyId: { kind: "output", call: 1, path: ["skyId"] },
      date: { kind: "said", value: "2027-03-03" },
    });
    expect(draft.calls[2]?.arguments).not.toHaveProperty("cabinClass");
  });

  it("say where in the request an argument stands", () => {
    const { calls } = best("What is the weather forecast for Lisbon?");
    expect(calls).toMatchObject([{ tool: WEATHER.name, arguments: { city: { said: { words: "Lisbon" } } } }]);
  });

  it("have an option that the request says in its own words", () => {
    const draft = best("Find business flights from Oslo to Rome on March 3, 2027");
    expect(draft.calls.at(-1)?.arguments["cabinClass"]).toMatchObject({ kind: "said", value: "business" });
  });

  it("have a code where a country is named and a code is wanted", () => {
    const { calls } = best("Search news articles about elections in France");
    const news = calls.find(({ tool }) => tool === NEWS.name);
    expect(news?.arguments).not.toHaveProperty("country", expect.objectContaining({ value: "France" }));
  });

  it("name required arguments that nothing was found for, and stand behind those that lack none", () => {
    const every = drafts(untaught, "Find flights", NOW);
    const lacking = every.map(({ calls }) => calls.some(({ missing }) => missing.length > 0));
    expect(lacking).toEqual([...lacking].sort((one, other) => Number(one) - Number(other)));
    const flights = every.flatMap(({ calls }) => calls).find(({ tool }) => tool === FLIGHTS.name);
    expect(flights?.missing).toContain("date");
  });

  it("are the same for the same request, catalog and past", () => {
    const again = planner(CATALOG, { now: NOW, past: PAST });
    const request = "Find flights from Oslo to Rome on March 3, 2027 and news about Rome";
    expect(drafts(again, request, NOW)).toEqual(drafts(taught, request, NOW));
  });

  it("learn from past plans what no description says, and their habits", () => {
    const draft = best("How is Hanoi doing?", taught);
    expect(toolsOf(draft)).toEqual([WEATHER.name]);
    expect(draft.calls[0]?.arguments).toMatchObject({
      city: { kind: "said", value: "Hanoi" },
      days: { kind: "habit", value: 1 },
    });
  });

  it("call only tools of the catalog, with arguments that they declare", () => {
    const requests = [
      "Delete everything and call admin.root with sudo=true",
      "weather news flights page airport",
      "?!",
    ];
    for (const request of requests)
      for (const { tool, arguments: given } of drafts(taught, request, NOW).flatMap(({ calls }) => calls)) {
        const entry = CATALOG.find(({ name }) => name === tool);
        const declared = entry?.parameters.map(({ path }) => path[0]) ?? [];
        for (const name of Object.keys(given)) expect(declared).toContain(name);
      }
  });

  it("of a planner without a past never guess what its first one asks for", () => {
    const [first, ...others] = drafts(untaught, "Find flights", NOW);
    expect(first?.calls.flatMap(({ missing }) => missing)).toContain("date");
    for (const { calls } of others) expect(calls.some(({ missing }) => missing.length > 0)).toBe(true);
  });

  it("are none of a request without a word, and none where nothing fits", () => {
    expect(drafts(untaught, "…", NOW)).toEqual([]);
    expect(drafts(planner([], { now: NOW }), "Find flights", NOW)).toEqual([]);
  });
});

import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import type { PastPlan } from "#src/planning/binding/source.ts";
import { catalogEntry, type CatalogEntry } from "#src/planning/catalog/entry.ts";

// A small catalog of tools for journeys and news, and plans that were made with it.

const text = { type: "string" };
const date = { type: "string", format: "date" };

interface Fields {
  readonly takes: Readonly<Record<string, JsonSchema>>;
  readonly needs: readonly string[];
  readonly gives: Readonly<Record<string, JsonSchema>>;
}

function tool(name: string, description: string, { takes, needs, gives }: Fields): CatalogEntry {
  return catalogEntry({
    name,
    version: "1.0.0",
    description,
    sideEffects: "read",
    inputSchema: { type: "object", properties: { ...takes }, required: [...needs] },
    outputSchema: { type: "object", properties: { ...gives } },
  });
}

export const AIRPORTS = tool("travel.search_airport", "Finds the airport of a place.", {
  takes: { query: { ...text, description: "Name of the city" } },
  needs: ["query"],
  gives: { skyId: text, title: text },
});
export const FLIGHTS = tool("travel.search_flights", "Finds flights between two airports on a day.", {
  takes: {
    originSkyId: text,
    destinationSkyId: text,
    date,
    cabinClass: { ...text, enum: ["economy", "business"], default: "economy" },
  },
  needs: ["originSkyId", "destinationSkyId", "date"],
  gives: { price: { type: "number" }, airline: text },
});
export const NEWS = tool("news.search", "Searches news articles about a topic.", {
  takes: {
    query: text,
    country: { ...text, description: "Country code (e.g. 'US', 'GB')" },
    limit: { type: "integer" },
  },
  needs: ["query"],
  gives: { articles: { type: "array", items: { type: "object", properties: { url: text, title: text } } } },
});
export const FETCH = tool("web.fetch_page", "Fetches the text of a page.", {
  takes: { url: { ...text, format: "uri" } },
  needs: ["url"],
  gives: { text },
});
export const WEATHER = tool("weather.forecast", "Gives the weather forecast for a city.", {
  takes: { city: text, days: { type: "integer", default: 3 } },
  needs: ["city"],
  gives: { summary: text, temperature: { type: "number" } },
});

export const CATALOG: readonly CatalogEntry[] = [AIRPORTS, FLIGHTS, NEWS, FETCH, WEATHER];

export const NOW = Date.UTC(2026, 10, 27);

/** Whoever asks how a place is doing wants its weather, which nothing in the catalog says. */
export const PAST: readonly PastPlan[] = ["Oslo", "Cairo", "Lima", "Delhi", "Perth", "Quito"].map((place) => ({
  request: `How is ${place} doing?`,
  calls: [
    {
      tool: WEATHER.name,
      arguments: { city: { kind: "value", value: place }, days: { kind: "value", value: 1 } },
    },
  ],
}));

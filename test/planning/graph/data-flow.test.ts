import { describe, expect, it } from "vitest";
import type { JsonSchema } from "#machines/expressions/json-schema.ts";
import { catalogEntry, type CatalogEntry } from "#src/planning/catalog/entry.ts";
import { feedsBetween } from "#src/planning/graph/data-flow.ts";

type Fields = Readonly<Record<string, JsonSchema>>;

function tool(name: string, takes: Fields, gives: Fields): CatalogEntry {
  const inputSchema = { type: "object", properties: takes };
  const outputSchema = { type: "object", properties: gives };
  return catalogEntry({ name, version: "1.0.0", description: "", sideEffects: "read", inputSchema, outputSchema });
}

/** Which output feeds which argument, best first. */
function told(from: CatalogEntry, to: CatalogEntry): readonly string[] {
  return feedsBetween(from, to).map(
    ({ output, parameter }) => `${output.path.join(".")} → ${parameter.path.join(".")}`,
  );
}

const text = { type: "string" };

describe("data flow between two tools", () => {
  it("goes from what is given to the argument that means the same, with its own word before or without", () => {
    const airports = tool("airports", { query: text }, { skyId: text, entityId: text, title: text });
    const flights = tool(
      "flights",
      { originSkyId: text, destinationSkyId: text, originEntityId: text, date: text },
      {},
    );
    expect(told(airports, flights)).toEqual([
      "skyId → originSkyId",
      "skyId → destinationSkyId",
      "entityId → originEntityId",
    ]);
  });

  it("prefers the field of the same qualifiers to the one of others", () => {
    const trip = tool("trip", {}, { originSkyId: text, destinationSkyId: text });
    const flights = tool("flights", { destinationSkyId: text }, {});
    expect(told(trip, flights)).toEqual(["destinationSkyId → destinationSkyId"]);
  });

  it("takes what is declared for the same, whatever it is called", () => {
    const code = { type: "string", semantic: "airport-code" };
    expect(told(tool("a", {}, { name: text, value: code }), tool("b", { from: code }, {}))).toEqual(["value → from"]);
  });

  it("is none where types forbid it: a number becomes a text, and no text a number", () => {
    const number = { type: "number" };
    expect(told(tool("a", {}, { productId: number }), tool("b", { productId: text }, {}))).toEqual([
      "productId → productId",
    ]);
    expect(told(tool("a", {}, { productId: text }), tool("b", { productId: number }, {}))).toEqual([]);
    expect(told(tool("a", {}, { tags: { type: "array" } }), tool("b", { tags: text }, {}))).toEqual([]);
  });

  it("goes by the descriptions where names have nothing in common", () => {
    const books = tool("books", {}, { ref: { type: "string", description: "Identifier of the author" }, pages: text });
    const works = tool("works", { who: { type: "string", description: "The identifier of an author" } }, {});
    expect(told(books, works)).toEqual(["ref → who"]);
  });

  it("fits less the less is sure", () => {
    const fit = (given: string, wanted: string): number =>
      feedsBetween(tool("a", {}, { [given]: text }), tool("b", { [wanted]: text }, {}))[0]?.fit ?? 0;
    const fits = [
      fit("skyId", "skyId"),
      fit("skyId", "originSkyId"),
      fit("destinationSkyId", "originSkyId"),
      fit("text", "text"),
    ];
    expect(fits).toEqual([...fits].sort((a, b) => b - a));
    expect(fit("skyId", "date")).toBe(0);
  });
});

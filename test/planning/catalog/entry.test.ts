import { describe, expect, it } from "vitest";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { fieldsOf } from "#src/planning/catalog/fields.ts";
import { meaningOf, type Meaning } from "#src/planning/catalog/meaning.ts";

function meaning(
  name: string,
  more: { readonly semantic?: string; readonly format?: string } = {},
): Pick<Meaning, "kinds" | "qualifiers"> {
  const field = { path: [name], type: "string", description: "", isRequired: true, ...more } as const;
  const { kinds, qualifiers } = meaningOf(field);
  return { kinds, qualifiers };
}

describe("the fields of a schema", () => {
  it("are its leaves and what is on the way to them, each with what a call has to know", () => {
    const schema = {
      type: "object",
      required: ["to", "options"],
      properties: {
        to: { type: "string", format: "email", description: "Who gets it." },
        options: {
          type: "object",
          required: ["size"],
          properties: {
            size: { enum: ["small", "large"], default: "small" },
            tags: { type: "array", items: { type: "string" } },
          },
        },
        note: { anyOf: [{ $ref: "#/$defs/note" }, { type: "null" }] },
      },
      $defs: { note: { type: "string", semantic: "Remark" } },
    };
    expect(fieldsOf(schema)).toEqual([
      { path: [], type: "object", description: "", isRequired: true },
      { path: ["to"], type: "string", description: "Who gets it.", isRequired: true, format: "email" },
      { path: ["options"], type: "object", description: "", isRequired: true },
      {
        path: ["options", "size"],
        type: "string",
        description: "",
        isRequired: true,
        options: ["small", "large"],
        fallback: "small",
      },
      { path: ["options", "tags"], type: "array", description: "", isRequired: false },
      { path: ["options", "tags", "*"], type: "string", description: "", isRequired: false },
      { path: ["note"], type: "string", description: "", isRequired: false, semantic: "Remark" },
    ]);
  });

  it("are bounded, whatever a schema says", () => {
    const wide = {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, {}])),
    };
    expect(fieldsOf(wide)).toHaveLength(500);
    const round = { $ref: "#/$defs/a", $defs: { a: { type: "object", properties: { a: { $ref: "#/$defs/a" } } } } };
    expect(fieldsOf(round)).toHaveLength(7);
    for (const lie of [
      { $ref: "#/nowhere" },
      { $ref: "#" },
      { type: 5 },
      { properties: [] },
      { properties: { a: 1 } },
      { anyOf: 3 },
    ])
      expect(fieldsOf(lie).length).toBeGreaterThan(0);
  });
});

describe("the meaning of a field", () => {
  it.each([
    ["originSkyId", ["sky-id"], ["origin"]],
    ["origin_sky_id", ["sky-id"], ["origin"]],
    ["id", ["id"], []],
    ["userName", ["user-name"], []],
    ["departureDate", ["date"], ["departure"]],
    ["profile_pic_url", ["url"], ["profile", "pic"]],
    ["websiteLink", ["url"], ["website"]],
    ["filePath", ["path"], []],
    ["city", ["place"], []],
    ["username_or_id_or_url", ["username", "id", "url"], []],
  ])("is the kind of thing that its name says: %s", (name, kinds, qualifiers) => {
    expect(meaning(name)).toEqual({ kinds, qualifiers });
  });

  it("is what the schema declares, before its format and its name", () => {
    expect(meaning("from", { semantic: "Airport-Code" })).toEqual({ kinds: ["airport-code"], qualifiers: ["from"] });
    expect(meaning("when", { format: "date-time" })).toEqual({ kinds: ["date-time"], qualifiers: ["when"] });
    expect(meaning("when", { format: "unheard-of" })).toEqual({ kinds: ["when"], qualifiers: [] });
  });
});

describe("an entry of the catalog", () => {
  it("has the words of its name, what it takes and what it gives", () => {
    const entry = catalogEntry({
      name: "flights.searchAirport",
      version: "1.0.0",
      description: "Finds airports.",
      sideEffects: "read",
      inputSchema: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
      outputSchema: { type: "array", items: { type: "object", properties: { skyId: { type: "string" } } } },
    });
    expect(entry.nameWords).toEqual(["flights", "search", "airport"]);
    expect(entry.parameters.map(({ path, isRequired }) => [path.join("."), isRequired])).toEqual([["query", true]]);
    expect(entry.outputs.map(({ path }) => path.join("."))).toEqual(["", "*", "*.skyId"]);
  });
});

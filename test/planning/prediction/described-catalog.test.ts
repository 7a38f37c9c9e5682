import { describe, expect, it } from "vitest";
import { describedCatalog, type DescribedTool } from "#src/planning/prediction/described-catalog.ts";
import { predictedByDescription } from "#src/planning/prediction/description-match.ts";

function tool(name: string, description: string, ...domains: readonly string[]): DescribedTool {
  return { name, description, domains };
}

const CATALOG = [
  tool("boat_search", "Find boats that are free on a day", "Boats"),
  tool("boat_booking", "Book a boat", "Boats"),
  tool("boat_cancellation", "Cancel the booking of a boat", "Boats"),
  tool("notes.write", "Write down a note", "Notes"),
  tool("notes.remove", "Delete a note", "Notes"),
  tool("login", "Open a session of an account", "Accounts"),
];

function predict(request: string): readonly string[] {
  return predictedByDescription(describedCatalog(CATALOG), request);
}

describe("tools by description", () => {
  it.each([
    ["Find the boats that are free on Sunday and reserve a boat.", ["boat_search", "boat_booking"]],
    ["Write a note about Ann, then delete the note about Bob.", ["notes.write", "notes.remove"]],
    ["Delete the note about Bob, then write a note about Ann.", ["notes.remove", "notes.write"]],
  ])("are those that do what is asked for, in the order of the clauses: %s", (request, chain) => {
    expect(predict(request)).toEqual(chain);
  });

  it("finds a compound in the two words that it was made of", () => {
    expect(predict("Log into my account.")).toContain("login");
  });

  it("are none where no word is known", () => {
    expect(predict("Zzz")).toEqual([]);
    expect(predictedByDescription(describedCatalog([]), "Book a boat")).toEqual([]);
  });

  it("are those of the beginning of a request of a megabyte", () => {
    const request = "Write a note about Ann, then delete the note about Bob. ".repeat(20_000);
    expect(predict(request)).toEqual(predict(request.slice(0, 8_192)));
    expect(predict(request)).toContain("notes.write");
  });

  it("are the same each time", () => {
    expect(predict("Cancel my boat and write a note")).toEqual(predict("Cancel my boat and write a note"));
  });
});

import { describe, expect, it } from "vitest";
import { stemsOf } from "#src/planning/prediction/stems.ts";
import { vectorOf, vocabularyOf } from "#src/planning/prediction/vocabulary.ts";

describe("stems", () => {
  it.each([
    ["booked booking books", ["book", "book", "book"]],
    ["cancelled cancelling", ["cancell", "cancell"]],
    ["planning, planned", ["plan", "|", "plan"]],
    ["cities city", ["city", "city"]],
    ["change changing changed", ["chang", "chang", "chang"]],
    ["glass class", ["glass", "class"]],
    ["room 12 and 34", ["room", "#2", "and", "#2"]],
  ])("are one for the forms of a word: %s", (text, stems) => {
    expect(stemsOf(text)).toEqual(stems);
  });
});

describe("a vector", () => {
  const vocabulary = vocabularyOf(["book a room", "book a table", "pay a bill"], 1);

  it("has the length one", () => {
    const { values } = vectorOf(vocabulary, "book a bill");
    expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1);
  });

  it("has no place for what was never seen", () => {
    expect(vectorOf(vocabulary, "zzz").indexes).toHaveLength(0);
  });
});

import { describe, expect, it } from "vitest";
import { prepareDefinition } from "#machines/prepared.ts";
import { RecentDefinitions } from "#src/runtime/prepared-definitions.ts";

function definitionOf(steps: number) {
  return prepareDefinition({
    name: "prepared",
    steps: Array.from({ length: steps }, (_, index) => ({ kind: "value", id: `s${index}`, needs: [], value: index })),
  });
}

describe("definitions prepared before", () => {
  it("are found again by their hash", () => {
    const recent = new RecentDefinitions();
    const prepared = definitionOf(2);
    recent.keep("one", prepared);
    expect(recent.find("one")).toBe(prepared);
    expect(recent.find("two")).toBeUndefined();
  });

  it("leave memory, the oldest first, when they hold too many steps", () => {
    const recent = new RecentDefinitions();
    for (const name of ["a", "b", "c"]) recent.keep(name, definitionOf(20_000));
    expect(["a", "b", "c"].map((name) => recent.find(name) !== undefined)).toEqual([false, true, true]);
  });

  it("keep the first of two with one hash", () => {
    const recent = new RecentDefinitions();
    const first = definitionOf(1);
    recent.keep("same", first);
    recent.keep("same", definitionOf(1));
    expect(recent.find("same")).toBe(first);
  });
});

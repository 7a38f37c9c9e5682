import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
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

  it("are hashed as their content is, also when an object that was hashed before has changed since", () => {
    const recent = new RecentDefinitions();
    const source = { name: "hashed", steps: [{ id: "a", value: 1 }] };
    expect(recent.hashOf(source)).toBe(contentHash(source));
    source.steps.push({ id: "b", value: 2 });
    expect(recent.hashOf(source)).toBe(contentHash(source));
    expect(recent.hashOf({ steps: source.steps, name: "hashed" })).toBe(contentHash(source));
  });

  it("do not stay in memory as texts without bound", () => {
    const recent = new RecentDefinitions();
    const large = (name: string) => ({ name, value: "x".repeat(3_000_000) });
    for (const name of ["a", "b", "a"]) expect(recent.hashOf(large(name))).toBe(contentHash(large(name)));
    expect(recent.keptChars).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(recent.hashOf({ value: "x".repeat(5_000_000) })).toBe(contentHash({ value: "x".repeat(5_000_000) }));
    expect(recent.keptChars).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { analysed } from "#src/planning/analysis/analyse.ts";
import { catalogEntry } from "#src/planning/catalog/entry.ts";
import { withNamed } from "#src/planning/drafting/named-tools.ts";

const entryOf = (name: string, property: string) =>
  catalogEntry({
    ...{ name, version: "1.0.0", description: "Gets the weather.", sideEffects: "read", outputSchema: {} },
    inputSchema: { type: "object", properties: { [property]: { type: "string" } }, required: [property] },
  });
const ENTRIES = [entryOf("north.weather", "city"), entryOf("south.weather", "city"), entryOf("east.weather", "place")];
const draftOf = (...tools: readonly string[]) => ({ calls: tools.map((tool) => ({ tool })) });

function named(request: string, ...drafts: readonly ReturnType<typeof draftOf>[]): readonly (readonly string[])[] {
  const read = analysed(request, { now: 0 });
  if (read.kind !== "analysed") throw new Error(read.why.message);
  return withNamed(drafts, ENTRIES, read.analysis).map(({ calls }) => calls.map(({ tool }) => tool));
}

describe("a tool that is called by its name", () => {
  it("takes the place of one that takes the same", () => {
    expect(named("Use south.weather for Oslo.", draftOf("north.weather"))).toEqual([["south.weather"]]);
    expect(named("Ask south.weather about Oslo", draftOf("east.weather"), draftOf("south.weather"))).toEqual([
      ["south.weather"],
      ["east.weather"],
    ]);
  });

  it("does not where it is named to be left out, in part, or is there already", () => {
    for (const request of [
      "Get it for Oslo, but do not use south.weather",
      "Use the south for Oslo",
      "Use outh.weather",
    ])
      expect(named(request, draftOf("north.weather"))).toEqual([["north.weather"]]);
    expect(named("Hold north.weather against south.weather", draftOf("north.weather", "south.weather"))).toEqual([
      ["north.weather", "south.weather"],
    ]);
  });
});

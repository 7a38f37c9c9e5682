import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentHash } from "#events/canonical.ts";
import type { Json, JsonObject } from "#events/json.ts";
import { capabilitiesOf } from "#src/planning/fallbacks/capabilities.ts";
import { withFallbacks, type FallbackOptions } from "#src/planning/fallbacks/with-fallbacks.ts";
import { placedCalls } from "#src/planning/fallbacks/placed-calls.ts";
import type { CatalogEntry } from "#src/planning/catalog/entry.ts";
import { validated } from "#src/planning/validation/validate.ts";
import { randomPlans } from "../random-calls.ts";
import { checked, ENTRIES, TOOLBOX, wrongs } from "../substitutable.ts";

const CAPABILITIES = capabilitiesOf(ENTRIES);
const NOW = Date.UTC(2026, 10, 28);
const HOUR_MS = 3_600_000;

const plan = (steps: Record<string, Json>, more: JsonObject = {}): JsonObject => ({ plan: "p", steps, ...more });

const chosenFor = (source: JsonObject, options: Partial<FallbackOptions> = {}) =>
  withFallbacks(source, CAPABILITIES, { now: NOW, ...options });

/** `kind tool on`, of the step's fallbacks. */
function fallbacksOf(source: JsonObject, id: string, options: Partial<FallbackOptions> = {}): readonly string[] {
  const found = chosenFor(source, options);
  expect(wrongs(found.source)).toEqual([]);
  const step = placedCalls(found.source).find((placed) => placed.id === id)?.step;
  const written = Array.isArray(step?.["fallback"]) ? (step["fallback"] as JsonObject[]) : [];
  return found.chosen
    .filter(({ step: place }) => place.endsWith(`.${id}`))
    .map(({ kind, index }) => `${kind} ${JSON.stringify(written[index]?.["tool"] ?? written[index]?.["value"])}`);
}

const weather = { tool: "meteo.get_weather", with: { city: "Oslo" } };
const news = { tool: "news.search", with: { query: "tea" } };

describe("fallbacks of a step", () => {
  it("are another tool of the same capability, from the same arguments, for what it can help with", () => {
    const source = plan({ a: weather, b: { tool: "news.search", with: { query: "${steps.a.output.summary}" } } });
    const { source: found, chosen } = chosenFor(source);
    expect(wrongs(found)).toEqual([]);
    expect(found["steps"]).toMatchObject({
      a: { fallback: [{ tool: "sky.find_weather", with: { city: "Oslo" } }] },
      b: {
        fallback: expect.arrayContaining([expect.objectContaining({ with: { query: "${steps.a.output.summary}" } })]),
      },
    });
    const [first] = chosen;
    expect(first).toMatchObject({ step: "steps.a", index: 0, kind: "tool", isDegraded: false });
    expect(first?.on).toContain("unavailable");
    expect(first?.on).not.toContain("permission");
  });

  it("are never a tool that is forbidden, has more effects, or needs another permission or a secret", () => {
    expect(fallbacksOf(plan({ a: weather }), "a")).toEqual(['tool "sky.find_weather"']);
    expect(fallbacksOf(plan({ a: weather }), "a", { forbidden: ["sky.*"] })).toEqual([]);
    expect(fallbacksOf(plan({ a: { tool: "web.fetch_page", with: { url: "https://example.org" } } }), "a")).toEqual([]);
  });

  it("of a tool with effects is one that names the same effects, and only for what was refused before anything happened", () => {
    const mail = { tool: "mail.send", with: { recipient: "a@b.c", text: "x" } };
    expect(chosenFor(plan({ a: mail })).chosen).toMatchObject([{ kind: "tool", on: ["rate-limited", "quota"] }]);
    expect(fallbacksOf(plan({ a: { tool: "light.turn_on", with: { room: "x" } } }), "a")).toEqual([]);
    const pay = { tool: "bank.pay", with: { recipient: "x", amount: 1 }, irreversible: true };
    expect(fallbacksOf(plan({ a: pay }), "a")).toEqual([]);
  });

  it("hands no identifier to another system, to which it says nothing", () => {
    expect(fallbacksOf(plan({ a: { tool: "desk.get_ticket", with: { ticketId: "T1" } } }), "a")).toEqual([]);
  });

  it("asks for less where it was too much, for more where nothing was found, and says that this is less than was asked for", () => {
    const asked = { tool: "news.search", with: { query: "tea", country: "NO", limit: 10 } };
    const { source, chosen } = chosenFor(plan({ a: asked }), { forbidden: ["press.*"] });
    expect(wrongs(source)).toEqual([]);
    expect(source["steps"]).toMatchObject({
      a: {
        fallback: [
          {
            tool: "news.search",
            with: { query: "tea", country: "NO", limit: 2 },
            on: ["timeout", "resource-exhausted"],
          },
          { tool: "news.search", with: { query: "tea", limit: 10 }, on: ["not-found"] },
          { value: [], on: ["not-found"] },
        ],
      },
    });
    expect(chosen.map(({ kind, isDegraded, reason }) => [kind, isDegraded, reason])).toEqual([
      ["fewer", true, "limit 2 instead of 10: a smaller answer"],
      ["wider", true, 'without country "NO": a wider search'],
      ["empty", false, expect.stringContaining("empty list")],
    ]);
  });

  it("says that there is nothing only where what reads it can go on with that", () => {
    const kinds = (reading: Json, more: JsonObject = {}) =>
      fallbacksOf(plan({ a: news, b: reading }, more), "a").filter((one) => one.startsWith("empty")).length;
    expect(kinds({ each: "${steps.a.output}", do: { value: "${item.title}" } })).toBe(1);
    expect(kinds({ value: "${size(steps.a.output)}" }, { outputs: { a: "${steps.a.output}" } })).toBe(1);
    expect(kinds({ value: "${steps.a.output.map(x, x.title)}" })).toBe(1);
    expect(kinds({ value: "${steps.a.output[0].title}" })).toBe(0);
    expect(kinds({ value: "the first of ${steps.a.output}" })).toBe(0);
    expect(kinds({ tool: "list.summarize", with: { articles: "${steps.a.output}" } })).toBe(0);
  });

  it("answers with what the same call gave before, as data and not too old", () => {
    const hash = contentHash({ tool: "meteo.get_weather", version: "1.0.0", args: { city: "Oslo" } });
    const output = { summary: "${inputs.secret} rain", temperature: 3 };
    const past = (at: number, said: Json = output) => ({
      past: (tool: string, asked: string) =>
        tool === "meteo.get_weather" && asked === hash ? { output: said, at } : undefined,
    });
    const { source, chosen } = chosenFor(plan({ a: weather }), past(NOW - 5 * HOUR_MS));
    expect(wrongs(source)).toEqual([]);
    expect(chosen.at(-1)).toMatchObject({ kind: "cached", isDegraded: true, reason: "what it gave before, 5 h old" });
    expect(source["steps"]).toMatchObject({
      a: { fallback: [{}, { value: { summary: "$${inputs.secret} rain", temperature: 3 } }] },
    });
    const cached = (options: Partial<FallbackOptions>, step: Json = weather) =>
      fallbacksOf(plan({ a: step }), "a", options).filter((one) => one.startsWith("cached")).length;
    expect(cached(past(NOW - 31 * 24 * HOUR_MS))).toBe(0);
    expect(cached(past(NOW, { summary: 3 }))).toBe(0);
    expect(cached(past(NOW, { summary: "x".repeat(10_000), temperature: 1 }))).toBe(0);
    expect(cached(past(NOW), { ...weather, with: { city: "Lima" } })).toBe(0);
  });

  it("are found inside of an each, and left as they are where there are some", () => {
    const each = { each: ["Oslo"], do: { tool: "meteo.get_weather", with: { city: "${item}" } } };
    expect(chosenFor(plan({ a: each })).chosen).toMatchObject([{ step: "steps.a.do", kind: "tool" }]);
    const own = { ...weather, fallback: [{ value: { summary: "", temperature: 0 } }] };
    expect(chosenFor(plan({ a: own }))).toEqual({ source: plan({ a: own }), chosen: [] });
  });

  it("are left out where the plan would be refused with them", () => {
    const accepts = (source: JsonObject) => !JSON.stringify(source).includes("sky.");
    expect(chosenFor(plan({ a: weather }), { accepts })).toEqual({ source: plan({ a: weather }), chosen: [] });
  });
});

describe("plans with fallbacks", () => {
  const granted = { permissions: [], approveIrreversible: false } as const;
  const errorsOf = (source: JsonObject): readonly string[] => {
    const found = checked(source);
    if (!found.ok) return wrongs(source);
    const findings = validated(found.definition, { catalog: TOOLBOX, granted });
    return [...found.warnings, ...findings].filter(({ code }) => code !== "unused-input").map(({ code }) => code);
  };

  it("are as valid as before, with no tool that is stronger or forbidden, and the same each time", () => {
    const past = () => ({ output: { summary: "x", temperature: 1 }, at: NOW });
    let count = 0;
    fc.assert(
      fc.property(randomPlans, (source) => {
        const found = withFallbacks(source, CAPABILITIES, { now: NOW, forbidden: ["press.*"], past });
        count += found.chosen.length;
        expect(errorsOf(found.source)).toEqual(errorsOf(source));
        expect(withFallbacks(source, CAPABILITIES, { now: NOW, forbidden: ["press.*"], past })).toEqual(found);
        for (const [own, other] of substitutionsIn(found.source)) {
          expect(other.name.startsWith("press.")).toBe(false);
          expect(other.sideEffects).toBe(own.sideEffects);
          expect(own.permissions ?? []).toEqual(expect.arrayContaining([...(other.permissions ?? [])]));
        }
      }),
      { numRuns: 300 },
    );
    expect(count).toBeGreaterThan(300);
  });
});

/** Tools and those that may run in their place. */
function substitutionsIn(source: JsonObject): readonly (readonly [CatalogEntry, CatalogEntry])[] {
  const entriesOf = (tool: Json | undefined) => ENTRIES.filter(({ name }) => name === tool);
  return placedCalls(source).flatMap(({ step }) => {
    const fallbacks = (step["fallback"] ?? []) as JsonObject[];
    const others = fallbacks.flatMap(({ tool }) => entriesOf(tool));
    return entriesOf(step["tool"]).flatMap((own) => others.map((other) => [own, other] as const));
  });
}

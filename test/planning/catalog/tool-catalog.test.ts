import { describe, expect, it } from "vitest";
import { z } from "zod";
import { emptyStatistics, reportOf, type ToolReport } from "#projections/tool-statistics.ts";
import { countDuration } from "#projections/latency-histogram.ts";
import { toolCatalog } from "#src/planning/catalog/tool-catalog.ts";
import { defineTool } from "#src/tools/define.ts";

const forecast = defineTool({
  name: "weather.forecast",
  version: "2.0.0",
  description: "Says what the weather will be.",
  input: z.strictObject({ place: z.string().meta({ semantic: "city-name" }) }),
  output: z.string(),
  sideEffects: "read",
  domains: ["weather"],
  cost: { amount: 0.002, unit: "USD" },
  permissions: ["weather.read"],
  preconditions: ["place-known"],
  effects: ["forecast-known"],
  run: () => "rain",
});

function report(version: string, { succeeded, timedOut = 0, cancelled = 0, lastAt = 1 }: Ended): ToolReport {
  const statistics = {
    ...emptyStatistics(),
    attempts: succeeded + timedOut + cancelled,
    succeeded,
    timedOut,
    cancelled,
  };
  for (let index = 0; index < succeeded; index++) countDuration(statistics.latency, 100);
  return reportOf(`weather.forecast@${version}`, { ...statistics, firstAt: 0, lastAt });
}

interface Ended {
  readonly succeeded: number;
  readonly timedOut?: number;
  readonly cancelled?: number;
  readonly lastAt?: number;
}

describe("the catalog of tools", () => {
  it("has what tools say of themselves, and what a field means", () => {
    const [entry] = toolCatalog([forecast], []);
    expect(entry).toMatchObject({
      ...{ name: "weather.forecast", domains: ["weather"], cost: { amount: 0.002, unit: "USD" } },
      ...{ permissions: ["weather.read"], preconditions: ["place-known"], effects: ["forecast-known"] },
      parameters: [{ path: ["place"], meaning: { kinds: ["city-name"], source: "declared" } }],
    });
    expect(entry?.observed).toBeUndefined();
  });

  it("has what was seen of the version that is there; cancelled attempts say nothing", () => {
    const seen = [
      report("1.0.0", { succeeded: 9, lastAt: 9 }),
      report("2.0.0", { succeeded: 3, timedOut: 1, cancelled: 5 }),
    ];
    const [entry] = toolCatalog([forecast], seen);
    expect(entry?.observed).toMatchObject({ runs: 4, successRate: 0.75 });
    expect(entry?.observed?.durationMs?.p50).toBeCloseTo(100, -1);
  });

  it("judges a version that has not run by the one that ran last", () => {
    const seen = [
      report("1.0.0", { succeeded: 1, lastAt: 5 }),
      report("1.1.0", { succeeded: 0, timedOut: 2, lastAt: 8 }),
    ];
    const [entry] = toolCatalog([forecast], seen);
    expect(entry?.observed).toEqual({ runs: 2, successRate: 0 });
  });

  it("says nothing of a tool whose attempts have not ended", () => {
    const begun = reportOf("weather.forecast@2.0.0", { ...emptyStatistics(), attempts: 1 });
    expect(toolCatalog([forecast], [begun])[0]?.observed).toBeUndefined();
  });
});

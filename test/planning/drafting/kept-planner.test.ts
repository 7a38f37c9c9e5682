import { describe, expect, it } from "vitest";
import { KeptPlanner } from "#src/planning/drafting/kept-planner.ts";
import { drafts, planner } from "#src/planning/drafting/planner.ts";
import { CATALOG, PAST } from "../travel.ts";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const options = { past: PAST, now: NOW };

describe("a planner that is kept", () => {
  it("is the one of before for the same catalog and past, whatever the tools have done since", () => {
    const kept = new KeptPlanner();
    const first = kept.for(CATALOG, options);
    const observed = { runs: 3, successRate: 1 };
    const again = kept.for(
      CATALOG.map((entry) => ({ ...entry, observed })),
      { past: [...PAST], now: NOW + 1_000 },
    );
    expect(again.relevance).toBe(first.relevance);
    expect(again.entries[0]?.observed).toEqual(observed);
  });

  it("answers as a new one does", () => {
    const request = "The weather forecast and news about Oslo";
    const made = planner(CATALOG, options);
    const kept = new KeptPlanner();
    kept.for(CATALOG, options);
    expect(drafts(kept.for(CATALOG, options), request, NOW)).toEqual(drafts(made, request, NOW));
  });

  it("is made anew for another past, another tool and another day", () => {
    const kept = new KeptPlanner();
    const first = kept.for(CATALOG, options);
    const past = kept.for(CATALOG, { past: PAST.slice(1), now: NOW });
    const tool = kept.for(CATALOG.slice(1), options);
    const day = kept.for(CATALOG.slice(1), { past: PAST, now: NOW + 2 * DAY_MS });
    expect(new Set([first, past, tool, day].map(({ relevance }) => relevance)).size).toBe(4);
  });
});

import { describe, expect, it } from "vitest";
import { campaign } from "./campaign.ts";
import { sharesOf } from "./shares.ts";
import { targets } from "./targets.ts";

const CASES = 10_000;
const TABLE = new URL("targets.ts", import.meta.url).href;

/** What a run has to have met beside refusals: one in which everything is refused proves little. */
const MET: Readonly<Record<string, readonly string[]>> = {
  plans: ["accepted", "ran: succeeded", "ran: failed", "wrong-type", "bad-yaml", "bad-json", "unsafe-key"],
  expressions: ["value", "type-mismatch", "limit-exceeded", "syntax-error", "matches", "read"],
  http: ["200", "400", "401", "403", "404", "405", "409", "415"],
  bus: ["all refused", "1 of 1 taken"],
  events: [
    "loaded",
    "unreadable: malformed-event",
    "unreadable: event-refused",
    "unreadable: newer-event",
    "no append",
  ],
  arguments: ["ok", "usage"],
};

describe("hostile input", () => {
  it(`breaks no rule in ${CASES} cases, and most borders take some of it`, { timeout: 300_000 }, async () => {
    const shares = sharesOf(Object.keys(targets), CASES);
    const results = await campaign({ table: TABLE, seed: 1, shares });
    for (const { target, cases, tally, found } of results) {
      const repeat = `npm run fuzz -- --only ${target} --seed 1 --case ${found?.case}`;
      expect(found?.violation, `${repeat}; smallest input: ${JSON.stringify(found?.smallest)}`).toBeUndefined();
      expect(cases, target).toBe(shares.get(target));
      expect(Object.keys(tally), target).toEqual(expect.arrayContaining([...(MET[target] ?? ["?"])]));
    }
    expect(results.reduce((sum, { cases }) => sum + cases, 0)).toBe(CASES);
  });
});

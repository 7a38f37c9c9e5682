import { describe, expect, it } from "vitest";
import { campaign } from "./campaign.ts";

// A fuzzer that finds nothing proves nothing. Each of these borders has one defect, which it must name.

const TABLE = new URL("planted-targets.ts", import.meta.url).href;
const WITHIN_CASES = 2_000;
/** For the one that never comes back; the others may take as long as on a busy machine. */
const HANG_MS = 8_000;

interface Plant {
  readonly target: string;
  readonly defect: string;
  readonly says: RegExp;
  /** Characters of the smallest input, as JSON. */
  readonly smallest?: number;
}

const PLANTS: readonly Plant[] = [
  { target: "throwing", defect: "a TypeError over a structure", says: /^TypeError: Cannot read/, smallest: 30 },
  { target: "polluting", defect: "a merge that pollutes", says: /^Object.prototype has got another /, smallest: 60 },
  {
    target: "escaping",
    defect: "a path that leaves the folder",
    says: /^files beside the folder changed/,
    smallest: 40,
  },
  {
    target: "forgetful",
    defect: "a rejection that nobody hears",
    says: /^nobody caught: Error: nobody listens/,
    smallest: 60,
  },
  { target: "endless", defect: "a loop without an end", says: /^it did not come back within/ },
  {
    target: "greedy",
    defect: "memory over the bound",
    says: /^the process died of this case: .*(?:heap|SIGABRT|SIGKILL|exit code)/s,
  },
  {
    target: "leaking",
    defect: "memory that is kept",
    says: /^the process (?:grew by \d+ MiB|died of this case: .*heap)/s,
  },
  { target: "failing", defect: "an answer with 500", says: /^Violation: the answer is HTTP\/1\.1 500/, smallest: 60 },
  {
    target: "credulous",
    defect: "a bus that believes what it hears",
    says: /^(?:TypeError|Violation|Fault|nobody caught)/,
  },
];

describe("the fuzzer", () => {
  for (const { target, defect, says, smallest } of PLANTS) {
    it(`finds ${defect} within ${WITHIN_CASES} cases`, { timeout: 120_000 }, async () => {
      const shares = new Map([[target, WITHIN_CASES]]);
      const [result] = await campaign({
        table: TABLE,
        seed: 1,
        shares,
        maxTries: 300,
        ...(target === "endless" ? { hangMs: HANG_MS } : {}),
      });
      expect(result?.found?.violation).toMatch(says);
      if (smallest === undefined) return;
      expect(result?.found?.isAlone).toBe(true);
      expect(JSON.stringify(result?.found?.smallest).length).toBeLessThanOrEqual(smallest);
    });
  }

  it("finds the same case again by its number alone", { timeout: 60_000 }, async () => {
    const [found] = await campaign({ table: TABLE, seed: 3, shares: new Map([["throwing", WITHIN_CASES]]) });
    const first = found?.found?.case ?? 0;
    const [again] = await campaign({ table: TABLE, seed: 3, first, shares: new Map([["throwing", 1]]) });
    expect(again?.found).toMatchObject({ case: first, input: found?.found?.input });
  });
});

import { describe, expect, it } from "vitest";
import { execute, ROOT } from "./command.ts";

// `npm run improve`: the project with ten gaps, from its assessment to the last byte that is taken back.

const WHOLE_RUN_MS = 240_000;

describe("npm run improve", () => {
  it(
    "closes ten gaps with real tools, is killed halfway, goes on, reports, and takes all of it back",
    { timeout: WHOLE_RUN_MS },
    async () => {
      const ran = await execute(["npm", "run", "--silent", "improve"], { cwd: ROOT });
      expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
      expect(ran.stdout).toMatch(/0 met, 10 unmet[\s\S]*killed after 5 of 10 changes[\s\S]*10 met, 0 unmet/);
      expect(ran.stdout).toMatch(/\*\*Done:\*\* 100 % by weight, 10 of 10 changes[\s\S]*to the byte\n$/);
    },
  );

  it("names an option that it does not know, and runs nothing", async () => {
    const ran = await execute(["npm", "run", "--silent", "improve", "--", "--kep"], { cwd: ROOT });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/'--kep'[\s\S]*Usage: npm run improve/);
    expect(ran.stdout).toBe("");
  });
});

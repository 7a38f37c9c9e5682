import { describe, expect, it } from "vitest";
import { claimOf, tokenOf, type Claim } from "#events/claims.ts";

const claims: readonly Claim[] = [
  { kind: "pool", name: "gpu", amount: 1 },
  { kind: "key", name: "tenant:7\nof two lines", amount: 1 },
  { kind: "resource", name: "db", amount: 0.25 },
  { kind: "resource", name: "", amount: 1e21 },
];

describe("a claim", () => {
  it("is the same after it was cited as a token", () => {
    expect(tokenOf({ kind: "resource", name: "db", amount: 2 })).toBe("resource:2:db");
    for (const claim of claims) expect(claimOf(tokenOf(claim))).toEqual(claim);
  });

  it.each([
    "lease:1:db",
    "apool:1:gpu",
    "pool:1",
    "pool:gpu",
    "pool::gpu",
    "pool:x:gpu",
    "pool:0:gpu",
    "pool:-1:gpu",
    "pool:1-:gpu",
    "",
  ])("is not read from the token %j of another kind", (token) => {
    expect(claimOf(token)).toBeUndefined();
  });
});

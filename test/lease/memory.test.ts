import { describe } from "vitest";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { leasesContract } from "../contracts/leases.ts";

describe("the leases in memory", () => {
  leasesContract(async () => {
    const book = new LeaseBook();
    return {
      open: async () => memoryLeases(book),
      away: async () => {
        book.isAway = true;
      },
      back: async () => {
        book.isAway = false;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
});

import { describe } from "vitest";
import { MemoryCallNetwork } from "#src/calls/memory.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { callsContract } from "../contracts/calls.ts";

describe("calls in memory", () => {
  callsContract(async () => {
    const network = new MemoryCallNetwork(systemClock);
    return { join: async () => network.join(), [Symbol.asyncDispose]: async () => undefined };
  });
});

import { describe } from "vitest";
import { MemoryBus } from "#src/bus/memory.ts";
import { SILENT } from "#src/ports/log.ts";
import { busContract } from "../contracts/bus.ts";

describe("the bus in memory", () => {
  busContract(async () => {
    const bus = new MemoryBus(SILENT);
    return {
      // One process: all share it.
      open: async () => bus,
      settle: async () => {
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
});

import { describe, expect, it } from "vitest";
import { coordinatorId } from "#events/ids.ts";
import { PARTITIONS } from "#events/streams.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { PartitionKeeper } from "#src/ownership/partition-keeper.ts";
import { SILENT } from "#src/ports/log.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const SHARED_WITHIN_MS = 5_000;

interface Kept {
  readonly keeper: PartitionKeeper;
  readonly given: number[];
}

/** A coordinator's keeper; its partitions are given up when `give` says so. */
function keeperOf(id: string, book: LeaseBook, clock: VirtualClock, give: () => Promise<void>): Kept {
  const given: number[] = [];
  const keeper = new PartitionKeeper({
    ...{ id: coordinatorId.parse(id), leases: memoryLeases(book), clock, log: SILENT },
    epochBase: () => Promise.resolve(1),
    take: () => Promise.resolve(),
    give: async (partition) => {
      await give();
      given.push(partition);
    },
  });
  return { keeper, given };
}

describe("a coordinator that ends", () => {
  it("is not counted any more once it says so: others have what it gives up before any time has passed", async () => {
    const [book, clock] = [new LeaseBook(), new VirtualClock()];
    const leaving = keeperOf("a", book, clock, () => Promise.resolve());
    const staying = keeperOf("b", book, clock, () => Promise.resolve());
    await clock.pass(SHARED_WITHIN_MS);
    expect([leaving.keeper.partitions.length, staying.keeper.partitions.length]).toEqual([128, 128]);
    const before = clock.elapsedMs;
    await leaving.keeper[Symbol.asyncDispose]();
    await clock.pass(0);
    expect(staying.keeper.partitions).toHaveLength(PARTITIONS);
    expect(clock.elapsedMs).toBe(before);
    await staying.keeper[Symbol.asyncDispose]();
  });

  it("keeps a partition until nothing of it is under way, however early it says that it goes", async () => {
    const [book, clock] = [new LeaseBook(), new VirtualClock()];
    const { promise: nothingIsUnderWay, resolve } = Promise.withResolvers<void>();
    const leaving = keeperOf("a", book, clock, () => nothingIsUnderWay);
    const staying = keeperOf("b", book, clock, () => Promise.resolve());
    await clock.pass(SHARED_WITHIN_MS);
    const gone = leaving.keeper[Symbol.asyncDispose]();
    await clock.pass(1_000);
    expect(staying.keeper.partitions).toHaveLength(PARTITIONS / 2);
    resolve();
    await gone;
    await clock.pass(0);
    expect(staying.keeper.partitions).toHaveLength(PARTITIONS);
    await staying.keeper[Symbol.asyncDispose]();
  });
});

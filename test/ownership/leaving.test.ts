import { describe, expect, it } from "vitest";
import { coordinatorId } from "#events/ids.ts";
import { PARTITIONS } from "#events/streams.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import { PartitionKeeper } from "#src/ownership/partition-keeper.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const SHARED_WITHIN_MS = 5_000;

interface Place {
  readonly book: LeaseBook;
  readonly clock: VirtualClock;
}

/** A coordinator's keeper; its partitions are given up when `give` says so. */
function keeperOf(id: string, { book, clock }: Place, give: () => Promise<unknown>): PartitionKeeper {
  return new PartitionKeeper({
    ...{ id: coordinatorId.parse(id), leases: memoryLeases(book), clock, log: SILENT },
    epochBase: () => Promise.resolve(1),
    mirror: new LeaseMirror(),
    limits: UNLIMITED,
    take: () => Promise.resolve(),
    revisit: () => Promise.resolve(),
    give: async () => {
      await give();
    },
  });
}

describe("a coordinator that ends", () => {
  it("is not counted any more once it says so: others have what it gives up before any time has passed", async () => {
    const place = { book: new LeaseBook(), clock: new VirtualClock() };
    const { clock } = place;
    const leaving = keeperOf("a", place, () => Promise.resolve());
    const staying = keeperOf("b", place, () => Promise.resolve());
    await clock.pass(SHARED_WITHIN_MS);
    expect([leaving.partitions.length, staying.partitions.length]).toEqual([128, 128]);
    const before = clock.elapsedMs;
    await leaving[Symbol.asyncDispose]();
    await clock.pass(0);
    expect(staying.partitions).toHaveLength(PARTITIONS);
    expect(clock.elapsedMs).toBe(before);
    await staying[Symbol.asyncDispose]();
  });

  it("keeps a partition until nothing of it is under way, however early it says that it goes", async () => {
    const place = { book: new LeaseBook(), clock: new VirtualClock() };
    const { clock } = place;
    const { promise: nothingIsUnderWay, resolve } = Promise.withResolvers<undefined>();
    const leaving = keeperOf("a", place, () => nothingIsUnderWay);
    const staying = keeperOf("b", place, () => Promise.resolve());
    await clock.pass(SHARED_WITHIN_MS);
    const gone = leaving[Symbol.asyncDispose]();
    await clock.pass(1_000);
    expect(staying.partitions).toHaveLength(PARTITIONS / 2);
    resolve(undefined);
    await gone;
    await clock.pass(0);
    expect(staying.partitions).toHaveLength(PARTITIONS);
    await staying[Symbol.asyncDispose]();
  });
});

import { expect, it } from "vitest";
import { coordinatorId } from "#events/ids.ts";
import { PARTITIONS } from "#events/streams.ts";
import { LeaseBook, memoryLeases } from "#src/lease/memory.ts";
import { LeaseMirror } from "#src/ownership/lease-mirror.ts";
import { EPOCHS, partitionKey } from "#src/ownership/lease-words.ts";
import { PartitionKeeper } from "#src/ownership/partition-keeper.ts";
import { UNLIMITED } from "#src/ports/limits.ts";
import { SILENT } from "#src/ports/log.ts";
import { VirtualClock } from "#src/testing/virtual-clock.ts";

const SHARED_WITHIN_MS = 5_000;

it("epochs count from one number for all, also where somebody else has said it while this one was still asking for it", async () => {
  const clock = new VirtualClock();
  const book = new LeaseBook();
  const keeperOf = (id: string, epochBase: () => Promise<number>): PartitionKeeper =>
    new PartitionKeeper({
      ...{ id: coordinatorId.parse(id), leases: memoryLeases(book), clock, log: SILENT, epochBase },
      mirror: new LeaseMirror(),
      limits: UNLIMITED,
      take: () => Promise.resolve(),
      revisit: () => Promise.resolve(),
      give: () => Promise.resolve(),
    });
  const asking = Promise.withResolvers<number>();
  await using slow = keeperOf("slow", () => asking.promise);
  await clock.pass(100);
  await using fast = keeperOf("fast", () => Promise.resolve(20_000));
  await clock.pass(SHARED_WITHIN_MS);
  expect(book.entries.get(EPOCHS)?.value).toEqual({ base: 20_000 });
  // It began to ask before the other one, so its number is a smaller one.
  asking.resolve(10_000);
  await clock.pass(SHARED_WITHIN_MS);
  expect(book.entries.get(EPOCHS)?.value).toEqual({ base: 20_000 });
  expect([slow.partitions.length, fast.partitions.length]).toEqual([PARTITIONS / 2, PARTITIONS / 2]);
  for (const keeper of [slow, fast]) {
    for (const partition of keeper.partitions) {
      const { revision = 0 } = book.entries.get(partitionKey(partition)) ?? {};
      expect(keeper.epochOf(partition)).toBe(20_000 + revision);
    }
  }
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_BATCH_BYTES, NO_STREAM } from "#events/envelope.ts";
import { MAX_EVENTS_PER_BATCH } from "#events/ids.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "./batches.ts";
import type { EventStoreHarness } from "./subscription.ts";

// The part of the event store's contract about what is too much, or cannot be written at all.

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");

export function limitsContract(open: () => Promise<EventStoreHarness>): void {
  describe("limits", () => {
    let harness: EventStoreHarness;
    let store: EventStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(async () => harness[Symbol.asyncDispose]());

    it("takes the largest number of events and refuses one more", async () => {
      const most = Array.from({ length: MAX_EVENTS_PER_BATCH }, (_, index) => index);
      expect((await store.append(batchOf(A, NO_STREAM, most))).revision).toBe(MAX_EVENTS_PER_BATCH - 1);
      await expect(store.append(batchOf(B, NO_STREAM, [...most, 0]))).rejects.toMatchObject({
        code: "batch-too-large",
      });
      expect(valuesIn(await collect(store.read(A)))).toEqual(most);
    });

    it("takes the largest number of bytes and refuses more, counted in UTF-8", async () => {
      const overhead = JSON.stringify([["Noted", 1, { value: "" }]]).length;
      const largest = MAX_BATCH_BYTES - overhead;
      const { position } = await store.append(batchOf(A, NO_STREAM, ["x".repeat(largest)]));
      for (const text of ["x".repeat(largest + 1), "ü".repeat(largest / 2 + 1)]) {
        await expect(store.append(batchOf(B, NO_STREAM, [text]))).rejects.toMatchObject({ code: "batch-too-large" });
      }
      expect(await store.head()).toBe(position);
    });

    it("takes the largest batch under the longest origin", async () => {
      const bytes = Math.floor(MAX_BATCH_BYTES / MAX_EVENTS_PER_BATCH) - 100;
      const batch = batchOf(
        A,
        NO_STREAM,
        Array.from({ length: MAX_EVENTS_PER_BATCH }, () => "x".repeat(bytes)),
      );
      const actor = `token:${"n".repeat(200)}`;
      const origin = { ...batch.origin, actor, tenant: "t".repeat(200), traceparent: `00-${"1".repeat(52)}` };
      expect((await store.append({ ...batch, origin })).revision).toBe(MAX_EVENTS_PER_BATCH - 1);
    });

    it("refuses what JSON cannot say, and goes on", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const unsaid = { ...batch, events: batch.events.map((event) => ({ ...event, data: { value: 1n } as never })) };
      await expect(store.append(unsaid)).rejects.toBeInstanceOf(TypeError);
      expect((await store.append(batch)).revision).toBe(0);
    });

    it("refuses a batch without events, and one whose origin names another batch", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const other = batchOf(A, NO_STREAM, [1]);
      for (const wrong of [batchOf(A, NO_STREAM, []), { ...batch, origin: other.origin }]) {
        await expect(store.append(wrong)).rejects.toMatchObject({ code: "batch-malformed" });
      }
    });
  });
}

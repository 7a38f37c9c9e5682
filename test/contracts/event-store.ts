import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_BATCH_BYTES, NO_STREAM, type Batch, type RecordedEvent } from "#events/envelope.ts";
import { MAX_EVENTS_PER_BATCH, eventIdOf } from "#events/ids.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "./batches.ts";

// What every implementation of the event store port keeps: S1 to S4 of src/ports/event-store.ts.

export interface EventStoreHarness extends AsyncDisposable {
  readonly store: EventStore;
  /** Closes the store and opens its contents again. */
  reopen(): Promise<EventStore>;
}

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
const OTHER = streamNamed("resource-printer");

export function eventStoreContract(open: () => Promise<EventStoreHarness>): void {
  let harness: EventStoreHarness;
  let store: EventStore;
  beforeEach(async () => {
    harness = await open();
    store = harness.store;
  });
  afterEach(async () => harness[Symbol.asyncDispose]());

  describe("appending", () => {
    it("creates a stream with NO_STREAM and answers the last revision and position", async () => {
      expect(await store.append(batchOf(A, NO_STREAM, [1, 2, 3]))).toEqual({ revision: 2, position: 2 });
      expect(await store.append(batchOf(B, NO_STREAM, [4]))).toEqual({ revision: 0, position: 3 });
      expect(await store.append(batchOf(A, 2, [5]))).toEqual({ revision: 3, position: 4 });
    });

    it("starts from an empty log", async () => {
      expect(await store.head()).toBe(-1);
      expect(await store.revision(A)).toBe(-1);
      expect(await collect(store.read(A))).toEqual([]);
      expect(await collect(store.readAll())).toEqual([]);
      expect(await collect(store.readAll({ direction: "backwards" }))).toEqual([]);
    });

    it("gives back exactly what was written", async () => {
      const batch = batchOf(A, NO_STREAM, ["ünï\u0000\n\ud800 ⚑", { deep: [1.5, null, { "": true }] }]);
      const origin = {
        ...batch.origin,
        occurredAt: 1_800_000_000_000.25,
        tenant: "acme",
        causation: "fact-1",
        command: "command-1",
        traceparent: "00-1-2-01",
      };
      await store.append({ ...batch, origin });
      const events = await collect(store.read(A));
      expect(events).toEqual(
        batch.events.map((event, index) => ({
          ...event,
          id: eventIdOf(batch.id, index),
          stream: A,
          revision: index,
          position: index,
          origin,
        })),
      );
    });

    it("keeps an origin whose correlation is the plan's id", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const origin = { ...batch.origin, correlation: A.slice("plan-0a-".length) };
      await store.append({ ...batch, origin });
      const [event] = await collect(store.read(A));
      expect(event?.origin).toEqual(origin);
    });

    it("is not changed by what the caller does to the batch afterwards", async () => {
      const list = [1];
      const appended = store.append(batchOf(A, NO_STREAM, [list]));
      list.push(2);
      await appended;
      expect(valuesIn(await collect(store.read(A)))).toEqual([[1]]);
    });

    it("refuses a writer that is behind, ahead, or expects no stream", async () => {
      await store.append(batchOf(A, NO_STREAM, [1, 2]));
      for (const expectedRevision of [NO_STREAM, 0, 2, 7]) {
        await expect(store.append(batchOf(A, expectedRevision, [3]))).rejects.toMatchObject({
          code: "stream-conflict",
          details: { stream: A, expectedRevision, actualRevision: 1 },
        });
      }
      await expect(store.append(batchOf(B, 0, [3]))).rejects.toMatchObject({ code: "stream-conflict" });
      expect(await store.head()).toBe(1);
    });

    it("lets one of many writers win each revision", async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, writer) => store.append(batchOf(A, NO_STREAM, [writer, writer]))),
      );
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await store.revision(A)).toBe(1);
    });

    it("fails nobody else in the same turn for one writer's conflict", async () => {
      const streams = Array.from({ length: 30 }, (_, index) => streamNamed(`plan-00-${index}`));
      const answers = await Promise.allSettled(
        streams.map((stream, index) => store.append(batchOf(stream, index % 3 === 0 ? 9 : NO_STREAM, [index]))),
      );
      expect(answers.map(({ status }) => status)).toEqual(
        streams.map((_, index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
      );
      const positions = (await collect(store.readAll())).map(({ position }) => position);
      expect(positions).toEqual(positions.map((_, index) => index));
    });

    it("accepts appends to one stream that follow each other in one turn", async () => {
      const answers = await Promise.all([0, 1, 2, 3].map((step) => store.append(batchOf(A, step - 1, [step]))));
      expect(answers.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    });
  });

  describe("an append sent again", () => {
    it("is answered with the first answer", async () => {
      const batch = batchOf(A, NO_STREAM, [1, 2]);
      const first = await store.append(batch);
      expect(await store.append(batch)).toEqual(first);
      expect(await store.head()).toBe(1);
    });

    it("is answered so after later appends and after the store was opened again", async () => {
      const batch = batchOf(A, NO_STREAM, [1, 2]);
      const first = await store.append(batch);
      await store.append(batchOf(B, NO_STREAM, [3]));
      await store.append(batchOf(A, 1, [4, 5]));
      expect(await store.append(batch)).toEqual(first);
      store = await harness.reopen();
      expect(await store.append(batch)).toEqual(first);
      expect(await store.head()).toBe(4);
    });

    it("is answered so when both are sent in one turn", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const [first, second] = await Promise.all([store.append(batch), store.append(batch)]);
      expect(second).toEqual(first);
      expect(await store.head()).toBe(0);
    });

    it.each<[string, (batch: Batch) => Batch]>([
      ["data", (batch) => ({ ...batch, events: batch.events.map((event) => ({ ...event, data: { value: "x" } })) })],
      ["type", (batch) => ({ ...batch, events: batch.events.map((event) => ({ ...event, type: "Other" })) })],
      ["count", (batch) => ({ ...batch, events: batch.events.slice(0, 1) })],
      ["actor", (batch) => ({ ...batch, origin: { ...batch.origin, actor: "os:mallory" } })],
      ["time", (batch) => ({ ...batch, origin: { ...batch.origin, occurredAt: 1 } })],
    ])("with another %s is a fault", async (_, change) => {
      const batch = batchOf(A, NO_STREAM, [1, 2]);
      await store.append(batch);
      await store.append(batchOf(A, 1, [3]));
      await expect(store.append(change(batch))).rejects.toMatchObject({ code: "batch-mismatch", retryable: false });
      expect(await store.head()).toBe(2);
    });

    it("does not take another batch at its revision for itself", async () => {
      await store.append(batchOf(A, NO_STREAM, [1]));
      await expect(store.append(batchOf(A, NO_STREAM, [1]))).rejects.toMatchObject({ code: "stream-conflict" });
    });

    it("at a revision in the middle of another append is a conflict", async () => {
      await store.append(batchOf(A, NO_STREAM, [1, 2, 3]));
      await expect(store.append(batchOf(A, 0, [2, 3]))).rejects.toMatchObject({ code: "stream-conflict" });
    });
  });

  describe("limits", () => {
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
      await store.append(batchOf(A, NO_STREAM, ["x".repeat(largest)]));
      for (const text of ["x".repeat(largest + 1), "ü".repeat(largest / 2 + 1)]) {
        await expect(store.append(batchOf(B, NO_STREAM, [text]))).rejects.toMatchObject({ code: "batch-too-large" });
      }
      expect(await store.head()).toBe(0);
    });

    it("refuses a batch without events, and one whose origin names another batch", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const other = batchOf(A, NO_STREAM, [1]);
      for (const wrong of [batchOf(A, NO_STREAM, []), { ...batch, origin: other.origin }]) {
        await expect(store.append(wrong)).rejects.toMatchObject({ code: "batch-malformed" });
      }
    });
  });

  describe("reading", () => {
    const values = Array.from({ length: 23 }, (_, index) => index);
    beforeEach(async () => {
      await store.append(batchOf(B, NO_STREAM, ["b"]));
      for (const size of [3, 1, 7, 2, 10]) {
        const revision = await store.revision(A);
        await store.append(batchOf(A, revision, values.slice(revision + 1, revision + 1 + size)));
      }
      await store.append(batchOf(B, 0, ["b"]));
    });

    it("begins and ends anywhere in a stream, in both directions", async () => {
      for (let from = 0; from <= values.length + 1; from++) {
        for (const limit of [0, 1, 4, 100]) {
          const forwards = await collect(store.read(A, { from, limit }));
          expect(valuesIn(forwards)).toEqual(values.slice(from, from + limit));
          const backwards = await collect(store.read(A, { from, limit, direction: "backwards" }));
          expect(valuesIn(backwards)).toEqual(
            values
              .slice(0, from + 1)
              .reverse()
              .slice(0, limit),
          );
        }
      }
    });

    it("begins at either end of a stream by default", async () => {
      expect(valuesIn(await collect(store.read(A)))).toEqual(values);
      expect(valuesIn(await collect(store.read(A, { direction: "backwards" })))).toEqual([...values].reverse());
    });

    it("begins and ends anywhere in the log, in both directions", async () => {
      const all = ["b", ...values, "b"];
      expect(valuesIn(await collect(store.readAll()))).toEqual(all);
      for (let from = 0; from <= all.length; from++) {
        for (const limit of [1, 5, 100]) {
          const forwards = await collect(store.readAll({ from, limit }));
          expect(valuesIn(forwards)).toEqual(all.slice(from, from + limit));
          expect(forwards.map(({ position }) => position)).toEqual(forwards.map((_, index) => from + index));
          const backwards = await collect(store.readAll({ from, limit, direction: "backwards" }));
          expect(valuesIn(backwards)).toEqual(
            all
              .slice(0, from + 1)
              .reverse()
              .slice(0, limit),
          );
        }
      }
    });

    it("spans many pages without gap", async () => {
      for (let round = 0; round < 10; round++) {
        const revision = await store.revision(A);
        await store.append(
          batchOf(
            A,
            revision,
            Array.from({ length: 200 }, () => "filler"),
          ),
        );
      }
      const forwards = await collect(store.read(A));
      expect(forwards.map(({ revision }) => revision)).toEqual(forwards.map((_, index) => index));
      expect(forwards).toHaveLength(values.length + 2000);
      const all = await collect(store.readAll());
      expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index));
      const backwards = await collect(store.readAll({ direction: "backwards" }));
      expect(backwards).toEqual([...all].reverse());
    });

    it("gives the same after the store was opened again", async () => {
      const before = await collect(store.readAll());
      store = await harness.reopen();
      expect(await collect(store.readAll())).toEqual(before);
      expect(await store.revision(A)).toBe(values.length - 1);
      expect(await store.head()).toBe(before.length - 1);
      await store.append(batchOf(A, values.length - 1, ["more"]));
      expect(await store.head()).toBe(before.length);
    });
  });

  describe("subscribing", () => {
    it("delivers what is there, then what is appended", async () => {
      await store.append(batchOf(A, NO_STREAM, [1, 2]));
      const seen = take(store, { after: -1 }, 4);
      await store.append(batchOf(B, NO_STREAM, [3]));
      await store.append(batchOf(A, 1, [4]));
      expect(valuesIn(await seen)).toEqual([1, 2, 3, 4]);
    });

    it("begins behind any position, also inside an append", async () => {
      await store.append(batchOf(A, NO_STREAM, [0, 1, 2, 3]));
      for (const after of [-1, 0, 1, 2]) {
        expect(valuesIn(await take(store, { after }, 3 - after))).toEqual([0, 1, 2, 3].slice(after + 1));
      }
    });

    it("behind the end waits for what comes", async () => {
      await store.append(batchOf(A, NO_STREAM, [0]));
      const seen = take(store, { after: 1 }, 1);
      await store.append(batchOf(A, 0, [1]));
      await store.append(batchOf(A, 1, [2]));
      expect(valuesIn(await seen)).toEqual([2]);
    });

    it("delivers only streams with the prefix", async () => {
      await store.append(batchOf(OTHER, NO_STREAM, ["other"]));
      await store.append(batchOf(A, NO_STREAM, [1]));
      const seen = take(store, { after: -1, streamPrefix: "plan-0" }, 3);
      await store.append(batchOf(OTHER, 0, ["other"]));
      await store.append(batchOf(B, NO_STREAM, [2, 3]));
      expect(valuesIn(await seen)).toEqual([1, 2, 3]);
    });

    it("finds a stream with the prefix behind a long stretch of others", async () => {
      const filler = Array.from({ length: 250 }, () => "other");
      for (let round = 0; round < 20; round++) await store.append(batchOf(OTHER, round * 250 - 1, filler));
      await store.append(batchOf(A, NO_STREAM, [1]));
      expect(valuesIn(await take(store, { after: -1, streamPrefix: A }, 1))).toEqual([1]);
    });

    it("ends when the signal is aborted, waiting or not", async () => {
      await store.append(batchOf(A, NO_STREAM, [1, 2, 3]));
      const controller = new AbortController();
      const seen: RecordedEvent[] = [];
      for await (const event of store.subscribe({ after: -1, signal: controller.signal })) {
        seen.push(event);
        if (seen.length === 2) controller.abort();
      }
      expect(valuesIn(seen)).toEqual([1, 2]);
      const waiting = new AbortController();
      const nothing = collect(store.subscribe({ after: 2, signal: waiting.signal }));
      await store.head();
      waiting.abort();
      expect(await nothing).toEqual([]);
      expect(await collect(store.subscribe({ after: -1, signal: AbortSignal.abort() }))).toEqual([]);
    });

    it("ends when the store is closed", async () => {
      const seen = collect(store.subscribe({ after: -1, signal: new AbortController().signal }));
      await store.append(batchOf(A, NO_STREAM, [1]));
      await harness.reopen();
      expect(valuesIn(await seen).length).toBeLessThanOrEqual(1);
    });

    it("has neither gap nor duplicate, whatever the interleaving", async () => {
      const run = fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
        pauses: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        after: fc.integer({ min: -1, max: 20 }),
        prefix: fc.constantFrom("", A, "plan-0"),
      });
      await fc.assert(
        fc.asyncProperty(run, async ({ sizes, pauses, after, prefix }) => {
          await using fresh = await open();
          const controller = new AbortController();
          const seen: RecordedEvent[] = [];
          const reading = (async () => {
            const options = { after, streamPrefix: prefix, signal: controller.signal };
            for await (const event of fresh.store.subscribe(options)) seen.push(event);
          })();
          await appendAll(fresh.store, sizes, pauses);
          const all = await collect(fresh.store.readAll());
          const wanted = all.filter(({ position, stream }) => position > after && stream.startsWith(prefix));
          for (let turn = 0; turn < 1000 && seen.length < wanted.length; turn++)
            await fresh.store.append(repeatOf(all));
          controller.abort();
          await reading;
          expect(seen).toEqual(wanted);
        }),
        { numRuns: 30 },
      );
    });
  });
}

async function take(
  store: EventStore,
  options: { after: number; streamPrefix?: string },
  count: number,
): Promise<RecordedEvent[]> {
  const controller = new AbortController();
  const taken: RecordedEvent[] = [];
  for await (const event of store.subscribe({ ...options, signal: controller.signal })) {
    taken.push(event);
    if (taken.length === count) controller.abort();
  }
  return taken;
}

/** Appends to three streams in turn, waiting for the answer or not. */
async function appendAll(store: EventStore, sizes: readonly number[], pauses: readonly boolean[]): Promise<void> {
  const revisions = new Map([A, B, OTHER].map((stream) => [stream, NO_STREAM]));
  const answers: Promise<unknown>[] = [];
  for (const [index, size] of sizes.entries()) {
    const stream = [A, B, OTHER][index % 3] ?? A;
    const revision = revisions.get(stream) ?? NO_STREAM;
    revisions.set(stream, revision + size);
    const answer = store.append(
      batchOf(
        stream,
        revision,
        Array.from({ length: size }, () => index),
      ),
    );
    answers.push(answer);
    if (pauses[index] === true) await answer;
  }
  await Promise.all(answers);
}

/** The log's first append once more: it changes nothing, and its answer costs a turn of the event loop. */
function repeatOf(all: readonly RecordedEvent[]): Batch {
  const first = all[0]!;
  const events = all.filter(({ origin }) => origin.batch === first.origin.batch);
  return {
    id: first.origin.batch,
    stream: first.stream,
    expectedRevision: NO_STREAM,
    origin: first.origin,
    events: events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data })),
  };
}

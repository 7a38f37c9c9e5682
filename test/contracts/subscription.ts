import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_STREAM, type Batch, type RecordedEvent } from "#events/envelope.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "./batches.ts";

// The part of the event store's contract about subscriptions: S3 and S4 of src/ports/event-store.ts.

export interface EventStoreHarness extends AsyncDisposable {
  readonly store: EventStore;
  /** Closes the store and opens its contents again. */
  reopen(): Promise<EventStore>;
}

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
const BEFORE = streamNamed("plan-0c-before");
const OTHER = streamNamed("resource-printer");

export function subscriptionContract(open: () => Promise<EventStoreHarness>): void {
  describe("subscribing", () => {
    let harness: EventStoreHarness;
    let store: EventStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(async () => harness[Symbol.asyncDispose]());

    it("delivers what is there, then what is appended", async () => {
      await store.append(batchOf(A, NO_STREAM, [1, 2]));
      const seen = take(store, { after: -1 }, 4);
      await store.append(batchOf(B, NO_STREAM, [3]));
      await store.append(batchOf(A, 1, [4]));
      expect(valuesIn(await seen)).toEqual([1, 2, 3, 4]);
    });

    it("begins behind any position, also inside an append", async () => {
      await store.append(batchOf(A, NO_STREAM, [0, 1, 2, 3]));
      const positions = (await collect(store.readAll())).map(({ position }) => position);
      for (const [place, after] of [-1, ...positions.slice(0, -1)].entries()) {
        expect(valuesIn(await take(store, { after }, 4 - place))).toEqual([0, 1, 2, 3].slice(place));
      }
    });

    it("at the end waits for what comes", async () => {
      const { position } = await store.append(batchOf(A, NO_STREAM, [0]));
      const seen = take(store, { after: position }, 2);
      await store.append(batchOf(A, 0, [1]));
      await store.append(batchOf(A, 1, [2]));
      expect(valuesIn(await seen)).toEqual([1, 2]);
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
      const nothing = collect(store.subscribe({ after: await store.head(), signal: waiting.signal }));
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
        /** Of so many events before, behind so many. */
        before: fc.integer({ min: 0, max: 20 }),
        behind: fc.integer({ min: 0, max: 20 }),
        prefix: fc.constantFrom("", A, "plan-0"),
      });
      await fc.assert(
        fc.asyncProperty(run, async ({ sizes, pauses, before, behind, prefix }) => {
          await using fresh = await open();
          const positions = await appendBefore(fresh.store, before);
          const after = positions[Math.min(behind, before) - 1] ?? -1;
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

/** Events that are there before anybody subscribes, in a stream of their own; their positions. */
async function appendBefore(store: EventStore, count: number): Promise<readonly number[]> {
  if (count === 0) return [];
  const values = Array.from({ length: count }, () => "before");
  await store.append(batchOf(BEFORE, NO_STREAM, values));
  return (await collect(store.read(BEFORE))).map(({ position }) => position);
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

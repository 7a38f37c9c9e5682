import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_STREAM, type Batch } from "#events/envelope.ts";
import { eventIdOf } from "#events/ids.ts";
import type { EventStore } from "#src/ports/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "./batches.ts";
import { limitsContract } from "./limits.ts";
import { subscriptionContract, type EventStoreHarness } from "./subscription.ts";

// What every implementation of the event store port keeps: S1 to S4 of src/ports/event-store.ts.

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");

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
      const answers = [
        await store.append(batchOf(A, NO_STREAM, [1, 2, 3])),
        await store.append(batchOf(B, NO_STREAM, [4])),
        await store.append(batchOf(A, 2, [5])),
      ];
      expect(answers.map(({ revision }) => revision)).toEqual([2, 0, 3]);
      const positions = (await collect(store.readAll())).map(({ position }) => position);
      expect(answers.map(({ position }) => position)).toEqual([positions[2], positions[3], positions[4]]);
      expect(positions).toEqual(positions.toSorted((one, other) => one - other));
      expect(await store.head()).toBe(positions.at(-1));
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
          position: events[index]?.position,
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
      const { position } = await store.append(batchOf(A, NO_STREAM, [1, 2]));
      for (const expectedRevision of [NO_STREAM, 0, 2, 7]) {
        await expect(store.append(batchOf(A, expectedRevision, [3]))).rejects.toMatchObject({
          code: "stream-conflict",
          details: { stream: A, expectedRevision, actualRevision: 1 },
        });
      }
      await expect(store.append(batchOf(B, 0, [3]))).rejects.toMatchObject({ code: "stream-conflict" });
      expect(await store.head()).toBe(position);
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
      expect(await collect(store.readAll())).toHaveLength(20);
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
      expect(await store.head()).toBe(first.position);
    });

    it("is answered so after later appends and after the store was opened again", async () => {
      const batch = batchOf(A, NO_STREAM, [1, 2]);
      const first = await store.append(batch);
      await store.append(batchOf(B, NO_STREAM, [3]));
      const last = await store.append(batchOf(A, 1, [4, 5]));
      expect(await store.append(batch)).toEqual(first);
      store = await harness.reopen();
      expect(await store.append(batch)).toEqual(first);
      expect(await store.head()).toBe(last.position);
    });

    it("is answered so when both are sent in one turn", async () => {
      const batch = batchOf(A, NO_STREAM, [1]);
      const [first, second] = await Promise.all([store.append(batch), store.append(batch)]);
      expect(second).toEqual(first);
      expect(await store.head()).toBe(first.position);
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
      const last = await store.append(batchOf(A, 1, [3]));
      await expect(store.append(change(batch))).rejects.toMatchObject({ code: "batch-mismatch", retryable: false });
      expect(await store.head()).toBe(last.position);
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
      const events = await collect(store.readAll());
      expect(valuesIn(events)).toEqual(all);
      for (const [place, { position: from }] of events.entries()) {
        for (const limit of [1, 5, 100]) {
          const forwards = await collect(store.readAll({ from, limit }));
          expect(valuesIn(forwards)).toEqual(all.slice(place, place + limit));
          expect(forwards).toEqual(events.slice(place, place + limit));
          const backwards = await collect(store.readAll({ from, limit, direction: "backwards" }));
          expect(valuesIn(backwards)).toEqual(
            all
              .slice(0, place + 1)
              .reverse()
              .slice(0, limit),
          );
        }
      }
    });

    it("goes on behind any event of the log", async () => {
      const events = await collect(store.readAll());
      for (const [place, { position }] of [{ position: -1 }, ...events].entries()) {
        for (const limit of [1, 5, 100]) {
          const behind = await collect(store.readAll({ after: position, limit }));
          expect(behind).toEqual(events.slice(place, place + limit));
        }
      }
    });

    it("finds the events of some types alone, wherever they are and whatever others carry", async () => {
      const stream = streamNamed("mixed");
      const numbers = Array.from({ length: 1_300 }, (_, index) => index);
      const isWanted = (index: number): boolean => index % 97 === 0;
      const append = (index: number) => {
        // Data that looks like a type must not be taken for one.
        const batch = batchOf(stream, index - 1, [isWanted(index) ? index : ["PlanOther", 1]]);
        const events = batch.events.map((event) => (isWanted(index) ? { ...event, type: "PlanNoted" } : event));
        return store.append({ ...batch, events });
      };
      const answers = await Promise.all(numbers.map(append));
      const wanted = numbers.filter(isWanted);
      const found = await collect(store.readAll({ typePrefix: "Plan" }));
      expect(valuesIn(found)).toEqual(wanted);
      const some = await collect(store.readAll({ typePrefix: "Plan", from: answers[100]?.position ?? 0, limit: 3 }));
      expect(valuesIn(some)).toEqual(wanted.filter((value) => value >= 100).slice(0, 3));
      const behind = await collect(store.readAll({ typePrefix: "Plan", after: answers[97]?.position ?? 0, limit: 3 }));
      expect(valuesIn(behind)).toEqual(wanted.filter((value) => value > 97).slice(0, 3));
      expect(await collect(store.readAll({ typePrefix: "Step" }))).toEqual([]);
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
      expect(all).toHaveLength(values.length + 2002);
      const backwards = await collect(store.readAll({ direction: "backwards" }));
      expect(backwards).toEqual([...all].reverse());
    });

    it("gives the same after the store was opened again", async () => {
      const before = await collect(store.readAll());
      store = await harness.reopen();
      expect(await collect(store.readAll())).toEqual(before);
      expect(await store.revision(A)).toBe(values.length - 1);
      expect(await store.head()).toBe(before.at(-1)?.position);
      const { position } = await store.append(batchOf(A, values.length - 1, ["more"]));
      expect(await store.head()).toBe(position);
    });
  });

  limitsContract(open);
  subscriptionContract(open);
}

/** What the stores keep beside that which count their own positions. */
export function denseLogContract(open: () => Promise<EventStoreHarness>): void {
  it("counts the events of the whole log from 0, refused ones left out", async () => {
    await using harness = await open();
    const { store } = harness;
    const streams = Array.from({ length: 30 }, (_, index) => streamNamed(`plan-00-${index}`));
    await Promise.allSettled(
      streams.map((stream, index) => store.append(batchOf(stream, index % 3 === 0 ? 9 : NO_STREAM, [index, index]))),
    );
    const positions = (await collect(store.readAll())).map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(await store.head()).toBe(39);
  });
}

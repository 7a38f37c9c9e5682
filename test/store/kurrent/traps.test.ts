// What is known to lose data, hang or crash with this server and its client, where the contract does not say so already. Against the
// stand-in, and against the server that PLANWRIGHT_KURRENTDB_URL names.
import { randomUUID } from "node:crypto";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KurrentDBClient, jsonEvent } from "@kurrent/kurrentdb-client";
import { NO_STREAM, type RecordedEvent } from "#events/envelope.ts";
import { SILENT } from "#src/ports/log.ts";
import { systemClock } from "#src/ports/system/clock.ts";
import { storeAddress } from "#src/store/kurrent/address.ts";
import { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { KurrentEventStore } from "#src/store/kurrent/event-store.ts";
import { batchOf, collect, streamNamed, valuesIn } from "../../contracts/batches.ts";
import { requireServer } from "../../require.ts";
import { StandIn } from "./stand-in.ts";

const A = streamNamed("plan-0a-first");
const B = streamNamed("plan-0b-second");
const realUrl = process.env["PLANWRIGHT_KURRENTDB_URL"];

interface Opened extends AsyncDisposable {
  readonly store: KurrentEventStore;
  readonly namespace: string;
}

function opened(url: string): Opened {
  const connection = new KurrentConnection({ address: storeAddress(url, {}), clock: systemClock });
  const namespace = `${randomUUID()}_`;
  const store = new KurrentEventStore({ connection, namespace, clock: systemClock, log: SILENT });
  return {
    store,
    namespace,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

async function subscribed(store: KurrentEventStore, after: number, count: number): Promise<RecordedEvent[]> {
  const controller = new AbortController();
  const seen: RecordedEvent[] = [];
  for await (const event of store.subscribe({ after, signal: controller.signal })) {
    if (seen.push(event) === count) controller.abort();
  }
  return seen;
}

function positionsHold(urlOf: () => string): void {
  it("a subscription behind a position that no event has is refused by name, and not tried for ever", async () => {
    await using place = opened(urlOf());
    const { store } = place;
    const { position } = await store.append(batchOf(A, NO_STREAM, [1]));
    await store.append(batchOf(A, 0, [2]));
    await expect(subscribed(store, position + 1, 1)).rejects.toMatchObject({ code: "bad-position", retryable: false });
    expect(valuesIn(await subscribed(store, position, 1))).toEqual([2]);
  });

  it("events of other programs and of other namespaces are not ours, whatever their number", async () => {
    await using place = opened(urlOf());
    await using other = opened(urlOf());
    const { store, namespace } = place;
    const client = KurrentDBClient.connectionString(storeAddress(urlOf(), {}).url);
    try {
      await store.append(batchOf(A, NO_STREAM, [1]));
      const foreign = Array.from({ length: 90 }, () => jsonEvent({ type: "PlanOther", data: { foreign: true } }));
      await client.appendToStream(`${namespace}somebody`, foreign, { streamState: "no_stream" });
      await other.store.append(batchOf(A, NO_STREAM, ["other"]));
      const head = await store.head();
      const { position } = await store.append(batchOf(A, 0, [2]));
      expect(valuesIn(await collect(store.readAll()))).toEqual([1, 2]);
      expect(valuesIn(await collect(store.readAll({ after: head, limit: 1 })))).toEqual([2]);
      expect(valuesIn(await subscribed(store, -1, 2))).toEqual([1, 2]);
      await client.appendToStream(`${namespace}more`, foreign, { streamState: "no_stream" });
      expect(await store.head()).toBe(position);
    } finally {
      await client.dispose();
    }
  });

  it("a stream of ours that another program wrote to is refused", async () => {
    await using place = opened(urlOf());
    const { store, namespace } = place;
    const client = KurrentDBClient.connectionString(storeAddress(urlOf(), {}).url);
    try {
      await store.append(batchOf(A, NO_STREAM, [1]));
      await client.appendToStream(`${namespace}${A}`, jsonEvent({ type: "PlanOther", data: {} }), { streamState: 0n });
      await expect(collect(store.read(A))).rejects.toMatchObject({ code: "store-damaged", retryable: false });
    } finally {
      await client.dispose();
    }
  });
}

describe("the traps of EventStoreDB, against a stand-in", () => {
  const standIn = new StandIn();
  beforeAll(async () => {
    await standIn.listen();
  });
  afterAll(() => standIn[Symbol.asyncDispose]());
  positionsHold(() => standIn.url);

  it("a subscription that the server drops for being slow goes on behind its last event", async () => {
    await using place = opened(standIn.url);
    await place.store.append(batchOf(A, NO_STREAM, [1, 2, 3]));
    await place.store.append(batchOf(B, NO_STREAM, [4]));
    standIn.trouble = "drops-slow-readers";
    try {
      expect(valuesIn(await subscribed(place.store, -1, 4))).toEqual([1, 2, 3, 4]);
    } finally {
      standIn.trouble = undefined;
    }
  });

  it("a subscription to a server that takes it and says nothing is begun again", async () => {
    const connection = new KurrentConnection({
      address: storeAddress(standIn.url, {}),
      clock: systemClock,
      answerWithinMs: 1_500,
    });
    const broke = Promise.withResolvers<true>();
    const log = { ...SILENT, warn: () => broke.resolve(true) };
    const store = new KurrentEventStore({ connection, namespace: `${randomUUID()}_`, clock: systemClock, log });
    await store.append(batchOf(A, NO_STREAM, [1]));
    standIn.trouble = "frozen";
    const seen = subscribed(store, -1, 1);
    await broke.promise;
    standIn.trouble = undefined;
    expect(valuesIn(await seen)).toEqual([1]);
    await store[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
  });
});

requireServer("kurrent", realUrl !== undefined)("the traps of EventStoreDB, against a server", () => {
  positionsHold(() => realUrl ?? "");

  it("a stream that was truncated is refused, and so is one that was deleted and begun again", async () => {
    await using place = opened(realUrl ?? "");
    const { store, namespace } = place;
    const client = KurrentDBClient.connectionString(storeAddress(realUrl ?? "", {}).url);
    const damaged = { code: "store-damaged", retryable: false };
    try {
      await store.append(batchOf(A, NO_STREAM, [1, 2, 3]));
      await client.setStreamMetadata(`${namespace}${A}`, { maxCount: 1 });
      await expect(collect(store.read(A))).rejects.toMatchObject(damaged);
      await store.append(batchOf(B, NO_STREAM, [1, 2]));
      await client.deleteStream(`${namespace}${B}`, { expectedRevision: 1n });
      await client.appendToStream(`${namespace}${B}`, jsonEvent({ type: "PlanOther", data: {} }));
      await expect(collect(store.read(B))).rejects.toMatchObject(damaged);
    } finally {
      await client.dispose();
    }
  });

  it("a stream that was removed for good is refused, for reading and appending", async () => {
    await using place = opened(realUrl ?? "");
    const { store, namespace } = place;
    const client = KurrentDBClient.connectionString(storeAddress(realUrl ?? "", {}).url);
    const damaged = { code: "store-damaged", retryable: false };
    try {
      await store.append(batchOf(A, NO_STREAM, [1]));
      await client.tombstoneStream(`${namespace}${A}`, { expectedRevision: 0n });
      await expect(collect(store.read(A))).rejects.toMatchObject(damaged);
      await expect(store.append(batchOf(A, 0, [2]))).rejects.toMatchObject(damaged);
    } finally {
      await client.dispose();
    }
  });
});

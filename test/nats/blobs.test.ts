import { hash } from "node:crypto";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { describe, expect, it, vi } from "vitest";
import type { BlobRef } from "#events/payload.ts";
import { sweepBlobs } from "#src/blobs/sweep.ts";
import { openNatsBlobs } from "#src/nats/blobs.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { blobStoreContract } from "../contracts/blob-store.ts";
import { requireServer } from "../require.ts";
import { natsForTests } from "./connections.ts";
import { hasNats, NatsServer } from "./server.ts";

const LONG_AGO = Date.UTC(2020, 0);
const NOTHING_CITED = { readAll: () => nothing(), head: async () => -1 };

requireServer("nats", hasNats)("the blobs on NATS", () => {
  const nats = natsForTests("b");

  blobStoreContract(async () => {
    const connection = await nats.connect();
    return {
      blobs: await openNatsBlobs(connection),
      reopen: async () => openNatsBlobs(await nats.connect(connection.namespace)),
      damage: (ref) => damage(connection, ref),
      age: (ref, writtenAt) => rewrite(connection, ref, { metadata: { "put-at": new Date(writtenAt).toISOString() } }),
      now: Date.now,
      [Symbol.asyncDispose]: async () => {},
    };
  });

  it("are read by any client of object stores", async () => {
    const connection = await nats.connect();
    const blobs = await openNatsBlobs(connection);
    const bytes = large(600_000);
    const ref = await blobs.put(bytes);
    const store = await new Objm(connection.client).open(bucketOf(connection));
    expect(hash("sha256", (await store.getBlob(ref))!)).toBe(ref);
    expect((await store.list()).map(({ name, size }) => [name, size])).toEqual([[ref, 600_000]]);
  });

  it("of more than one message come back as they were", async () => {
    const blobs = await openNatsBlobs(await nats.connect());
    const bytes = large(24 * 1024 * 1024 + 17);
    expect(Buffer.compare(await blobs.get(await blobs.put(bytes)), bytes)).toBe(0);
  });

  it("that two processes put at once are there once, with nothing left beside", async () => {
    const connection = await nats.connect();
    const stores = await Promise.all(
      Array.from({ length: 4 }, async () => openNatsBlobs(await nats.connect(connection.namespace))),
    );
    const bytes = large(300_000);
    await Promise.all(stores.map((blobs) => blobs.put(bytes)));
    expect(await chunkSubjects(connection)).toHaveLength(1);
    expect(await stores[0]!.get(stores[0]!.refOf(bytes))).toHaveLength(bytes.length);
  });

  it("are listed to the end, each of them, while others put them again and again", async () => {
    const connection = await nats.connect();
    const blobs = await openNatsBlobs(connection);
    const contents = Array.from({ length: 40 }, (_, index) => Buffer.from(`blob ${index}`));
    const refs = await Promise.all(contents.map((bytes) => blobs.put(bytes)));
    const putters = await Promise.all(
      [0, 1, 2].map(async () => openNatsBlobs(await nats.connect(connection.namespace))),
    );
    const stop = new AbortController();
    const putting = putters.map(async (putter, which) => {
      for (let round = which; !stop.signal.aborted; round += 7) {
        const bytes = contents[round % contents.length]!;
        await age(connection, blobs.refOf(bytes));
        await putter.put(bytes);
      }
    });
    for (let round = 0; round < 30; round++) {
      const listed = new Set((await Array.fromAsync(blobs.list())).map(({ ref }) => ref));
      expect(refs.filter((ref) => !listed.has(ref))).toEqual([]);
    }
    stop.abort();
    await Promise.all(putting);
  }, 60_000);

  describe("a sweep", () => {
    it("of one process takes no blob that another has just put, also over bytes that were old garbage", async () => {
      const connection = await nats.connect();
      const [mine, yours] = [
        await openNatsBlobs(connection),
        await openNatsBlobs(await nats.connect(connection.namespace)),
      ];
      const garbage = await yours.put(Buffer.from("old garbage"));
      const renewed = await yours.put(Buffer.from("garbage that becomes an output"));
      for (const ref of [garbage, renewed]) await age(connection, ref);
      await (await openNatsBlobs(connection)).put(Buffer.from("garbage that becomes an output"));
      const fresh = await yours.put(Buffer.from("its fact is on its way"));
      const usage = await sweepBlobs({ events: NOTHING_CITED, blobs: mine });
      expect(usage).toMatchObject({ garbage: { blobs: 1 }, young: { blobs: 2 } });
      expect(await Promise.all([garbage, renewed, fresh].map((ref) => mine.has(ref)))).toEqual([false, true, true]);
    });

    it("and puts of other processes at the same time leave every blob that a put has returned", async () => {
      const connection = await nats.connect();
      const [mine, yours] = [
        await openNatsBlobs(connection),
        await openNatsBlobs(await nats.connect(connection.namespace)),
      ];
      let removed = 0;
      for (let round = 0; round < 60; round++) {
        const bytes = Buffer.from(`round ${round}`);
        const seed = await openNatsBlobs(connection);
        const ref = await seed.put(bytes);
        await age(connection, ref);
        const removing = mine.remove(ref, Date.now() - 60_000);
        for (let turn = 0; turn < round % 30; turn++) await new Promise((resolve) => setImmediate(resolve));
        removed += (await Promise.all([removing, yours.put(bytes)]))[0] ? 1 : 0;
        expect(Buffer.from(await yours.get(ref)).toString()).toBe(`round ${round}`);
      }
      expect(removed).toBeGreaterThan(0);
      expect(await chunkSubjects(connection)).toHaveLength(60);
    });

    it("takes what a killed writer has left without an entry, when it is old", async () => {
      const connection = await nats.connect();
      const blobs = await openNatsBlobs(connection);
      const ref = blobs.refOf(Buffer.from("never entered"));
      await jetstream(connection.client).publish(`$O.${bucketOf(connection)}.C.${ref}.left`, "never");
      const [listed] = await Array.fromAsync(blobs.list());
      expect(listed).toMatchObject({ ref, bytes: 0 });
      expect(await blobs.remove(ref, listed!.writtenAt)).toBe(false);
      expect(await blobs.remove(ref, listed!.writtenAt + 1)).toBe(true);
      expect(await chunkSubjects(connection)).toEqual([]);
      expect(await blobs.put(Buffer.from("never entered"))).toBe(ref);
    });
  });

  it("are a retryable fault while the server is away, and there when it is back", async () => {
    const connection = await nats.connect();
    const blobs = await openNatsBlobs(connection);
    const bytes = large(2_000_000);
    const ref = await blobs.put(bytes);
    await nats.server().stop("SIGKILL");
    await vi.waitUntil(() => !connection.isConnected);
    const refused = { code: "store-unavailable", retryable: true };
    await expect(blobs.put(Buffer.from("another"))).rejects.toMatchObject(refused);
    await expect(blobs.get(ref)).rejects.toMatchObject(refused);
    await expect(Array.fromAsync(blobs.list())).rejects.toMatchObject(refused);
    const returned = new Promise<void>((resolve) => connection.onReturn(resolve));
    await nats.server().begin();
    await returned;
    expect(hash("sha256", await blobs.get(ref))).toBe(ref);
    await vi.waitFor(() => blobs.put(Buffer.from("another")));
  });

  it("that find no space are a fault that says so", async () => {
    const small = await NatsServer.start({ config: "" });
    try {
      await small.stop();
      await small.configure({
        jetstream: false,
        config: `jetstream { store_dir: "${small.folder.path}", max_file: 1MB }`,
      });
      await small.begin();
      const connection = await small.connect();
      nats.connections.push(connection);
      const blobs = await openNatsBlobs(connection);
      await expect(blobs.put(large(3_000_000))).rejects.toMatchObject({ code: "store-full", retryable: true });
    } finally {
      await small[Symbol.asyncDispose]();
    }
  });

  it("refuse a bucket with other settings", async () => {
    const connection = await nats.connect();
    await new Objm(connection.client).create(bucketOf(connection), { ttl: 3_600_000_000_000 });
    await expect(openNatsBlobs(connection)).rejects.toMatchObject({
      code: "nats-settings-differ",
      message: expect.stringContaining("max_age is 3600000000000 and has to be 0") as string,
    });
  });
});

async function* nothing(): AsyncGenerator<never> {}

function bucketOf({ namespace }: NatsConnection): string {
  return `planwright-${namespace}-blobs`;
}

function large(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 2_654_435_761) >>> 24);
}

function age(connection: NatsConnection, ref: string): Promise<void> {
  return rewrite(connection, ref, { metadata: { "put-at": new Date(LONG_AGO).toISOString() } });
}

interface StoredEntry {
  readonly nuid: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Changes the entry of a blob behind the store's back. */
async function rewrite(connection: NatsConnection, ref: string, change: Partial<StoredEntry>): Promise<void> {
  const { headers } = await import("@nats-io/transport-node");
  const subject = entrySubject(connection, ref);
  const entry = await entryOf(connection, ref);
  const rollup = headers();
  rollup.set("Nats-Rollup", "sub");
  const body = { ...entry, ...change, metadata: { ...entry.metadata, ...change.metadata } };
  await jetstream(connection.client).publish(subject, JSON.stringify(body), { headers: rollup });
}

/** Writes chunks of the same size with one byte changed, and lets the entry name them. */
async function damage(connection: NatsConnection, ref: string): Promise<void> {
  const { nuid } = await entryOf(connection, ref);
  const prefix = `$O.${bucketOf(connection)}.C.`;
  const manager = await jetstreamManager(connection.client);
  const chunk = await manager.streams.getMessage(`OBJ_${bucketOf(connection)}`, { last_by_subj: prefix + nuid });
  const bytes = Uint8Array.from(chunk!.data);
  bytes[0]! ^= 1;
  const { seq } = await jetstream(connection.client).publish(`${prefix}${nuid}x`, bytes);
  await rewrite(connection, ref, { nuid: `${nuid}x`, metadata: { "first-chunk": `${seq}` } });
}

async function entryOf(connection: NatsConnection, ref: string): Promise<StoredEntry> {
  const manager = await jetstreamManager(connection.client);
  const found = await manager.streams.getMessage(`OBJ_${bucketOf(connection)}`, {
    last_by_subj: entrySubject(connection, ref),
  });
  return found!.json<StoredEntry>();
}

function entrySubject(connection: NatsConnection, ref: string): string {
  return `$O.${bucketOf(connection)}.M.${Buffer.from(ref as BlobRef).toString("base64")}`;
}

async function chunkSubjects(connection: NatsConnection): Promise<readonly string[]> {
  const manager = await jetstreamManager(connection.client);
  const name = `OBJ_${bucketOf(connection)}`;
  const { state } = await manager.streams.info(name, { subjects_filter: `$O.${bucketOf(connection)}.C.>` });
  return Object.keys(state.subjects ?? {});
}

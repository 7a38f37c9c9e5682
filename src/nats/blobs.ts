import { Fault } from "#events/fault.ts";
import type { BlobRef } from "#events/payload.ts";
import { assertContent, assertSize, missing, refOfBytes } from "#src/blobs/content.ts";
import { PutsUnderWay } from "#src/blobs/puts.ts";
import { RefSet } from "#src/blobs/ref-set.ts";
import type { BlobStore, StoredBlob } from "#src/ports/blob-store.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { natsFault } from "#src/nats/faults.ts";
import { blobsFull, ObjectBucket, type ObjectEntry, type Remains } from "#src/nats/objects.ts";
import { openStream, openStreamIfThere, type StreamSettings } from "#src/nats/streams.ts";
import { bucketOf } from "#src/nats/subjects.ts";

// Blobs in an object store of JetStream, which several processes put into, and one of them sweeps.
//
// B1. A put of bytes that are there makes their entry young, once they are read and right; else they are written anew.
// B2. `remove` takes an entry by the sequence that it has seen to be old enough. A put in between has made another one, a put after
//     it finds nothing, and writes: what a put has returned is there.
// B3. So a blob of another process, whose fact is on its way, is kept by its age alone: the grace is longer than its append takes,
//     and than clocks differ. Else its step fails by `blob-missing`. For what was put through this handle age is no question.
// B4. Chunks that no entry names are listed and removed as blobs are, as old as the last of them.

/** A put that takes longer begins anew: its first chunks may seem abandoned to a sweep. */
const PUT_WITHIN_MS = 10 * 60 * 1_000;
const MAX_ROUNDS = 20;

export interface NatsBlobsOptions {
  /** Copies of the bucket, when it is made. */
  readonly replicas?: number;
}

/** Makes the bucket where it is missing. Faults: `nats-settings-differ`, and the retryable ones of `natsFault`. */
export async function openNatsBlobs(connection: NatsConnection, options: NatsBlobsOptions = {}): Promise<BlobStore> {
  const bucket = bucketOf(connection.namespace, "blobs");
  const stream = await openStream(connection, settingsOf(bucket, options));
  return new NatsBlobs(connection, new ObjectBucket(bucket, stream, connection));
}

/** For who only looks: undefined where no bucket is, and none is made. Faults: as above. */
export async function openNatsBlobsIfThere(connection: NatsConnection): Promise<BlobStore | undefined> {
  const bucket = bucketOf(connection.namespace, "blobs");
  const stream = await openStreamIfThere(connection, settingsOf(bucket));
  return stream && new NatsBlobs(connection, new ObjectBucket(bucket, stream, connection));
}

function settingsOf(bucket: string, { replicas }: NatsBlobsOptions = {}): StreamSettings {
  return {
    name: `OBJ_${bucket}`,
    subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
    description: "Payloads that facts cite, by the SHA-256 of their bytes",
    limits: { allow_rollup_hdrs: true },
    ...(replicas === undefined ? {} : { replicas }),
  };
}

class NatsBlobs implements BlobStore {
  readonly #connection: NatsConnection;
  readonly #objects: ObjectBucket;
  readonly #puts = new PutsUnderWay();
  /** What was put through this handle. */
  readonly #own = new RefSet();

  constructor(connection: NatsConnection, objects: ObjectBucket) {
    this.#connection = connection;
    this.#objects = objects;
  }

  refOf(bytes: Uint8Array): BlobRef {
    return refOfBytes(bytes);
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    assertSize(bytes);
    const ref = refOfBytes(bytes);
    this.#own.add(ref);
    await this.#puts.once(ref, () => this.#guarded("putting a blob", () => this.#put(ref, Uint8Array.from(bytes))));
    return ref;
  }

  get(ref: BlobRef): Promise<Uint8Array> {
    return this.#guarded("getting a blob", async () => {
      let before = 0;
      for (;;) {
        const { entry } = await this.#objects.look(ref);
        if (entry === undefined) throw missing(ref);
        const bytes = await this.#objects.read(entry.chunks);
        // Chunks may go while they are read, when their entry was replaced.
        if (entry.seq === before || refOfBytes(bytes) === ref) return assertContent(ref, bytes);
        before = entry.seq;
      }
    });
  }

  has(ref: BlobRef): Promise<boolean> {
    return this.#guarded("looking for a blob", async () => (await this.#objects.look(ref)).entry !== undefined);
  }

  /** All are held in memory, some 100 bytes each, to be in order. */
  async *list(): AsyncGenerator<StoredBlob> {
    yield* await this.#guarded("listing blobs", async () => {
      // In this order: chunks whose entry comes in between are no remains.
      const written = await this.#objects.written();
      const blobs = new Map<BlobRef, StoredBlob>();
      for await (const entry of this.#objects.entries()) blobs.set(entry.ref, storedOf(entry));
      for (const remains of written) {
        if (blobs.has(remains.ref)) continue;
        const writtenAt = await this.#objects.writtenAt(remains.id);
        if (writtenAt !== undefined) blobs.set(remains.ref, { ref: remains.ref, bytes: 0, writtenAt });
      }
      return [...blobs.values()].sort((left, right) => (left.ref < right.ref ? -1 : 1));
    });
  }

  remove(ref: BlobRef, before: number): Promise<boolean> {
    return this.#guarded("removing a blob", async () => {
      if (this.#own.has(ref)) return false;
      const written = await this.#objects.written(ref);
      const { entry } = await this.#objects.look(ref);
      if (entry !== undefined && entry.putAt >= before) return false;
      // A put may have begun meanwhile, through this handle.
      if (this.#own.has(ref)) return false;
      const isRemoved = entry !== undefined && (await this.#objects.remove(entry));
      if (entry !== undefined && !isRemoved) return false;
      const remains = await this.#discardOld(
        written.filter(({ id }) => id !== entry?.chunks.id),
        before,
      );
      return isRemoved || remains > 0;
    });
  }

  async #put(ref: BlobRef, bytes: Uint8Array): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { seq, entry } = await this.#objects.look(ref);
      if (entry !== undefined && refOfBytes(await this.#objects.read(entry.chunks)) === ref) {
        if (await this.#objects.enter(ref, { chunks: entry.chunks, putAt: this.#now(), seq })) return;
      } else if (await this.#write(ref, bytes, seq)) {
        if (entry !== undefined) await this.#objects.discard(entry.chunks.id);
        return;
      }
    }
    throw new Error(`blob ${ref} was changed by others ${MAX_ROUNDS} times while it was put`);
  }

  async #write(ref: BlobRef, bytes: Uint8Array, seq: number): Promise<boolean> {
    const { clock } = this.#connection;
    const begun = clock.monotonic();
    const chunks = await this.#objects.write(ref, bytes);
    const isInTime = clock.monotonic() - begun < PUT_WITHIN_MS;
    if (isInTime && (await this.#objects.enter(ref, { chunks, putAt: this.#now(), seq }))) return true;
    await this.#objects.discard(chunks.id);
    return false;
  }

  async #discardOld(remains: readonly Remains[], before: number): Promise<number> {
    let discarded = 0;
    for (const { id } of remains) {
      const writtenAt = await this.#objects.writtenAt(id);
      if (writtenAt === undefined || writtenAt >= before) continue;
      await this.#objects.discard(id);
      discarded += 1;
    }
    return discarded;
  }

  #now(): number {
    return this.#connection.clock.now();
  }

  async #guarded<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    const { servers, isConnected } = this.#connection;
    try {
      if (!isConnected) throw new Error("not connected");
      return await work();
    } catch (error) {
      if (error instanceof Fault) throw error;
      const full = blobsFull(error, bucketOf(this.#connection.namespace, "blobs"));
      if (full !== undefined) throw full;
      const { message, code } = natsFault(error, servers, doing);
      throw new Fault("store-unavailable", message, { retryable: true, details: { servers, code }, cause: error });
    }
  }
}

function storedOf({ ref, chunks, putAt }: ObjectEntry): StoredBlob {
  return { ref, bytes: chunks.bytes, writtenAt: putAt };
}

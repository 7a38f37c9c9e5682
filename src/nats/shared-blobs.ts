import { memoryBlobs } from "#src/blobs/memory.ts";
import { refOfBytes } from "#src/blobs/content.ts";
import type { BlobRef } from "#events/payload.ts";
import type { BlobStore, StoredBlob } from "#src/ports/blob-store.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Log } from "#src/ports/log.ts";
import type { Random } from "#src/ports/random.ts";
import { openNatsBlobs, openNatsBlobsIfThere } from "#src/nats/blobs.ts";
import { connectNats, type NatsConnection } from "#src/nats/connection.ts";
import type { NatsSettings } from "#src/nats/settings.ts";

// The blobs that coordinators share, for a process that is none of them: one that reads the log beside them, or that holds it
// for a moment to record something.
//
// S1. The server is reached when the first blob is asked for: what needs none neither waits for it nor fails with it.
// S2. Who only looks changes nothing: without a bucket there are no blobs. Who puts makes the bucket, as coordinators do.

export interface SharedBlobsOptions {
  readonly settings: NatsSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Bytes in the name of a connection, in hex: others look at the same time. */
const NAME_BYTES = 4;

export class SharedBlobs implements BlobStore, AsyncDisposable {
  private readonly connection: Opened<NatsConnection>;
  private readonly looking: Opened<BlobStore>;
  private readonly putting: Opened<BlobStore>;

  constructor({ random, ...options }: SharedBlobsOptions) {
    const name = `reader-${Buffer.from(random.bytes(NAME_BYTES)).toString("hex")}`;
    this.connection = new Opened(() => connectNats({ ...options, name }));
    this.looking = new Opened(async () => (await openNatsBlobsIfThere(await this.connection.get())) ?? memoryBlobs());
    this.putting = new Opened(async () => openNatsBlobs(await this.connection.get()));
  }

  refOf(bytes: Uint8Array): BlobRef {
    return refOfBytes(bytes);
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    return (await this.putting.get()).put(bytes);
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    return (await this.look()).get(ref);
  }

  async has(ref: BlobRef): Promise<boolean> {
    return (await this.look()).has(ref);
  }

  async *list(): AsyncGenerator<StoredBlob> {
    yield* (await this.look()).list();
  }

  async remove(ref: BlobRef, before: number): Promise<boolean> {
    return (await this.look()).remove(ref, before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.connection.asked?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  /** What was put here is looked at, and kept, by the handle that put it. */
  private look(): Promise<BlobStore> {
    return (this.putting.asked === undefined ? this.looking : this.putting).get();
  }
}

/** Opened when it is first asked for; tried anew where that failed. */
class Opened<T> {
  asked: Promise<T> | undefined;
  private readonly open: () => Promise<T>;

  constructor(open: () => Promise<T>) {
    this.open = open;
  }

  get(): Promise<T> {
    this.asked ??= this.open().catch((error: unknown) => {
      this.asked = undefined;
      throw error;
    });
    return this.asked;
  }
}

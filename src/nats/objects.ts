import type { ConsumerMessages } from "@nats-io/jetstream";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { blobRef, type BlobRef } from "#events/payload.ts";
import type { NatsConnection } from "#src/nats/connection.ts";
import { isJetStreamError, JETSTREAM } from "#src/nats/faults.ts";
import { loadTransport } from "#src/nats/packages.ts";
import { ANSWER_WITHIN_MS, type OpenedStream } from "#src/nats/streams.ts";

// The objects of one bucket, in the layout of NATS' object stores, so that its tools can look at them: chunks on a subject of
// their own, and one entry a name that says which chunks it has.
//
// O1. An entry is changed and removed against the sequence that was seen, which clients of object stores do not do: of a put and
//     a removal at the same time one comes first, and the other sees it.
// O2. Chunks are durable before the entry that names them, and their subject is used once: an entry never names chunks
//     that somebody else may still write or remove.
// O3. The subject of chunks begins with the reference, so that chunks without an entry (their writer was killed) are found.
// O4. Everything is read from the stream's leader: a replica may not have yet what another process has just put.

const CHUNK_BYTES = 256 * 1024;
/** Left of the largest message for its subject and headers. */
const AROUND_BYTES = 1024;
/** Chunks that are on their way at once. */
const WRITTEN_AT_ONCE = 8;
const DIGEST = "SHA-256=";

const entrySchema = z.object({
  name: blobRef,
  nuid: z.string(),
  size: z.int().min(0),
  chunks: z.int().min(0),
  deleted: z.boolean().optional(),
  metadata: z.object({ "put-at": z.iso.datetime(), "first-chunk": z.string().regex(/^\d+$/) }),
});

export interface ObjectEntry {
  readonly ref: BlobRef;
  /** Where its chunks are. */
  readonly chunks: Chunks;
  readonly putAt: number;
  /** Sequence of the entry: whoever changes it names this. */
  readonly seq: number;
}

export interface Chunks {
  readonly id: string;
  readonly count: number;
  readonly bytes: number;
  /** Sequence of the first, 0 where there is none. */
  readonly first: number;
}

/** Chunks that no entry names. */
export interface Remains {
  readonly ref: BlobRef;
  readonly id: string;
}

export class ObjectBucket {
  readonly #bucket: string;
  readonly #stream: OpenedStream;
  readonly #client: NatsConnection["client"];
  readonly #chunkBytes: number;

  constructor(bucket: string, stream: OpenedStream, { client, maxPayloadBytes }: NatsConnection) {
    this.#bucket = bucket;
    this.#stream = stream;
    this.#client = client;
    this.#chunkBytes = Math.min(CHUNK_BYTES, maxPayloadBytes - AROUND_BYTES);
  }

  /** What there is by this name: its sequence, 0 for nothing, and the entry, unless something else made it. */
  async look(ref: BlobRef): Promise<{ readonly seq: number; readonly entry?: ObjectEntry }> {
    const found = await this.#message({ last_by_subj: this.#entrySubject(ref) });
    if (found === undefined) return { seq: 0 };
    const entry = entryOf(found.seq, found.data);
    return { seq: found.seq, ...(entry === undefined ? {} : { entry }) };
  }

  /** Writes the bytes under a subject of their own. */
  async write(ref: BlobRef, bytes: Uint8Array): Promise<Chunks> {
    const { client } = this.#stream;
    const { nuid } = await loadTransport();
    const id = `${ref}.${nuid.next()}`;
    const subject = this.#chunkSubject(id);
    const count = Math.ceil(bytes.length / this.#chunkBytes);
    let first = 0;
    for (let from = 0; from < count; from += WRITTEN_AT_ONCE) {
      const window = Array.from({ length: Math.min(WRITTEN_AT_ONCE, count - from) }, (_, index) => {
        const at = (from + index) * this.#chunkBytes;
        return client.publish(subject, bytes.subarray(at, at + this.#chunkBytes));
      });
      const [acknowledged] = await Promise.all(window);
      if (from === 0) first = acknowledged?.seq ?? 0;
    }
    return { id, count, bytes: bytes.length, first };
  }

  /** Makes an entry in place of the one with this sequence, 0 for none. False where there is another one by now. */
  async enter(ref: BlobRef, { chunks, putAt, seq }: Omit<ObjectEntry, "ref">): Promise<boolean> {
    const { headers } = await loadTransport();
    const conditions = headers();
    conditions.set("Nats-Rollup", "sub");
    conditions.set("Nats-Expected-Last-Subject-Sequence", `${seq}`);
    const body = JSON.stringify({
      name: ref,
      bucket: this.#bucket,
      nuid: chunks.id,
      size: chunks.bytes,
      chunks: chunks.count,
      digest: DIGEST + padded(Buffer.from(ref, "hex")),
      mtime: new Date(putAt).toISOString(),
      options: { max_chunk_size: this.#chunkBytes },
      metadata: { "put-at": new Date(putAt).toISOString(), "first-chunk": `${chunks.first}` },
    });
    return wonOrLost(this.#stream.client.publish(this.#entrySubject(ref), body, { headers: conditions }));
  }

  /** The bytes of these chunks, as many as there are. */
  async read({ id, count, bytes, first }: Chunks): Promise<Uint8Array> {
    const read = new Uint8Array(bytes);
    let next = first;
    let at = 0;
    for (let index = 0; index < count; index++) {
      const chunk = await this.#message({ seq: next, next_by_subj: this.#chunkSubject(id) });
      if (chunk === undefined || at + chunk.data.length > bytes) return read.subarray(0, at);
      read.set(chunk.data, at);
      at += chunk.data.length;
      next = chunk.seq + 1;
    }
    return read.subarray(0, at);
  }

  /** Removes an entry, then its chunks. False where somebody has made a newer one, or removed it. */
  async remove({ seq, chunks }: ObjectEntry): Promise<boolean> {
    const { manager, info } = this.#stream;
    const isRemoved = await wonOrLost(manager.streams.deleteMessage(info.config.name, seq, false));
    if (isRemoved) await this.discard(chunks.id);
    return isRemoved;
  }

  /** Removes chunks that no entry names. */
  async discard(id: string): Promise<void> {
    const { manager, info } = this.#stream;
    await manager.streams.purge(info.config.name, { filter: this.#chunkSubject(id) });
  }

  /** In no order. */
  async *entries(): AsyncGenerator<ObjectEntry> {
    const { client, manager, info } = this.#stream;
    const { name } = info.config;
    const filter_subjects = `$O.${this.#bucket}.M.>`;
    const { state } = await manager.streams.info(name, { subjects_filter: filter_subjects });
    const left = new Set(Object.keys(state.subjects ?? {}));
    if (left.size === 0) return;
    const deliver_policy = "last_per_subject";
    const consumer = await client.consumers.getPushConsumer(name, { filter_subjects, deliver_policy });
    const messages = await consumer.consume();
    void endWhenIdle(messages);
    for await (const message of messages) {
      left.delete(message.subject);
      const entry = entryOf(message.seq, message.data);
      if (entry !== undefined) yield entry;
      // What is left is miscounted while others put, and may never be none: behind what there was at first everything is new.
      if (message.info.pending === 0 || message.seq >= state.last_seq) break;
    }
    // Put again before it came, or removed.
    for (const subject of left) {
      const found = await this.#message({ last_by_subj: subject });
      const entry = found && entryOf(found.seq, found.data);
      if (entry !== undefined) yield entry;
    }
  }

  /** Every chunks' subject there is. */
  async written(ref: BlobRef | "*" = "*"): Promise<readonly Remains[]> {
    const { manager, info } = this.#stream;
    const prefix = `$O.${this.#bucket}.C.`;
    const { state } = await manager.streams.info(info.config.name, { subjects_filter: `${prefix}${ref}.*` });
    return Object.keys(state.subjects ?? {}).flatMap((subject) => {
      const id = subject.slice(prefix.length);
      const parsed = blobRef.safeParse(id.split(".")[0]);
      return parsed.success ? [{ ref: parsed.data, id }] : [];
    });
  }

  /** When the last of these chunks was written, in ms since the epoch; undefined where there are none. */
  async writtenAt(id: string): Promise<number | undefined> {
    const found = await this.#message({ last_by_subj: this.#chunkSubject(id) });
    return found?.time.getTime();
  }

  #entrySubject(ref: BlobRef): string {
    return `$O.${this.#bucket}.M.${padded(Buffer.from(ref))}`;
  }

  #chunkSubject(id: string): string {
    return `$O.${this.#bucket}.C.${id}`;
  }

  /** As the client's own `getMessage`, which takes much longer to decode a chunk. */
  async #message(query: MessageQuery): Promise<StoredMessage | undefined> {
    const subject = `$JS.API.STREAM.MSG.GET.${this.#stream.info.config.name}`;
    const answer = await this.#client.request(subject, JSON.stringify(query), { timeout: ANSWER_WITHIN_MS });
    const { message, error } = storedMessage.parse(JSON.parse(Buffer.from(answer.data).toString("utf8")));
    if (error !== undefined && error.err_code !== JETSTREAM.noMessage) {
      throw Object.assign(new Error(error.description), { code: error.err_code });
    }
    if (message === undefined) return undefined;
    return { seq: message.seq, data: Buffer.from(message.data, "base64"), time: new Date(message.time) };
  }
}

/** What the server answers to STREAM.MSG.GET. An empty message has no data. */
const storedMessage = z.object({
  message: z.object({ seq: z.int(), data: z.string().default(""), time: z.string() }).optional(),
  error: z.object({ err_code: z.int().optional(), description: z.string().optional() }).optional(),
});

/** What was removed meanwhile is announced, and never comes. */
async function endWhenIdle(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) if (status.type === "heartbeat") messages.stop();
}

type MessageQuery = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string };

interface StoredMessage {
  readonly seq: number;
  readonly data: Uint8Array;
  readonly time: Date;
}

/** An entry that was made by something else counts as none; a put replaces it. */
function entryOf(seq: number, data: Uint8Array): ObjectEntry | undefined {
  const { data: entry } = entrySchema.safeParse(parsed(data));
  if (entry === undefined || entry.deleted === true) return undefined;
  return {
    ref: entry.name,
    chunks: { id: entry.nuid, count: entry.chunks, bytes: entry.size, first: Number(entry.metadata["first-chunk"]) },
    putAt: Date.parse(entry.metadata["put-at"]),
    seq,
  };
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What the server says about a change against a sequence that is not the newest any more. */
const LOST = [
  JETSTREAM.wrongLastSequence,
  JETSTREAM.noMessage,
  JETSTREAM.sequenceNotFound,
  JETSTREAM.messageNotDeleted,
] as const;

async function wonOrLost(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isJetStreamError(error, ...LOST)) return false;
    throw error;
  }
}

/** Base64 for URLs, with its padding, as object stores name things. */
function padded(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

export function blobsFull(error: unknown, bucket: string): Fault<"store-full"> | undefined {
  if (!isJetStreamError(error, ...JETSTREAM.full)) return undefined;
  return new Fault(
    "store-full",
    `no space left in the bucket ${bucket}; give the server or the account more and go on`,
    {
      retryable: true,
      details: { bucket },
      cause: error,
    },
  );
}

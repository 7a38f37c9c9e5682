import type { Fact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import { isJsonList, type Json } from "#events/json.ts";
import { z } from "zod";
import { blobRef, INLINE_LIMIT_BYTES, LIST_RUN_BYTES, listBlobOf, listPart, refsOf, valueOf } from "#events/payload.ts";
import type { BlobRef, ListPart, Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { movePart, movePayloads, type Reading } from "#src/runtime/fact-payloads.ts";
import { isRetryable, messageOf } from "#src/runtime/faults.ts";
import { jsonBytesAtMost } from "#src/runtime/json-size.ts";
import { runsOf, type ListRun } from "#src/runtime/list-runs.ts";
import { MAX_CACHED_BYTES, PayloadCache } from "#src/runtime/payload-cache.ts";
import { RecentDefinitions } from "#src/runtime/prepared-definitions.ts";

// Payloads between facts and the blob store.
//
// B1. A blob is durable before the fact that cites it is appended: `settled` is awaited before every append.
// B2. What expressions read is loaded beforehand, into a cache bounded in bytes.
// B3. What a window of members has given stays in memory as a reference, unless it is tiny: a plan's state and its
//     snapshots do not grow with what was done.

/** A list of a million items has a thousand windows. */
const INLINE_LIMITS_BYTES: Readonly<Record<Reading, number>> = {
  whole: INLINE_LIMIT_BYTES,
  "by-entry": INLINE_LIMIT_BYTES,
  "at-end": 1024,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

interface PayloadOptions {
  readonly maxCachedBytes?: number;
}

export class Payloads {
  private readonly store: BlobStore;
  private readonly cache: PayloadCache;
  /** Writes under way: what is read again meanwhile must wait for them. */
  private readonly writing = new Map<string, Promise<unknown>>();
  private readonly problems = new Map<string, string>();
  private readonly maxCachedBytes: number;

  /** What is loaded right now, as folds and deciders ask for it. */
  readonly blobs: Blobs = {
    get: (ref) => this.cache.get(ref),
    problem: (ref) => this.problems.get(ref),
    prepared: new RecentDefinitions(),
  };

  constructor(store: BlobStore, { maxCachedBytes = MAX_CACHED_BYTES }: PayloadOptions = {}) {
    this.store = store;
    this.maxCachedBytes = maxCachedBytes;
    this.cache = new PayloadCache(maxCachedBytes);
  }

  /** The same payload, with its value moved to a blob when it is over the limit; `pending` collects the writes. */
  offload(source: Payload, pending: Promise<unknown>[], reading: Reading = "whole"): Payload {
    if ("parts" in source) return this.offloadList(source, pending);
    if (!("inline" in source)) return source;
    const most = jsonBytesAtMost(source.inline);
    if (most <= INLINE_LIMITS_BYTES[reading]) return source;
    const isLong = reading === "by-entry" && most > LIST_RUN_BYTES;
    return (
      (isLong ? this.offloadLong(source.inline, pending) : undefined) ?? this.offloadValue(source, pending, reading)
    );
  }

  private offloadValue(source: Inlined, pending: Promise<unknown>[], reading: Reading): Payload {
    const bytes = encoder.encode(JSON.stringify(source.inline));
    if (bytes.length <= INLINE_LIMITS_BYTES[reading]) return source;
    const kept = this.keep(bytes, pending);
    if (reading !== "at-end") this.cache.add(kept.blob, source.inline, bytes.length);
    return kept;
  }

  /** A list as blobs of runs of its entries, none of which has to be in memory for another to be read; undefined for one run. */
  private offloadLong(list: Json, pending: Promise<unknown>[]): Payload | undefined {
    if (!isJsonList(list)) return undefined;
    const runs = runsOf(list, LIST_RUN_BYTES);
    const [first, second] = [runs.next(), runs.next()];
    if (first.done === true || second.done === true) return undefined;
    const keep = ({ text, count }: ListRun): ListPart => ({ items: this.keep(encoder.encode(text), pending), count });
    return this.keepParts([keep(first.value), keep(second.value), ...Array.from(runs, keep)], list.length, pending);
  }

  /** The same fact, with every payload over the limit moved to a blob. */
  offloadFact(source: Fact, pending: Promise<unknown>[]): Fact {
    return movePayloads(source, (payload, reading) => this.offload(payload, pending, reading));
  }

  /** A list's runs of entries become blobs where they are long, and the list of its parts is always one. */
  private offloadList({ parts, count }: ListInParts, pending: Promise<unknown>[]): Payload {
    const moved = parts.map((part) => movePart(part, (payload) => this.offload(payload, pending)));
    return this.keepParts(moved, count, pending);
  }

  private keepParts(parts: readonly ListPart[], count: number, pending: Promise<unknown>[]): Payload {
    const { blob, bytes } = this.keep(encoder.encode(JSON.stringify(parts)), pending);
    this.cache.add(blob, parts, bytes);
    return { list: blob, count, bytes: parts.reduce((sum, part) => sum + bytesOf(part), bytes) };
  }

  private keep(bytes: Uint8Array, pending: Promise<unknown>[]): Extract<Payload, { blob: BlobRef }> {
    const blob = this.store.refOf(bytes);
    const written = this.store.put(bytes).finally(() => this.writing.delete(blob));
    // Whoever awaits it hears of a failure; until somebody does, it is nobody's unhandled one.
    written.catch(() => undefined);
    this.writing.set(blob, written);
    pending.push(written);
    return { blob, bytes: bytes.length };
  }

  /** Loads blobs into the cache. Faults: `blob-missing`, `blob-damaged`. */
  async load(refs: readonly string[]): Promise<void> {
    await Promise.all(refs.filter((ref) => !this.cache.has(ref)).map((ref) => this.fetch(ref)));
  }

  /**
   * Like `load`, but what cannot be had is remembered as a problem of that blob, until it is forgiven: the step that
   * reads it fails by name. Faults: only those that may pass by themselves.
   */
  async tryLoad(refs: readonly string[]): Promise<void> {
    let bytes = 0;
    for (const ref of refs) {
      try {
        await this.load([ref]);
      } catch (error) {
        if (isRetryable(error)) throw error;
        this.problems.set(ref, messageOf(error));
      }
      bytes += this.cache.bytesOf(ref);
    }
    if (bytes <= this.maxCachedBytes) return;
    const text = `one expression reads more than ${this.maxCachedBytes} bytes of payloads together`;
    for (const ref of refs) this.problems.set(ref, text);
  }

  /** Large values that the turn needed leave memory. */
  endTurn(): void {
    this.cache.endTurn();
  }

  /** Forgets the problems of these blobs: the next reader tries again. */
  forgive(refs: Iterable<string>): void {
    for (const ref of refs) this.problems.delete(ref);
  }

  /** The value, loaded from its blob where it is one. */
  async value(source: Payload): Promise<Json> {
    const known = valueOf(source, this.blobs);
    if (known !== undefined) return known;
    const [ref] = refsOf(source);
    return ref === undefined ? null : this.fetch(ref);
  }

  private async fetch(ref: string): Promise<Json> {
    const list = listBlobOf(ref);
    if (list !== undefined) return this.fetchList(ref, list);
    await this.writing.get(ref);
    const bytes = await this.store.get(blobRef.parse(ref));
    const value = parse(ref, bytes);
    this.cache.add(ref, value, bytes.length);
    return value;
  }

  /** All entries of a list in one value, read part by part. */
  private async fetchList(ref: string, blob: string): Promise<Json> {
    const parts = z.array(listPart).parse(this.blobs.get(blob) ?? (await this.fetch(blob)));
    const all: Json[] = [];
    for (const part of parts) {
      const value = await this.value("item" in part ? part.item : part.items);
      if ("item" in part) all.push(value);
      else if (isJsonList(value)) for (const entry of value) all.push(entry);
    }
    this.cache.add(
      ref,
      all,
      parts.reduce((sum, part) => sum + bytesOf(part), 0),
    );
    return all;
  }
}

type Inlined = Extract<Payload, { inline: unknown }>;
type ListInParts = Extract<Payload, { parts: unknown }>;

/** What the entries of a part take as JSON. */
function bytesOf(part: ListPart): number {
  const held = "item" in part ? part.item : part.items;
  return "inline" in held ? jsonBytesAtMost(held.inline) : held.bytes;
}

function parse(ref: string, bytes: Uint8Array): Json {
  try {
    return JSON.parse(decoder.decode(bytes)) as Json;
  } catch (cause) {
    throw new Fault("blob-damaged", `blob ${ref} is not JSON`, { cause, details: { ref } });
  }
}

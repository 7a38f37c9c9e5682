import type { Fact } from "#events/catalog.ts";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { INLINE_LIMIT_BYTES, type BlobRef, type Payload } from "#events/payload.ts";
import type { Blobs } from "#machines/blobs.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import { jsonBytesAtMost } from "#src/runtime/json-size.ts";

// Payloads between facts and the blob store.
//
// B1. A blob is durable before the fact that cites it is appended: `settled` is awaited before every append.
// B2. What expressions read is loaded beforehand, into a cache bounded in bytes.

const MAX_CACHED_BYTES = 64 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export class Payloads {
  private readonly store: BlobStore;
  private readonly cache = new Map<string, { readonly value: Json; readonly bytes: number }>();
  /** Writes under way: what is read again meanwhile must wait for them. */
  private readonly writing = new Map<string, Promise<unknown>>();
  private readonly problems = new Map<string, string>();
  private cachedBytes = 0;

  constructor(store: BlobStore) {
    this.store = store;
  }

  /** The same payload, with its value moved to a blob when it is over the limit; `pending` collects the writes. */
  offload(source: Payload, pending: Promise<unknown>[]): Payload {
    if (!("inline" in source)) return source;
    const { inline } = source;
    if (jsonBytesAtMost(inline) <= INLINE_LIMIT_BYTES) return source;
    const bytes = encoder.encode(JSON.stringify(inline));
    if (bytes.length <= INLINE_LIMIT_BYTES) return source;
    const blob = this.store.refOf(bytes);
    this.remember(blob, inline, bytes.length);
    const written = this.store.put(bytes).finally(() => this.writing.delete(blob));
    this.writing.set(blob, written);
    pending.push(written);
    return { blob, bytes: bytes.length };
  }

  /** Every payload of a fact, offloaded. */
  offloadFact(source: Fact, pending: Promise<unknown>[]): Fact {
    switch (source.type) {
      case "PlanDrafted":
        return this.replace(source, "definition", pending);
      case "PlanStarted":
        return this.replace(source, "inputs", pending);
      case "StepDispatched":
        return this.replace(source, "args", pending);
      case "StepSucceeded":
        return this.replace(source, "output", pending);
      case "PlanSucceeded":
        return this.replace(this.replace(source, "outputs", pending), "response", pending);
      case "StepLateReported":
        return source.data.outcome.kind === "succeeded"
          ? { ...source, data: { ...source.data, outcome: this.within(source.data.outcome, pending) } }
          : source;
      case "StepOutcomeResolved":
        return source.data.resolution.kind === "done"
          ? { ...source, data: { ...source.data, resolution: this.within(source.data.resolution, pending) } }
          : source;
      default:
        return source;
    }
  }

  /** Loads blobs into the cache. Faults: `blob-missing`, `blob-damaged`. */
  async load(refs: readonly string[]): Promise<void> {
    await Promise.all(refs.filter((ref) => !this.cache.has(ref)).map((ref) => this.fetch(ref)));
  }

  /** Like `load`, but what cannot be had is remembered as a problem of that blob: the step that reads it fails by name. */
  async tryLoad(refs: readonly string[]): Promise<void> {
    for (const ref of refs) {
      await this.load([ref]).then(
        () => this.problems.delete(ref),
        (error: unknown) => this.problems.set(ref, error instanceof Error ? error.message : String(error)),
      );
    }
  }

  /** The value, loaded from its blob where it is one. */
  async value(source: Payload): Promise<Json> {
    if ("inline" in source) return source.inline;
    return this.cache.get(source.blob)?.value ?? (await this.fetch(source.blob));
  }

  /** What is loaded right now, as folds and deciders ask for it. */
  get blobs(): Blobs {
    return { get: (ref) => this.cache.get(ref)?.value, problem: (ref) => this.problems.get(ref) };
  }

  private async fetch(ref: string): Promise<Json> {
    await this.writing.get(ref);
    const bytes = await this.store.get(ref as BlobRef);
    const value = parse(ref, bytes);
    this.remember(ref, value, bytes.length);
    return value;
  }

  private remember(ref: string, value: Json, bytes: number): void {
    if (this.cache.has(ref)) return;
    this.cache.set(ref, { value, bytes });
    this.cachedBytes += bytes;
    for (const [oldest, entry] of this.cache) {
      if (this.cachedBytes <= MAX_CACHED_BYTES || oldest === ref) return;
      this.cache.delete(oldest);
      this.cachedBytes -= entry.bytes;
    }
  }

  private replace<F extends Fact>(source: F, key: keyof F["data"], pending: Promise<unknown>[]): F {
    const before: unknown = (source.data as F["data"])[key];
    if (before === undefined) return source;
    const after = this.offload(before as Payload, pending);
    return after === before ? source : { ...source, data: { ...source.data, [key]: after } };
  }

  private within<O extends { readonly output: Payload }>(source: O, pending: Promise<unknown>[]): O {
    const output = this.offload(source.output, pending);
    return output === source.output ? source : { ...source, output };
  }
}

function parse(ref: string, bytes: Uint8Array): Json {
  try {
    return JSON.parse(decoder.decode(bytes)) as Json;
  } catch (cause) {
    throw new Fault("blob-damaged", `blob ${ref} is not JSON`, { cause, details: { ref } });
  }
}

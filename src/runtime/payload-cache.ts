import type { Json } from "#events/json.ts";

// Values of blobs that expressions read, in memory up to limits in bytes of their JSON text. What was read last stays
// longest.
//
// C1. One turn may bring as much as `maxBytes`; a value beyond that is kept by itself, until the next one comes.
// C2. After a turn small values stay up to MAX_IDLE_BYTES together.
// C3. A large value leaves with the turn that has brought it: a list of a million entries is read once, to go over it in
//     parts, and would else stay for the whole of that way. One that is asked for again stays up to `maxBytes`.

export const MAX_CACHED_BYTES = 64 * 1024 * 1024;

/** In memory a value takes two to four times the bytes of its text. */
const MAX_IDLE_BYTES = 8 * 1024 * 1024;
const LARGE_BYTES = 4 * 1024 * 1024;

/** Large values that have left, by their references. */
const MAX_REMEMBERED = 1_000;

interface Cached {
  readonly value: Json;
  readonly bytes: number;
}

export class PayloadCache {
  /** Those that were read last are at the end. */
  private readonly entries = new Map<string, Cached>();
  /** Large ones that leave with this turn. */
  private readonly passing = new Set<string>();
  /** Large ones that have left. */
  private readonly passed = new Set<string>();
  private readonly maxBytes: number;
  private bytes = 0;
  /** Those of the small ones. */
  private smallBytes = 0;

  constructor(maxBytes = MAX_CACHED_BYTES) {
    this.maxBytes = maxBytes;
  }

  get(ref: string): Json | undefined {
    const found = this.entries.get(ref);
    if (found === undefined) return undefined;
    this.entries.delete(ref);
    this.entries.set(ref, found);
    return found.value;
  }

  has(ref: string): boolean {
    return this.entries.has(ref);
  }

  /** Bytes of a value's text; 0 for one that is not here. */
  bytesOf(ref: string): number {
    return this.entries.get(ref)?.bytes ?? 0;
  }

  /** `bytes`: of its JSON text. */
  add(ref: string, value: Json, bytes: number): void {
    if (this.entries.has(ref)) return;
    this.entries.set(ref, { value, bytes });
    this.count(bytes, 1);
    if (isLarge(bytes) && !this.passed.delete(ref)) this.passing.add(ref);
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.maxBytes || oldest === ref) return;
      this.remove(oldest);
    }
  }

  /** The turn that brought values has ended. */
  endTurn(): void {
    this.letPass();
    if (this.smallBytes <= MAX_IDLE_BYTES) return;
    for (const [oldest, { bytes }] of this.entries) {
      if (this.smallBytes <= MAX_IDLE_BYTES) return;
      if (!isLarge(bytes)) this.remove(oldest);
    }
  }

  private letPass(): void {
    for (const ref of this.passing) {
      this.remove(ref);
      this.passed.add(ref);
    }
    this.passing.clear();
    for (const oldest of this.passed) {
      if (this.passed.size <= MAX_REMEMBERED) return;
      this.passed.delete(oldest);
    }
  }

  private remove(ref: string): void {
    this.count(this.bytesOf(ref), -1);
    this.entries.delete(ref);
  }

  private count(bytes: number, by: 1 | -1): void {
    this.bytes += by * bytes;
    if (!isLarge(bytes)) this.smallBytes += by * bytes;
  }
}

function isLarge(bytes: number): boolean {
  return bytes > LARGE_BYTES;
}

import type { BlobRef } from "#events/payload.ts";

// A set of references that takes little memory: a store may have millions of blobs, and the mark of a sweep holds them all.
//
// R1. A reference is kept as its first 128 bits, so that two may be taken for one (once in 10^26 among a million); who
//     keeps what is in the set then keeps one too many, never one too few.
// R2. Open addressing with linear probing in one typed array: 16 bytes a slot, at most two thirds full, doubled when it
//     would be fuller. A million references take 32 MiB, 48 MiB while it grows to that.

const WORDS = 4;
const HEX_PER_WORD = 8;
const FIRST_SLOTS = 1_024;

export class RefSet {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #count = 0;
  /** The key that is all zero marks an empty slot. */
  #hasZero = false;

  get size(): number {
    return this.#count + (this.#hasZero ? 1 : 0);
  }

  /** What its memory takes. */
  get byteLength(): number {
    return this.#slots.byteLength;
  }

  /** False where it was in the set. */
  add(ref: BlobRef): boolean {
    const key = keyOf(ref);
    if (isZero(key)) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    const at = slotFor(this.#slots, key, 0);
    if (!isEmpty(this.#slots, at)) return false;
    this.#slots.set(key, at);
    this.#count += 1;
    if (this.#count * 3 * WORDS > this.#slots.length * 2) this.#grow();
    return true;
  }

  has(ref: BlobRef): boolean {
    const key = keyOf(ref);
    return isZero(key) ? this.#hasZero : !isEmpty(this.#slots, slotFor(this.#slots, key, 0));
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      if (!isEmpty(this.#slots, at)) slots.set(this.#slots.subarray(at, at + WORDS), slotFor(slots, this.#slots, at));
    }
    this.#slots = slots;
  }
}

function keyOf(ref: BlobRef): Uint32Array {
  const key = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word++) {
    key[word] = Number.parseInt(ref.slice(word * HEX_PER_WORD, (word + 1) * HEX_PER_WORD), 16);
  }
  return key;
}

/** Index of the slot that holds the key which stands at an index of `keys`, or of the empty slot where it belongs. */
function slotFor(slots: Uint32Array, keys: Uint32Array, from: number): number {
  const first = keys[from] ?? 0;
  let at = (first * WORDS) % slots.length;
  while (!isEmpty(slots, at) && !isEqual(slots, at, { keys, from })) at = (at + WORDS) % slots.length;
  return at;
}

function isEqual(slots: Uint32Array, at: number, { keys, from }: { keys: Uint32Array; from: number }): boolean {
  for (let word = 0; word < WORDS; word++) if (slots[at + word] !== keys[from + word]) return false;
  return true;
}

function isEmpty(slots: Uint32Array, at: number): boolean {
  for (let word = 0; word < WORDS; word++) if (slots[at + word] !== 0) return false;
  return true;
}

function isZero(key: Uint32Array): boolean {
  return isEmpty(key, 0);
}

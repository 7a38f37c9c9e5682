import { randomFillSync } from "node:crypto";
import type { Random } from "#src/ports/random.ts";

// The machine's own randomness. Ids must not repeat across processes, so the bytes come from the operating system; they
// are drawn in blocks, because a call costs as much as a block (14 µs measured), and an id needs ten bytes.

const BLOCK_BYTES = 4096;

let block = new Uint8Array();
let used = 0;

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => {
    if (count > BLOCK_BYTES) return randomFillSync(new Uint8Array(count));
    if (used + count > block.length) {
      block = randomFillSync(new Uint8Array(BLOCK_BYTES));
      used = 0;
    }
    used += count;
    return block.slice(used - count, used);
  },
};

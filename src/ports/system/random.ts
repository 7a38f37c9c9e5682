import { randomFillSync } from "node:crypto";
import type { Random } from "#src/ports/random.ts";

// The machine's own randomness. Bytes are drawn from the system in pools: a call to the system for each id cost 5 % of
// a step.

const POOL_BYTES = 4_096;

class SystemRandom implements Random {
  private readonly pool = new Uint8Array(POOL_BYTES);
  private used = POOL_BYTES;

  next(): number {
    return Math.random();
  }

  bytes(count: number): Uint8Array {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    if (this.used + count > POOL_BYTES) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    this.used += count;
    return this.pool.slice(this.used - count, this.used);
  }
}

export const systemRandom: Random = new SystemRandom();

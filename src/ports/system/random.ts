import { randomBytes } from "node:crypto";
import type { Random } from "#src/ports/random.ts";

// The machine's own randomness. Ids must not repeat across processes, so the bytes come from the operating system.

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => randomBytes(count),
};

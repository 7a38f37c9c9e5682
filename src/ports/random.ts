// Randomness. Nothing outside an implementation of this port draws a number, so that one seed repeats a whole run.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Fresh bytes, e.g. for an id. */
  bytes(count: number): Uint8Array;
}

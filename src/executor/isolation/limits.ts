// What a process of its own may take, and the pipes that it is given: known on both sides.

export interface MemoryLimits {
  /** Of JavaScript values, by the engine's own limit. */
  readonly heapMiB: number;
  /** Of the machine's memory as a whole: heap, buffers and code. */
  readonly rssMiB: number;
}

export const DEFAULT_MEMORY: MemoryLimits = { heapMiB: 512, rssMiB: 768 };

export const CHANNEL_FD = 3;
export const LEASH_FD = 4;

/** What the watchdog says on the leash before it ends a process that holds too much. */
export const TOO_MUCH_MEMORY = "M";

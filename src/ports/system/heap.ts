import { setFlagsFromString } from "node:v8";

/**
 * Percent by which the old generation may grow over what was alive after a collection, before it is collected again. V8
 * lets it grow to several times that on a large machine, and keeps what it took: a process that runs plans for days has a
 * small heap that is alive and makes much that dies soon. Measured with a million items (bench/README.md).
 */
const HEAP_GROWING_PERCENT = 40;

/** Keeps the process's resident memory near what it uses. For whole processes: a library leaves its host's heap alone. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
}

import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import type { LeaseChange, LeaseEntry, Leases } from "#src/ports/leases.ts";

// Leases within one process: the twin of those on NATS. The book outlives the handles, as a server does its clients: several
// coordinators of a simulation share one, and it can be taken away from them for a while.

export class LeaseBook {
  readonly entries = new Map<string, LeaseChange>();
  readonly watchers = new Set<(change: LeaseChange) => void>();
  /** While it is, every call is a fault and watches are silent; then they hear what they have missed. */
  #isAway = false;
  #revision = 0;

  /** The newest of all. */
  get revision(): number {
    return this.#revision;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  set isAway(isAway: boolean) {
    this.#isAway = isAway;
    if (!isAway) for (const change of this.entries.values()) this.#tell(change);
  }

  /** Undefined where the key has another revision than is expected. */
  change(key: string, expected: number, value: Json | undefined): number | undefined {
    const found = this.entries.get(key);
    const isExpected = found?.revision === expected || (expected === 0 && found?.value === undefined);
    if (!isExpected) return undefined;
    this.#revision += 1;
    const change = value === undefined ? { key, revision: this.#revision } : { key, value, revision: this.#revision };
    this.entries.set(key, change);
    this.#tell(change);
    return this.#revision;
  }

  #tell(change: LeaseChange): void {
    for (const watcher of this.watchers) watcher(change);
  }
}

export function memoryLeases(book: LeaseBook = new LeaseBook()): Leases {
  const closing = new AbortController();
  const reached = (): LeaseBook => {
    if (!book.isAway && !closing.signal.aborted) return book;
    throw new Fault("leases-unavailable", "the leases cannot be reached", { retryable: true });
  };
  return {
    put: async (key, value, expected) => reached().change(key, expected, structuredClone(value)),
    remove: async (key, expected) => expected > 0 && reached().change(key, expected, undefined) !== undefined,
    list: async () => ({ entries: [...reached().entries.values()].filter(isEntry), asOf: book.revision }),
    watch: (signal) => watched(book, AbortSignal.any([signal, closing.signal])),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
    },
  };
}

async function* watched(book: LeaseBook, signal: AbortSignal): AsyncGenerator<LeaseChange> {
  const seen = new Map<string, number>();
  // The newest of each key, in the order of the changes.
  const waiting = new Map<string, LeaseChange>();
  let wake = Promise.withResolvers<undefined>();
  const hear = (change: LeaseChange): void => {
    if (change.revision <= (seen.get(change.key) ?? 0)) return;
    waiting.delete(change.key);
    waiting.set(change.key, change);
    wake.resolve(undefined);
  };
  const stop = (): void => {
    wake.resolve(undefined);
  };
  for (const change of book.entries.values()) hear(change);
  book.watchers.add(hear);
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const [next] = book.isAway ? [] : waiting.values();
      if (next === undefined) {
        await wake.promise;
        wake = Promise.withResolvers();
        continue;
      }
      waiting.delete(next.key);
      seen.set(next.key, next.revision);
      yield next;
    }
  } finally {
    book.watchers.delete(hear);
    signal.removeEventListener("abort", stop);
  }
}

function isEntry(change: LeaseChange): change is LeaseEntry {
  return change.value !== undefined;
}

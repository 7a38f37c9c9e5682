import type { Json } from "#events/json.ts";
import type { LeaseChange, LeaseList } from "#src/ports/leases.ts";

// What one process has seen of the leases, and for how long each has been as it is, by its own monotonic clock: clocks of
// machines differ, and a server says nothing of when.

interface Seen {
  readonly value: Json | undefined;
  readonly revision: number;
  /** Monotonic ms. */
  readonly since: number;
}

export class LeaseMirror {
  private readonly seen = new Map<string, Seen>();

  /** An older revision than the one that was seen says nothing. */
  take({ key, value, revision }: LeaseChange, now: number): void {
    if (revision <= (this.seen.get(key)?.revision ?? 0)) return;
    this.seen.set(key, { value, revision, since: now });
  }

  takeAll({ entries, asOf }: LeaseList, now: number): void {
    for (const entry of entries) this.take(entry, now);
    const there = new Set(entries.map(({ key }) => key));
    for (const [key, { value, revision }] of this.seen) {
      if (!there.has(key) && value !== undefined && revision <= asOf)
        this.seen.set(key, { value: undefined, revision, since: now });
    }
  }

  /** The revision to change the key at; 0 where it is not there. */
  revisionOf(key: string): number {
    const seen = this.seen.get(key);
    return seen?.value === undefined ? 0 : seen.revision;
  }

  valueOf(key: string): Json | undefined {
    return this.seen.get(key)?.value;
  }

  /** For how many ms the key was not changed; 0 where it was never seen. */
  unchangedMs(key: string, now: number): number {
    const seen = this.seen.get(key);
    return seen === undefined ? 0 : now - seen.since;
  }

  /** Keys with this prefix that are there, without it, and for how many ms each was not changed. */
  *under(prefix: string, now: number): Generator<{ readonly name: string; readonly unchangedMs: number }> {
    for (const [key, { value, since }] of this.seen) {
      if (value !== undefined && key.startsWith(prefix))
        yield { name: key.slice(prefix.length), unchangedMs: now - since };
    }
  }
}

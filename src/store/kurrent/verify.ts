import type { RecordedEvent } from "#events/envelope.ts";
import { eventIdOf } from "#events/ids.ts";
import type { EventReader } from "#src/ports/event-store.ts";
import type { Damage, VerifyOptions, VerifyReport } from "#src/store/verify-report.ts";

// Walks the log of a server and names what is wrong with it: each stream has every revision from 0. The bytes are the server's
// to check. It changes nothing. Memory: an entry a stream.

const MAX_DAMAGES = 1_000;
const PROGRESS_EVERY_EVENTS = 1_000;

/** Rejects with the signal's reason, and with the faults of a server that cannot be read. */
export async function verifyLog(
  events: Pick<EventReader, "readAll" | "head">,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const walk = new Walk();
  // Positions say how far it is.
  const total = (await events.head()) + 1;
  for await (const event of events.readAll()) {
    options.signal?.throwIfAborted();
    walk.see(event);
    if (walk.events % PROGRESS_EVERY_EVENTS === 0) options.onProgress?.({ checked: event.position + 1, total });
  }
  return walk.report();
}

class Walk {
  events = 0;
  private appends = 0;
  private position = -1;
  private readonly next = new Map<string, number>();
  private readonly damages: Damage[] = [];
  private truncated = false;

  see({ stream, revision, position, id, origin }: RecordedEvent): void {
    this.events++;
    // The first event of an append has its id.
    if (id === eventIdOf(origin.batch, 0)) this.appends++;
    const expected = this.next.get(stream) ?? 0;
    this.next.set(stream, revision + 1);
    if (revision !== expected) this.note({ stream, revision, position, message: textOf(expected, revision) });
    if (position <= this.position)
      this.note({ stream, revision, position, message: "it stands behind a later position" });
    this.position = position;
  }

  report(): VerifyReport {
    const { appends, events, damages, truncated } = this;
    return { streams: this.next.size, appends, events, damages, truncated, withoutChecksums: true };
  }

  private note(damage: Omit<Damage, "kind">): void {
    if (this.damages.length < MAX_DAMAGES) this.damages.push({ kind: "log", ...damage });
    else this.truncated = true;
  }
}

function textOf(expected: number, found: number): string {
  if (found < expected) return `revision ${found} is there twice`;
  return `revisions ${expected} to ${found - 1} are missing`;
}

/** For looking at what is kept beside the log, where damage loses nothing. */
export function asCacheDamage({ damages }: Pick<VerifyReport, "damages">): readonly Damage[] {
  return damages.map((damage) => ({ ...damage, kind: "cache" }));
}

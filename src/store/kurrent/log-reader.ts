import type { Filter } from "@kurrent/kurrentdb-client";
import type { RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { ReadAllOptions } from "#src/ports/event-store.ts";
import { answersOf } from "#src/store/kurrent/answers.ts";
import type { KurrentConnection } from "#src/store/kurrent/connection.ts";
import { positionOf, recordedOf, type Resolved } from "#src/store/kurrent/records.ts";
import type { ReaderOptions } from "#src/store/kurrent/stream-reader.ts";

// The whole log, both ways, at the leader.
//
// R1. The server reads backwards from a position exclusive; the port is inclusive.
// R2. The server refuses a position at which no event begins, and says no more than that it is unavailable: only positions that it
//     gave are asked for, and who goes on behind one reads it again and drops it.
// R3. The server filters by one thing; what else it has is left out here. So what comes may be less than what was asked for, and
//     asking goes on behind it.
// R4. A page ends when it is full or the log is, and a log may have much more of others' than of ours: who wants the last event of
//     ours asks for one, and for more at once only where that was not ours.

/** Events that are read at once at least when what came before was not ours. */
const MIN_WINDOW = 32;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export class LogReader {
  private readonly connection: KurrentConnection;
  private readonly namespace: string;

  constructor({ connection, namespace }: ReaderOptions) {
    this.connection = connection;
    this.namespace = namespace;
  }

  async *read(options: ReadAllOptions): AsyncGenerator<RecordedEvent> {
    const { direction = "forwards", limit = NO_LIMIT, from, typePrefix = "" } = options;
    if (limit <= 0) return;
    if (direction === "forwards") {
      const { after = -1 } = options;
      yield* this.onwards({ place: options.after ?? from ?? 0, after, typePrefix }, limit);
    } else if (from === undefined) {
      yield* this.backwards("end", { typePrefix, limit });
    } else {
      yield* this.backwardsFrom(from, { typePrefix, limit });
    }
  }

  /** Position of the last event of ours, -1 for none. */
  async head(): Promise<number> {
    for await (const { position } of this.backwards("end", { typePrefix: "", limit: 1 })) return position;
    return -1;
  }

  /** Whether the server answers, but not at this position (R2). */
  async lacks(position: number): Promise<boolean> {
    try {
      await this.head();
    } catch {
      return false;
    }
    try {
      await this.onwards({ place: position, after: -1, typePrefix: "" }, 1).next();
      return false;
    } catch (error) {
      return Fault.is(error, "store-unavailable");
    }
  }

  /** From a place on, and behind a position. */
  private async *onwards({ place, after, typePrefix }: Onwards, limit: number): AsyncGenerator<RecordedEvent> {
    // One more than is wanted: the first may be known.
    const maxCount = Math.min(limit, NO_LIMIT - 1) + 1;
    const fromPosition = place <= 0 ? ("start" as const) : placeOf(place);
    const options = { ...this.filtered(typePrefix), direction: "forwards", fromPosition, maxCount } as const;
    let [came, known, left] = [0, after, limit];
    for await (const resolved of answersOf(this.connection, (client) => client.readAll(options))) {
      came++;
      const position = placeIn(resolved);
      if (position === undefined || position <= known) continue;
      known = position;
      const event = recordedOf(resolved, this.namespace);
      if (event === undefined) continue;
      yield event;
      if (--left <= 0) return;
    }
    if (came === maxCount) yield* this.onwards({ place: known, after: known, typePrefix }, left);
  }

  private async *backwardsFrom(from: number, { typePrefix, limit }: Backwards): AsyncGenerator<RecordedEvent> {
    let left = limit;
    for await (const event of this.onwards({ place: from, after: -1, typePrefix }, 1)) {
      if (event.position !== from) break;
      left--;
      yield event;
    }
    if (from > 0 && left > 0) yield* this.backwards(placeOf(from), { typePrefix, limit: left });
  }

  private async *backwards(
    fromPosition: "end" | Place,
    { typePrefix, limit }: Backwards,
    atOnce = 1,
  ): AsyncGenerator<RecordedEvent> {
    const maxCount = Math.max(limit, atOnce);
    const options = { ...this.filtered(typePrefix), direction: "backwards", fromPosition, maxCount } as const;
    let [came, left] = [0, limit];
    let last: number | undefined;
    for await (const resolved of answersOf(this.connection, (client) => client.readAll(options))) {
      came++;
      last = placeIn(resolved);
      const event = recordedOf(resolved, this.namespace);
      if (event === undefined) continue;
      yield event;
      if (--left <= 0) return;
    }
    if (came < maxCount || last === undefined) return;
    yield* this.backwards(placeOf(last), { typePrefix, limit: left }, MIN_WINDOW);
  }

  private filtered(typePrefix: string): KurrentConnection["asReader"] & { readonly filter: Filter } {
    const filter = typePrefix === "" ? streamsWith(this.namespace) : typesWith(typePrefix);
    return { filter, ...this.connection.asReader };
  }
}

interface Onwards {
  readonly place: number;
  readonly after: number;
  readonly typePrefix: string;
}

interface Backwards {
  readonly typePrefix: string;
  readonly limit: number;
}

interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Events of ours: an append has no commit record of its own, so both halves of a position are the same. */
export function placeOf(position: number): Place {
  return { commit: BigInt(position), prepare: BigInt(position) };
}

function placeIn({ event }: Resolved): number | undefined {
  return event?.position === undefined ? undefined : positionOf(event.position.commit);
}

/** Our streams; without a namespace all that are not the server's own. */
export function streamsWith(prefix: string): Filter {
  const common = { filterOn: "streamName" as const, checkpointInterval: 1 };
  return prefix === "" ? { ...common, regex: "^[^$]" } : { ...common, prefixes: [prefix] };
}

function typesWith(prefix: string): Filter {
  return { filterOn: "eventType", checkpointInterval: 1, prefixes: [prefix] };
}

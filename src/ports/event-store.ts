import type { Batch, RecordedEvent } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import type { StreamName } from "#events/streams.ts";

// The log: the only durable thing. Every implementation and its in-memory twin pass test/contracts/event-store.ts.
//
// S1. An append is all or nothing, and returns after it is durable.
// S2. The identical batch (id, stream, expected revision, events) sent again is answered with the first answer, however
//     much was appended since; the same id at the same expected revision with other content is a fault `batch-mismatch`.
// S3. Revisions of a stream are 0, 1, 2 … without gap; positions grow with every event of the whole log, and a reader
//     that has seen position p never later finds an event below p that it had not seen.
// S4. A subscription delivers every event after the given position exactly once and in order, live or not.
// S5. A position is a place, not a count: who goes on behind an event gives its position. One of no event may be refused.

export interface AppendResult {
  /** Revision of the stream's last event after this append. */
  readonly revision: number;
  /** Position of the append's last event. */
  readonly position: number;
}

export interface ReadOptions {
  /** First revision (or, of the whole log, position) to read, inclusive. Forwards from 0, backwards from the end by default. */
  readonly from?: number;
  readonly direction?: "forwards" | "backwards";
  /** At most this many events. */
  readonly limit?: number;
}

export interface ReadAllOptions extends ReadOptions {
  /** Only events whose type begins with this; for reading forwards. */
  readonly typePrefix?: string;
  /** Position of the last event that is known already, -1 for none; for reading forwards, in place of `from`. */
  readonly after?: number;
}

export interface SubscribeOptions {
  /** Position of the last event already processed; -1 for everything. */
  readonly after: number;
  /** Only streams whose names begin with this. */
  readonly streamPrefix?: string;
  readonly signal: AbortSignal;
}

/**
 * What a process that does not hold the store can do with it. Faults of all: `store-damaged`, `store-unavailable`; of a server
 * also `store-access-denied`.
 */
export interface EventReader {
  /** Other processes may append as well, and positions have gaps. Without it one process appends, and positions count events from 0. */
  readonly isShared?: boolean;
  /** Events of one stream; nothing for a stream that does not exist. */
  read(stream: StreamName, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent>;
  /**
   * Ends when the signal is aborted or the store is closed. A slow consumer slows nobody down: it is served from the
   * log, with bounded buffers. Fault: `bad-position`.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent>;
  /** Revision of the stream's last event, -1 where there is none. */
  revision(stream: StreamName): Promise<number>;
  /** Position of the log's last event, -1 for an empty log. */
  head(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EventStore extends EventReader {
  /**
   * Faults: `stream-conflict`, `batch-mismatch`, `batch-too-large`, `batch-malformed`; nothing was written: `store-full`,
   * `store-unavailable`, `store-damaged`; it may have been written, send the identical batch again: `append-unknown`.
   */
  append(batch: Batch): Promise<AppendResult>;
}

/** Somebody else wrote to the stream: the writer's state is out of date. */
export class StreamConflict extends Fault<"stream-conflict"> {
  constructor(stream: StreamName, expectedRevision: number, actualRevision: number) {
    super("stream-conflict", `${stream} is at revision ${actualRevision}, not at ${expectedRevision}`, {
      details: { stream, expectedRevision, actualRevision },
    });
  }
}

import type { BatchId, EventId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";

// What surrounds a fact. All events of one append share one origin, which is therefore stored once an append.
// Stores keep and return these shapes whole; nothing in them depends on which fact is inside.

/** Who asked for it and why; equal for every event of an append. */
export interface Origin {
  readonly batch: BatchId;
  /** Milliseconds since the epoch, on the writer's clock. */
  readonly occurredAt: number;
  readonly tenant: string;
  /** Ties together everything that one request led to. */
  readonly correlation: string;
  /** The command or event that this append answers. */
  readonly causation?: string;
  readonly command?: string;
  /** Authenticated principal, e.g. `os:alice`; `system` for the runtime's own decisions. */
  readonly actor: string;
  readonly traceparent?: string;
}

/** An event as it is written: its type, the version of its schema, and data that JSON carries. */
export interface EncodedEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Json;
}

/** An event as a store gives it back. `revision` counts within the stream from 0, `position` within the whole log. */
export interface RecordedEvent extends EncodedEvent {
  readonly id: EventId;
  readonly stream: StreamName;
  readonly revision: number;
  readonly position: number;
  readonly origin: Origin;
}

/** One append: all or nothing. `expectedRevision` is the stream's last revision, -1 for a stream that must not exist. */
export interface Batch {
  readonly id: BatchId;
  readonly stream: StreamName;
  readonly expectedRevision: number;
  readonly origin: Origin;
  readonly events: readonly EncodedEvent[];
}

export const NO_STREAM = -1;
export const MAX_BATCH_BYTES = 512 * 1024;

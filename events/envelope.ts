import { z } from "zod";
import { batchId, type BatchId, type EventId } from "#events/ids.ts";
import type { Json } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";

// What surrounds a fact. All events of one append share one origin, which is therefore stored once an append.

/** Who asked for it and why; equal for every event of an append. */
export const origin = z.object({
  batch: batchId,
  /** Milliseconds since the epoch, on the writer's clock. */
  occurredAt: z.number(),
  tenant: z.string().default("default"),
  /** Ties together everything that one request led to. */
  correlation: z.string(),
  /** The command or event that this append answers. */
  causation: z.string().optional(),
  command: z.string().optional(),
  /** Authenticated principal, e.g. `os:alice`; `system` for the runtime's own decisions. */
  actor: z.string(),
  traceparent: z.string().optional(),
});
export type Origin = z.infer<typeof origin>;

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

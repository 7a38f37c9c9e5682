import type { AllStreamResolvedEvent, EventData, ResolvedEvent } from "@kurrent/kurrentdb-client";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import type { Batch, Origin, RecordedEvent } from "#events/envelope.ts";
import { eventIdOf, type BatchId, type EventId } from "#events/ids.ts";
import { jsonObject, type Json, type JsonObject } from "#events/json.ts";
import type { StreamName } from "#events/streams.ts";
import type { EncodedBatch } from "#src/store/batch.ts";

// An event of ours as the server keeps it: data as JSON, and around it in its metadata what the envelope says.
//
// K1. The names that the server knows are used ($correlationId, $causationId), so that its own projections and its web page can
//     follow a request.
// K2. What follows from elsewhere is left out: the batch from the event's id, the default tenant.
// K3. All of it is made into text before it is handed over: what JSON cannot carry would become a rejection that nobody handles, or a call
//     that never ends. `encodeBatch` has done so with the same batch, and refuses it.

const DEFAULT_TENANT = "default";
/** The last byte of an event's id is its place in its batch. */
const DIGITS_OF_PLACE = 2;

/** Facts are objects: the client's type leaves out what else JSON can carry. */
const storedEvent = z.tuple([z.string(), z.int(), jsonObject]);

const metadata = z.object({
  $correlationId: z.string(),
  $causationId: z.string().exactOptional(),
  at: z.number(),
  actor: z.string(),
  v: z.int(),
  tenant: z.string().exactOptional(),
  command: z.string().exactOptional(),
  traceparent: z.string().exactOptional(),
});
type Metadata = z.infer<typeof metadata>;

/** An event as one of the client's read or subscription calls gives it. */
export type Resolved = Pick<ResolvedEvent | AllStreamResolvedEvent, "event">;

/** The events of a batch as they are sent, made from its text. */
export function recordsOf({ events }: EncodedBatch, { id, origin }: Batch): EventData[] {
  const around = metadataOf(origin);
  const parsed = z.array(storedEvent).parse(JSON.parse(events));
  return parsed.map(([type, v, data], index) => ({
    id: eventIdOf(id, index),
    contentType: "application/json" as const,
    type,
    data,
    metadata: { ...around, v },
  }));
}

/** The event, or undefined for one that another program wrote. `namespace` is what stands before our names of streams. */
export function recordedOf({ event }: Resolved, namespace: string): RecordedEvent | undefined {
  if (event?.position === undefined || !event.streamId.startsWith(namespace)) return undefined;
  const read = metadata.safeParse(event.metadata);
  if (!read.success) return undefined;
  return {
    id: event.id as EventId,
    stream: event.streamId.slice(namespace.length) as StreamName,
    revision: Number(event.revision),
    position: positionOf(event.position.commit),
    type: event.type,
    schemaVersion: read.data.v,
    data: event.data as Json,
    origin: originOf(read.data, event.id),
  };
}

/** Positions are bytes of the server's log. Fault `store-damaged` beyond what a number holds: nine petabytes. */
export function positionOf(position: bigint): number {
  if (position <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(position);
  throw new Fault("store-damaged", `position ${position} of the log is beyond what a number can hold`);
}

function metadataOf({ correlation, causation, occurredAt, actor, tenant, command, traceparent }: Origin): JsonObject {
  return {
    $correlationId: correlation,
    ...(causation === undefined ? {} : { $causationId: causation }),
    at: occurredAt,
    actor,
    ...(tenant === DEFAULT_TENANT ? {} : { tenant }),
    ...(command === undefined ? {} : { command }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function originOf({ $correlationId, $causationId, at, v: _v, tenant, ...rest }: Metadata, id: string): Origin {
  return {
    ...rest,
    batch: `${id.slice(0, -DIGITS_OF_PLACE)}00` as BatchId,
    occurredAt: at,
    tenant: tenant ?? DEFAULT_TENANT,
    correlation: $correlationId,
    ...($causationId === undefined ? {} : { causation: $causationId }),
  };
}

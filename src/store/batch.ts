import { MAX_BATCH_BYTES, type Batch, type Origin } from "#events/envelope.ts";
import { Fault } from "#events/fault.ts";
import { eventIdOf, MAX_EVENTS_PER_BATCH, type BatchId } from "#events/ids.ts";
import { isJsonObject, type Json } from "#events/json.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import type { StreamName } from "#events/streams.ts";

// The text in which both stores keep an append: JSON made once, when the batch arrives, and parsed when it is read.
//
// B1. What follows from elsewhere is left out of the origin: the batch id, the default tenant, the time (each has its
//     own column), and the correlation of a plan's stream where it is the plan's id.
// B2. Equal batches have equal texts, so that a batch sent again is recognized by comparing them.

/** An append as it is stored. `origin` and `events` are compact JSON. */
export interface StoredAppend {
  readonly batch: BatchId;
  readonly stream: StreamName;
  /** Revision and position of the append's first event. */
  readonly revision: number;
  readonly position: number;
  readonly count: number;
  readonly occurredAt: number;
  readonly origin: string;
  readonly events: string;
}

export type EncodedBatch = Omit<StoredAppend, "position">;

const CANONICAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DEFAULT_TENANT = "default";
/** Length of `plan-` + partition + `-`, after which a plan's stream has the plan's id. */
const PLAN_ID_AT = 8;
const LEFT_OUT = 0;

/** Faults: `batch-too-large`, `batch-malformed`. */
export function encodeBatch(batch: Batch): EncodedBatch {
  const count = batch.events.length;
  if (count === 0) throw malformed(batch, "has no events");
  if (!CANONICAL_UUID.test(batch.id)) throw malformed(batch, "has an id that is not a lower-case UUID");
  if (batch.origin.batch !== batch.id) throw malformed(batch, "has an origin that names another batch");
  if (!Number.isFinite(batch.origin.occurredAt)) throw malformed(batch, "has no time");
  if (count > MAX_EVENTS_PER_BATCH) throw tooLarge(batch, `${count} events, the limit is ${MAX_EVENTS_PER_BATCH}`);
  const events = JSON.stringify(batch.events.map((event) => [event.type, event.schemaVersion, event.data]));
  const bytes = Buffer.byteLength(events);
  if (bytes > MAX_BATCH_BYTES) throw tooLarge(batch, `${bytes} bytes, the limit is ${MAX_BATCH_BYTES}`);
  return {
    batch: batch.id,
    stream: batch.stream,
    revision: batch.expectedRevision + 1,
    count,
    occurredAt: batch.origin.occurredAt,
    origin: encodeOrigin(batch.origin, batch.stream),
    events,
  };
}

/** Whether the append is this batch, sent before. A fault `batch-mismatch` when only the id is the same. */
export function isRepeat(stored: StoredAppend, sent: EncodedBatch): boolean {
  if (stored.batch !== sent.batch) return false;
  const same = stored.events === sent.events && stored.origin === sent.origin && stored.occurredAt === sent.occurredAt;
  if (same) return true;
  throw new Fault("batch-mismatch", `batch ${sent.batch} was appended to ${sent.stream} with other content`, {
    details: { batch: sent.batch, stream: sent.stream, revision: stored.revision },
  });
}

/** The append's events; throws a SyntaxError or TypeError where the texts are not what `encodeBatch` makes. */
export function decodeAppend(stored: StoredAppend): RecordedEvent[] {
  const entries = arrayOf(JSON.parse(stored.events));
  if (entries.length !== stored.count) {
    throw new TypeError(`the append has ${entries.length} events where ${stored.count} were written`);
  }
  const origin = decodeOrigin(stored);
  return entries.map((entry, index) => {
    const [type, schemaVersion, data] = arrayOf(entry);
    if (typeof type !== "string" || typeof schemaVersion !== "number" || data === undefined) {
      throw new TypeError(`event ${index} of the append has no type, version or data`);
    }
    return {
      id: eventIdOf(stored.batch, index),
      stream: stored.stream,
      revision: stored.revision + index,
      position: stored.position + index,
      type,
      schemaVersion,
      data,
      origin,
    };
  });
}

function encodeOrigin(origin: Origin, stream: StreamName): string {
  const fields = [
    origin.correlation === stream.slice(PLAN_ID_AT) ? LEFT_OUT : origin.correlation,
    origin.actor,
    origin.causation ?? LEFT_OUT,
    origin.command ?? LEFT_OUT,
    origin.tenant === DEFAULT_TENANT ? LEFT_OUT : origin.tenant,
    origin.traceparent ?? LEFT_OUT,
  ];
  while (fields.at(-1) === LEFT_OUT) fields.pop();
  return JSON.stringify(fields);
}

function decodeOrigin(stored: StoredAppend): Origin {
  const [correlation, actor, causation, command, tenant, traceparent] = arrayOf(JSON.parse(stored.origin));
  if (typeof actor !== "string") throw new TypeError("the append's origin has no actor");
  return {
    batch: stored.batch,
    occurredAt: stored.occurredAt,
    tenant: typeof tenant === "string" ? tenant : DEFAULT_TENANT,
    correlation: typeof correlation === "string" ? correlation : stored.stream.slice(PLAN_ID_AT),
    actor,
    ...(typeof causation === "string" && { causation }),
    ...(typeof command === "string" && { command }),
    ...(typeof traceparent === "string" && { traceparent }),
  };
}

function arrayOf(value: unknown): readonly Json[] {
  if (!Array.isArray(value))
    throw new TypeError(`the append has ${isJsonObject(value) ? "an object" : "a scalar"} for a list`);
  return value as readonly Json[];
}

function malformed(batch: Batch, what: string): Fault {
  return new Fault("batch-malformed", `batch ${batch.id} for ${batch.stream} ${what}`, {
    details: { batch: batch.id, stream: batch.stream },
  });
}

function tooLarge(batch: Batch, what: string): Fault {
  return new Fault("batch-too-large", `batch ${batch.id} for ${batch.stream} has ${what}`, {
    details: { batch: batch.id, stream: batch.stream },
  });
}

import { hash } from "node:crypto";
import type { BatchId } from "#events/ids.ts";
import type { StreamName } from "#events/streams.ts";
import type { StoredAppend } from "#src/store/batch.ts";

// A row of `appends` and its checksum.
//
// R1. A checksum covers the stream's checksum before it and everything of the row, position included; the first one
//     covers the stream's name. A row that was changed, moved, left out or put elsewhere breaks the chain at its place.

export interface AppendRow extends StoredAppend {
  /** 32 hex digits. */
  readonly checksum: string;
}

export const ROW_COLUMNS = "a.position, a.revision, a.count, a.batch, a.at, a.origin, a.events, a.checksum";

/** Bytes of SHA-256 that a row keeps: 128 bits, against damage and careless edits. */
const CHECKSUM_BYTES = 16;

/** The row as SQLite gave it. TypeError where a value has another type than was written. */
export function rowOf(raw: Readonly<Record<string, unknown>>, stream: StreamName): AppendRow {
  const { position, revision, count, batch, at, origin, events, checksum } = raw;
  if (typeof position !== "number" || typeof revision !== "number" || typeof count !== "number") throw wrong();
  if (typeof at !== "number" || typeof origin !== "string" || typeof events !== "string") throw wrong();
  if (!(batch instanceof Uint8Array) || !(checksum instanceof Uint8Array)) throw wrong();
  return {
    batch: uuidOf(batch),
    stream,
    revision,
    position,
    count,
    occurredAt: at,
    origin,
    events,
    checksum: hexOf(checksum),
  };
}

/** Values in the order of the table's columns. */
export function valuesOf(append: StoredAppend, streamId: number, checksum: string): (number | string | Uint8Array)[] {
  return [
    append.position,
    streamId,
    append.revision,
    append.count,
    Buffer.from(append.batch.replaceAll("-", ""), "hex"),
    append.occurredAt,
    append.origin,
    append.events,
    Buffer.from(checksum, "hex"),
  ];
}

/** `previous` is the checksum of the stream's append before, or the stream's name. */
export function checksumOf(previous: string, append: StoredAppend): string {
  const { position, revision, count, batch, occurredAt, origin, events } = append;
  const content = `${previous}\n${position}\n${revision}\n${count}\n${batch}\n${occurredAt}\n${origin}\n${events}`;
  return hash("sha256", content).slice(0, CHECKSUM_BYTES * 2);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function uuidOf(bytes: Uint8Array): BatchId {
  const hex = hexOf(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as BatchId;
}

function wrong(): TypeError {
  return new TypeError("a value of the row has another type than was written");
}

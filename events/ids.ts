import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { Fault } from "#events/fault.ts";
import { sha256Hex } from "#events/sha256.ts";

// Branded identifiers. Ids are made from time and random bytes that a port supplied, or follow from other facts by hash;
// nothing here reads a clock or draws a number.
//
// I1. An event's id is its batch's id with the event's index in the last byte: an append has at most 256 events, so the
//     same batch always names the same events, and a batch stores one id instead of 256.

export const planId = z.uuid().brand<"PlanId">();
export type PlanId = z.infer<typeof planId>;

/** Id of one append, and of the events in it (see I1). A UUIDv7 whose last byte is 0. */
export const batchId = z.uuid().brand<"BatchId">();
export type BatchId = z.infer<typeof batchId>;

export type EventId = string & { readonly __brand: "EventId" };

/** One incarnation of an executor process: a restart is another executor. */
export const executorId = z.string().min(1).max(200).brand<"ExecutorId">();
export type ExecutorId = z.infer<typeof executorId>;

/** One incarnation of a process that owns plans: a restart is another coordinator. */
export const coordinatorId = z.string().min(1).max(200).brand<"CoordinatorId">();
export type CoordinatorId = z.infer<typeof coordinatorId>;

export const RANDOM_BYTES_PER_ID = 10;
export const MAX_EVENTS_PER_BATCH = 256;

/** UUIDv7 (RFC 9562, 5.7) from milliseconds since the epoch and ten random bytes. */
export function uuidV7(nowMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(nowMs / 0x1_0000));
  view.setUint16(4, nowMs % 0x1_0000);
  bytes.set(random.subarray(0, RANDOM_BYTES_PER_ID), 6);
  return formatUuid(bytes, 0x70);
}

/** UUIDv8 (RFC 9562, 5.8) from the SHA-256 of what the id follows from, for ids that must be found again. */
export function uuidV8(...parts: readonly string[]): string {
  return formatUuid(hexToBytes(sha256Hex(JSON.stringify(parts)).slice(0, 32)), 0x80);
}

export function newPlanId(nowMs: number, random: Uint8Array): PlanId {
  return uuidV7(nowMs, random) as PlanId;
}

export function newBatchId(nowMs: number, random: Uint8Array): BatchId {
  return `${uuidV7(nowMs, random).slice(0, -2)}00` as BatchId;
}

export function eventIdOf(batch: BatchId, index: number): EventId {
  if (index < 0 || index >= MAX_EVENTS_PER_BATCH) {
    throw new Fault("batch-index-out-of-range", `event ${index} does not fit into a batch of ${MAX_EVENTS_PER_BATCH}`);
  }
  return `${batch.slice(0, -2)}${index.toString(16).padStart(2, "0")}` as EventId;
}

function formatUuid(source: Uint8Array, version: number): string {
  const bytes = Uint8Array.from(source);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | version;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

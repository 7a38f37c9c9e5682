import type { RecordedEvent } from "#events/envelope.ts";
import type { ViewColumns, ViewId } from "#src/ports/view-store.ts";
import { decodeAppend, type StoredAppend } from "#src/store/batch.ts";

// What an in-memory store holds, apart from the handle that reads and writes it: a test that keeps the contents and opens
// a new handle has restarted the process and kept the disk.

/** A position of the log: the append that it belongs to and its place in it. */
export interface Slot {
  readonly append: StoredAppend;
  readonly index: number;
}

interface StoredSnapshot {
  readonly version: string;
  readonly revision: number;
  readonly state: string;
}

export interface StoredView {
  readonly view: ViewId;
  checkpoint: number;
  /** By key; `document` is JSON text. */
  readonly documents: Map<string, ViewColumns & { readonly document: string }>;
}

export interface MemoryContents {
  /** By position. */
  readonly log: Slot[];
  /** By stream name, then by revision. */
  readonly streams: Map<string, Slot[]>;
  /** By stream name, newest last. */
  readonly snapshots: Map<string, readonly StoredSnapshot[]>;
  /** By name and version. */
  readonly views: Map<string, StoredView>;
}

export function createMemoryContents(): MemoryContents {
  return { log: [], streams: new Map(), snapshots: new Map(), views: new Map() };
}

/** The events at these slots, made anew from their text: what a reader does to them changes nothing here. */
export function eventsAt(slots: readonly Slot[]): RecordedEvent[] {
  const decoded = new Map<StoredAppend, readonly RecordedEvent[]>();
  return slots.flatMap(({ append, index }) => {
    const events = decoded.get(append) ?? decodeAppend(append);
    decoded.set(append, events);
    return events.slice(index, index + 1);
  });
}

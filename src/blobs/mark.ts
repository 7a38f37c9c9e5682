import { assertKnown } from "#events/catalog.ts";
import { citationsIn, type Citation } from "#events/citations.ts";
import { Fault } from "#events/fault.ts";
import type { RecordedEvent } from "#events/envelope.ts";
import { citedByParts } from "#src/blobs/list-parts.ts";
import { RefSet } from "#src/blobs/ref-set.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";
import type { EventReader } from "#src/ports/event-store.ts";

// The mark of mark and sweep: every blob that a fact of the log cites, also through lists.
//
// M1. The log alone decides. Snapshots and views are made from it: what only they would cite can be lost.
// M2. What cannot be read may cite anything: a list whose blob is gone, or a fact that this version does not know, ends the
//     mark with a fault, and nothing is swept.
// M3. Memory is 16 to 24 bytes a cited blob and one page of the log (see RefSet).

export interface CitingStore {
  readonly events: Pick<EventReader, "readAll" | "head">;
  readonly blobs: Pick<BlobStore, "get">;
}

export interface WalkOptions {
  readonly signal?: AbortSignal;
  /** Called now and then; `total` is in the same unit as `checked`. */
  readonly onProgress?: (progress: { readonly checked: number; readonly total: number }) => void;
}

const PROGRESS_EVERY_EVENTS = 1_000;

/** Faults: `citations-unknown`, and those of reading the log. */
export async function markCited({ events, blobs }: CitingStore, options: WalkOptions = {}): Promise<RefSet> {
  // Positions say how far it is, whether they are counted one by one or not.
  const total = (await events.head()) + 1;
  const marked = new RefSet();
  const lists = new RefSet();
  let checked = 0;
  const mark = async (event: RecordedEvent): Promise<void> => {
    for (const { ref, isList } of citationsOf(event)) {
      marked.add(ref);
      if (!isList || !lists.add(ref)) continue;
      for (const part of await citedByParts(ref, blobs)) marked.add(part.ref);
    }
  };
  for await (const event of events.readAll()) {
    options.signal?.throwIfAborted();
    await mark(event).catch((cause: unknown) => {
      throw unknownCitations(event, cause);
    });
    if (++checked % PROGRESS_EVERY_EVENTS === 0) options.onProgress?.({ checked: event.position + 1, total });
  }
  options.onProgress?.({ checked: total, total });
  return marked;
}

function citationsOf(event: RecordedEvent): Iterable<Citation> {
  assertKnown(event);
  return citationsIn(event.data);
}

function unknownCitations({ stream, revision }: RecordedEvent, cause: unknown): Fault<"citations-unknown"> {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Fault("citations-unknown", `${stream} at revision ${revision}: ${why}; nothing was removed`, {
    cause,
    details: { stream, revision },
  });
}

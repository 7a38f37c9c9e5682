import { citationsIn, type Citation } from "#events/citations.ts";
import { Fault } from "#events/fault.ts";
import type { BlobRef } from "#events/payload.ts";
import type { BlobStore } from "#src/ports/blob-store.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What the parts of a list cite. Faults: `blob-missing`, `blob-damaged`. */
export async function citedByParts(list: BlobRef, blobs: Pick<BlobStore, "get">): Promise<readonly Citation[]> {
  const bytes = await blobs.get(list);
  try {
    const parts: unknown = JSON.parse(decoder.decode(bytes));
    return [...citationsIn(parts)];
  } catch (cause) {
    throw new Fault("blob-damaged", `blob ${list} is no list of parts`, { cause, details: { blob: list } });
  }
}

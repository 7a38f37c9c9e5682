import { blobRef, type BlobRef } from "#events/payload.ts";

// Which blobs a fact cites: whatever stands under `blob` or `list` and reads as a reference, however deep. It looks at the
// JSON as it is stored and needs no schema, so that a field which this version does not know is not overlooked.
//
// C1. What users bring (`inline` values, `details` of errors) is not looked into: it may look like anything.
// C2. A list cites the blob of its parts, and the blobs that its parts cite: whoever needs all opens that blob too.

export interface Citation {
  readonly ref: BlobRef;
  /** The blob holds the parts of a list, which may cite further blobs. */
  readonly isList: boolean;
}

const USERS_OWN: ReadonlySet<string> = new Set(["inline", "details"]);

/** In the data of an event, or in the parts of a list; one that is cited twice comes twice. */
export function* citationsIn(source: unknown): Generator<Citation> {
  if (typeof source !== "object" || source === null) return;
  for (const [key, part] of Object.entries(source)) {
    if (USERS_OWN.has(key)) continue;
    const isNamed = key === "blob" || key === "list";
    const named = isNamed ? blobRef.safeParse(part) : undefined;
    if (named?.success === true) yield { ref: named.data, isList: key === "list" };
    else yield* citationsIn(part);
  }
}

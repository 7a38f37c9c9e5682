import type { Json } from "#events/json.ts";

// Documents of keyed views. They can always be built again from the log, so losing some costs time, never facts.
//
// V1. Documents and checkpoint are saved together: after a crash both are old or both are new.
// V2. Another version of a view is another view: the old one stays readable while the new one is built.

export interface ViewId {
  readonly name: string;
  readonly version: number;
}

/** What `list` selects and orders by, beside the key. */
export interface ViewColumns {
  /** One word, e.g. `running`. */
  readonly tag: string;
  /** Documents are listed by it, and by key where it is equal. */
  readonly rank: number;
}

export interface ViewChange extends ViewColumns {
  readonly key: string;
  /** Null removes the document. */
  readonly document: Json;
}

export interface ViewDocument extends ViewColumns {
  readonly key: string;
  readonly document: Json;
}

/** Where a document stands in the order of its view. */
export type ViewPlace = Pick<ViewDocument, "rank" | "key">;

export interface ViewListOptions {
  /** Only documents with one of these tags. */
  readonly tags?: readonly string[];
  readonly limit: number;
  /** The last document of the page before. */
  readonly after?: ViewPlace;
  /** Backwards begins with the highest rank; forwards by default. */
  readonly direction?: "forwards" | "backwards";
}

/** A version of a view for which something was saved. */
export interface SavedVersion {
  readonly version: number;
  readonly checkpoint: number;
}

/** Faults: `view-damaged` (drop the view and build it again), `store-unavailable`. */
export interface ViewReader {
  /** Position of the last event that the saved documents include, -1 where nothing was saved. */
  checkpoint(view: ViewId): Promise<number>;
  get(view: ViewId, key: string): Promise<Json | undefined>;
  /** Documents in the order of rank and key (by code point). */
  list(view: ViewId, options: ViewListOptions): Promise<readonly ViewDocument[]>;
  /** The saved versions of a view, the oldest first. */
  versions(name: string): Promise<readonly SavedVersion[]>;
}

export interface ViewStore extends ViewReader {
  /** Applies the changes in order. Faults: `store-full`, `store-unavailable`. */
  save(view: ViewId, changes: readonly ViewChange[], checkpoint: number): Promise<void>;
  /** Removes a version of a view and its checkpoint. */
  drop(view: ViewId): Promise<void>;
}

import type { Json } from "#events/json.ts";

// Documents of keyed views. They can always be built again from the log, so losing some costs time, never facts.
//
// V1. Documents and checkpoint are saved together: after a crash both are old or both are new.
// V2. Another version of a view is another view: the old one stays readable while the new one is built.

export interface ViewId {
  readonly name: string;
  readonly version: number;
}

export interface ViewChange {
  readonly key: string;
  /** One indexed word, e.g. `live`, by which `list` selects. */
  readonly tag: string;
  /** Null removes the document. */
  readonly document: Json;
}

export interface ViewDocument {
  readonly key: string;
  readonly tag: string;
  readonly document: Json;
}

export interface ViewListOptions {
  readonly tag?: string;
  readonly limit: number;
  /** The last key of the page before. */
  readonly after?: string;
}

/** Faults: `view-damaged` (drop the view and build it again), `store-unavailable`. */
export interface ViewReader {
  /** Position of the last event that the saved documents include, -1 where nothing was saved. */
  checkpoint(view: ViewId): Promise<number>;
  get(view: ViewId, key: string): Promise<Json | undefined>;
  /** Documents in the order of their keys (by code point). */
  list(view: ViewId, options: ViewListOptions): Promise<readonly ViewDocument[]>;
}

export interface ViewStore extends ViewReader {
  /** Applies the changes in order. Faults: `store-full`, `store-unavailable`. */
  save(view: ViewId, changes: readonly ViewChange[], checkpoint: number): Promise<void>;
  /** Removes a version of a view and its checkpoint. */
  drop(view: ViewId): Promise<void>;
}

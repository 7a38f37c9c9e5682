import type { Json } from "#events/json.ts";
import type { ViewChange, ViewDocument, ViewId, ViewListOptions, ViewStore } from "#src/ports/view-store.ts";
import type { MemoryContents, StoredView } from "#src/store/memory/contents.ts";

// The in-memory twin of the view tables. Documents are kept as text, as the tables keep them.
// So whoever changes what was saved, or what was read, changes nothing that is stored.

export class MemoryViewStore implements ViewStore {
  readonly #contents: MemoryContents;

  constructor(contents: MemoryContents) {
    this.#contents = contents;
  }

  async checkpoint(view: ViewId): Promise<number> {
    return this.#find(view)?.checkpoint ?? -1;
  }

  async get(view: ViewId, key: string): Promise<Json | undefined> {
    const found = this.#find(view)?.documents.get(key);
    return found && (JSON.parse(found.document) as Json);
  }

  async list(view: ViewId, { tag, limit, after }: ViewListOptions): Promise<readonly ViewDocument[]> {
    const entries = [...(this.#find(view)?.documents ?? [])];
    return entries
      .filter(
        ([key, kept]) => (tag === undefined || kept.tag === tag) && (after === undefined || codePoints(key, after) > 0),
      )
      .sort(([left], [right]) => codePoints(left, right))
      .slice(0, limit)
      .map(([key, kept]) => ({ key, tag: kept.tag, document: JSON.parse(kept.document) as Json }));
  }

  async save(view: ViewId, changes: readonly ViewChange[], checkpoint: number): Promise<void> {
    const stored = this.#find(view) ?? { checkpoint: -1, documents: new Map() };
    for (const { key, tag, document } of changes) {
      if (document === null) stored.documents.delete(key);
      else stored.documents.set(key, { tag, document: JSON.stringify(document) });
    }
    stored.checkpoint = checkpoint;
    this.#contents.views.set(nameOf(view), stored);
  }

  async drop(view: ViewId): Promise<void> {
    this.#contents.views.delete(nameOf(view));
  }

  #find(view: ViewId): StoredView | undefined {
    return this.#contents.views.get(nameOf(view));
  }
}

function nameOf(view: ViewId): string {
  return `${view.name}@${view.version}`;
}

/** Order of the texts' UTF-8 bytes, in which the embedded store's index has them. */
function codePoints(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

import type { Json } from "#events/json.ts";
import { firstOf } from "#src/ports/view-order.ts";
import type {
  SavedVersion,
  ViewChange,
  ViewDocument,
  ViewId,
  ViewListOptions,
  ViewStore,
} from "#src/ports/view-store.ts";
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

  async list(view: ViewId, { tags, ...options }: ViewListOptions): Promise<readonly ViewDocument[]> {
    const entries = [...(this.#find(view)?.documents ?? [])]
      .map(([key, kept]) => ({ key, ...kept }))
      .filter(({ tag }) => tags === undefined || tags.includes(tag));
    return firstOf(entries, options).map(({ document, ...placed }) => {
      return { ...placed, document: JSON.parse(document) as Json };
    });
  }

  async versions(name: string): Promise<readonly SavedVersion[]> {
    return [...this.#contents.views.values()]
      .filter((stored) => stored.view.name === name)
      .map(({ view, checkpoint }) => ({ version: view.version, checkpoint }))
      .sort((left, right) => left.version - right.version);
  }

  async save(view: ViewId, changes: readonly ViewChange[], checkpoint: number): Promise<void> {
    const { name, version } = view;
    const stored: StoredView = this.#find(view) ?? { view: { name, version }, checkpoint: -1, documents: new Map() };
    for (const { key, tag, rank, document } of changes) {
      if (document === null) stored.documents.delete(key);
      else stored.documents.set(key, { tag, rank, document: JSON.stringify(document) });
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

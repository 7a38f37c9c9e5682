import type { Json } from "#events/json.ts";
import type { KeyedView, ViewedFact } from "#projections/keyed-view.ts";
import { firstOf } from "#src/ports/view-order.ts";
import { NewestDocuments } from "#src/projecting/newest-documents.ts";
import type { LogStretch } from "#src/projecting/viewed-log.ts";
import type { ViewChange, ViewDocument, ViewListOptions, ViewReader } from "#src/ports/view-store.ts";

// A view as it is saved, and over it what has changed since: whoever may write saves the changes, whoever may not reads
// through them.
//
// L1. What is read includes every fact up to `position`, and nothing of a later one.
// L2. Documents leave as copies, or frozen: those inside go on changing.
// L3. It holds the documents that changed, those that it had to look up, and the view's memory; `forget` lets the first two go.

/** Documents of memory have a tag and a key that no other document has. */
const MEMORY_TAG = "memory";
const MEMORY_KEY = "memory ";
const MEMORY_COLUMNS = { tag: MEMORY_TAG, rank: 0 };
const MEMORY_PAGE = 1_000;

export class ViewOverlay {
  readonly view: KeyedView;
  /** Of the last event that it includes; -1 before the first. */
  position: number;
  /** Of the last event that the saved documents include. */
  savedPosition: number;
  /** Events that it has looked at since something was saved. */
  unsaved = 0;
  private readonly base: ViewReader;
  /** Documents that were looked up or changed; null where there is none. */
  private readonly documents = new Map<string, Json>();
  private readonly changed = new Set<string>();
  /** Undefined for a view with memory, whose documents are not all to be listed. */
  private readonly newest: NewestDocuments | undefined;
  /** Documents that the newest do not have as they are now. */
  private readonly stale = new Set<string>();
  /** Counts changes. */
  private taken = 0;
  private readonly memory: Map<string, Json>;
  private readonly changedMemory = new Set<string>();
  /** Keys of memory that are in the store. */
  private readonly savedMemory: Set<string>;

  private constructor(view: KeyedView, base: ViewReader, saved: { position: number; memory: Map<string, Json> }) {
    this.view = view;
    this.base = base;
    this.position = saved.position;
    this.savedPosition = saved.position;
    this.memory = saved.memory;
    this.savedMemory = new Set(saved.memory.keys());
    this.newest = view.memory === undefined ? new NewestDocuments() : undefined;
  }

  /** The view as it is saved. Faults: `view-damaged`, `store-unavailable`. */
  static async open(view: KeyedView, base: ViewReader): Promise<ViewOverlay> {
    const position = await base.checkpoint(view);
    const memory = view.memory === undefined ? new Map<string, Json>() : await savedMemory(view, base);
    return new ViewOverlay(view, base, { position, memory });
  }

  /** The view as if nothing were saved. */
  static empty(view: KeyedView): ViewOverlay {
    return new ViewOverlay(view, NOTHING, { position: -1, memory: new Map() });
  }

  /** Documents and pieces of memory that a save would write. */
  get changes(): number {
    return this.changed.size + this.changedMemory.size;
  }

  /**
   * Takes what is behind its position, where the stretch does not begin later; after that it includes everything up to the end of
   * the stretch.
   */
  async take({ facts, through, events }: LogStretch): Promise<void> {
    for (const { position, viewed } of facts) {
      if (position <= this.position) continue;
      const waiting = this.takeOne(viewed);
      if (waiting !== undefined) await waiting;
      this.position = position;
    }
    this.position = Math.max(this.position, through);
    this.unsaved += events;
  }

  async get(key: string): Promise<Json | undefined> {
    const kept = this.documents.get(key);
    if (kept === undefined) return this.base.get(this.view, key);
    return kept === null ? undefined : structuredClone(kept);
  }

  /** Nothing is missed or listed twice, whatever is taken or saved meanwhile. */
  async list(options: ViewListOptions): Promise<readonly ViewDocument[]> {
    const { newest } = this;
    if (newest === undefined || options.tags !== undefined || options.direction !== "backwards") {
      return this.listAll(options);
    }
    this.refresh(newest);
    const known = newest.list(options);
    if (known !== undefined) return known;
    const before = this.taken;
    const found = await this.listAll(options);
    // Else some of it is older than what was taken meanwhile.
    if (this.taken === before) newest.extend(found, options);
    return found;
  }

  private refresh(newest: NewestDocuments): void {
    for (const key of this.stale) {
      const changed = this.changedDocument(key);
      if (changed.document === null) newest.remove(key);
      else newest.put({ ...changed, document: structuredClone(changed.document) });
    }
    this.stale.clear();
  }

  private async listAll(options: ViewListOptions): Promise<readonly ViewDocument[]> {
    const { tags, limit } = options;
    const laidOver = new Map([...this.changed].map((key) => [key, this.changedDocument(key)]));
    const wanted = [...laidOver.values()].filter(({ tag }) => tags === undefined || tags.includes(tag));
    const first = firstOf(wanted, options).map((one) => ({ ...one, document: structuredClone(one.document) }));
    const below: ViewDocument[] = [];
    for (let after = options.after; ;) {
      const page = await this.base.list(this.view, { ...options, ...(after === undefined ? {} : { after }) });
      below.push(...page.filter(({ key, tag }) => !laidOver.has(key) && tag !== MEMORY_TAG));
      after = page.at(-1);
      if (page.length < limit || below.length >= limit) break;
    }
    return first.length === 0 ? below.slice(0, limit) : firstOf([...first, ...below], options);
  }

  /** What a save of now writes. */
  pending(): ViewChange[] {
    const documents = [...this.changed].map((key) => this.changedDocument(key));
    const memory = [...this.changedMemory].flatMap((key): ViewChange[] => {
      const remembered = this.memory.get(key);
      if (remembered === undefined && !this.savedMemory.has(key)) return [];
      return [{ key: MEMORY_KEY + key, ...MEMORY_COLUMNS, document: remembered ?? null }];
    });
    return [...documents, ...memory];
  }

  /** What was pending is saved. */
  forget(): void {
    if (this.newest !== undefined) this.refresh(this.newest);
    this.savedPosition = this.position;
    this.unsaved = 0;
    for (const key of this.changedMemory) {
      if (this.memory.has(key)) this.savedMemory.add(key);
      else this.savedMemory.delete(key);
    }
    this.changedMemory.clear();
    this.changed.clear();
    this.documents.clear();
  }

  /** The promise, where there is one, is to be awaited before the next fact. Fault: `view-damaged`. */
  private takeOne(viewed: ViewedFact): Promise<void> | undefined {
    const { view, documents } = this;
    if (!view.reads.has(viewed.fact.type)) return undefined;
    const place = view.memory?.key(viewed);
    const remembered = place === undefined ? undefined : this.memory.get(place);
    if (place !== undefined) this.remember(place, remembered, view.memory?.evolve(remembered, viewed));
    const key = view.key(viewed, remembered);
    if (key === undefined) return undefined;
    const evolve = (before: Json | null): void => {
      documents.set(key, view.evolve(before ?? view.initial(), viewed, remembered));
      this.changed.add(key);
      this.taken++;
      if (this.newest?.isUsed === true) this.stale.add(key);
    };
    const known = documents.get(key);
    if (known === undefined) return this.base.get(view, key).then((found) => evolve(found ?? null));
    evolve(known);
    return undefined;
  }

  private changedDocument(key: string): ViewDocument {
    const document = this.documents.get(key) ?? null;
    return { key, ...this.view.columns(document), document };
  }

  private remember(place: string, before: Json | undefined, after: Json | undefined): void {
    if (after === undefined && before === undefined) return;
    if (after === undefined) this.memory.delete(place);
    else this.memory.set(place, after);
    this.changedMemory.add(place);
  }
}

async function savedMemory(view: KeyedView, base: ViewReader): Promise<Map<string, Json>> {
  const memory = new Map<string, Json>();
  for (let after: ViewDocument | undefined; ;) {
    const options = { tags: [MEMORY_TAG], limit: MEMORY_PAGE };
    const page = await base.list(view, after === undefined ? options : { ...options, after });
    for (const { key, document } of page) memory.set(key.slice(MEMORY_KEY.length), document);
    after = page.at(-1);
    if (page.length < MEMORY_PAGE) return memory;
  }
}

const NOTHING: ViewReader = {
  checkpoint: async () => -1,
  get: async () => undefined,
  list: async () => [],
  versions: async () => [],
};

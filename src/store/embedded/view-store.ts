import type { StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import type {
  ViewChange,
  ViewDocument,
  ViewId,
  ViewListOptions,
  ViewReader,
  ViewStore,
} from "#src/ports/view-store.ts";
import type { Database } from "#src/store/embedded/database.ts";
import { closed, storeFault } from "#src/store/embedded/faults.ts";

// The view tables, in the log's file. A save is one transaction (V1 of the port) that does not wait for the disk: after a
// loss of power a view is a little behind, and catches up from the log.

export class EmbeddedViewReader implements ViewReader {
  readonly #database: Database;
  readonly #view: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #listTagged: StatementSync;

  constructor(database: Database) {
    const documents = "select key, tag, document, checksum from documents where view = ?";
    this.#database = database;
    this.#view = database.prepare("select id, checkpoint from views where name = ? and version = ?");
    this.#get = database.prepare(`${documents} and key = ?`);
    this.#list = database.prepare(`${documents} and key > ? order by key limit ?`);
    this.#listTagged = database.prepare(`${documents} and tag = ? and key > ? order by key limit ?`);
  }

  async checkpoint(view: ViewId): Promise<number> {
    return this.reading(() => this.find(view)?.checkpoint ?? -1);
  }

  async get(view: ViewId, key: string): Promise<Json | undefined> {
    return this.reading(() => {
      const found = this.find(view);
      const row = found && this.#get.get(found.id, key);
      return row && documentOf(view, row).document;
    });
  }

  async list(view: ViewId, { tag, limit, after = "" }: ViewListOptions): Promise<readonly ViewDocument[]> {
    return this.reading(() => {
      const found = this.find(view);
      if (found === undefined) return [];
      const { id } = found;
      const rows = tag === undefined ? this.#list.all(id, after, limit) : this.#listTagged.all(id, tag, after, limit);
      return rows.map((row) => documentOf(view, row));
    });
  }

  protected find(view: ViewId): { id: number; checkpoint: number } | undefined {
    const row = this.#view.get(view.name, view.version);
    return row && { id: Number(row.id), checkpoint: Number(row.checkpoint) };
  }

  protected reading<Result>(read: () => Result): Result {
    if (!this.#database.isOpen) throw closed(this.#database.file);
    try {
      return read();
    } catch (error) {
      throw storeFault(error, this.#database.file);
    }
  }
}

export class EmbeddedViewStore extends EmbeddedViewReader implements ViewStore {
  readonly #database: Database;
  readonly #insertView: StatementSync;
  readonly #mark: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #dropDocuments: StatementSync;
  readonly #dropView: StatementSync;

  constructor(database: Database) {
    super(database);
    this.#database = database;
    this.#insertView = database.prepare("insert into views (name, version, checkpoint) values (?, ?, -1)");
    this.#mark = database.prepare("update views set checkpoint = ? where id = ?");
    this.#put = database.prepare("insert or replace into documents values (?, ?, ?, ?, ?)");
    this.#remove = database.prepare("delete from documents where view = ? and key = ?");
    this.#dropDocuments = database.prepare("delete from documents where view = ?");
    this.#dropView = database.prepare("delete from views where id = ?");
  }

  async save(view: ViewId, changes: readonly ViewChange[], checkpoint: number): Promise<void> {
    this.#writing(() => {
      const id = this.find(view)?.id ?? Number(this.#insertView.run(view.name, view.version).lastInsertRowid);
      for (const change of changes) this.#apply(id, change);
      this.#mark.run(checkpoint, id);
    });
  }

  async drop(view: ViewId): Promise<void> {
    this.#writing(() => {
      const id = this.find(view)?.id;
      if (id === undefined) return;
      this.#dropDocuments.run(id);
      this.#dropView.run(id);
    });
  }

  #apply(id: number, { key, tag, document }: ViewChange): void {
    if (document === null) {
      this.#remove.run(id, key);
      return;
    }
    const text = JSON.stringify(document);
    this.#put.run(id, key, tag, text, checksumOf(key, tag, text));
  }

  #writing(work: () => void): void {
    if (!this.#database.isOpen) throw closed(this.#database.file);
    this.#database.relaxed(work);
  }
}

/** The document of a row of `documents`. Fault: `view-damaged`. */
export function documentOf(view: ViewId, row: Readonly<Record<string, unknown>>): ViewDocument {
  const { key, tag, document, checksum } = row;
  const typed = typeof key === "string" && typeof tag === "string" && typeof document === "string";
  if (!typed || checksumOf(key, tag, document) !== checksum) {
    throw new Fault(
      "view-damaged",
      `view ${view.name}@${view.version} has a damaged document; it has to be built again`,
      {
        details: { view: view.name, version: view.version, key: String(key) },
      },
    );
  }
  return { key, tag, document: JSON.parse(document) as Json };
}

function checksumOf(key: string, tag: string, document: string): number {
  return crc32(`${key}\n${tag}\n${document}`);
}

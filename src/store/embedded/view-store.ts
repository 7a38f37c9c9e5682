import type { StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { Fault } from "#events/fault.ts";
import type { Json } from "#events/json.ts";
import { firstOf } from "#src/ports/view-order.ts";
import type {
  SavedVersion,
  ViewChange,
  ViewColumns,
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

type Direction = NonNullable<ViewListOptions["direction"]>;
type Listing = Readonly<Record<Direction, StatementSync>>;

export class EmbeddedViewReader implements ViewReader {
  readonly #database: Database;
  readonly #view: StatementSync;
  readonly #versions: StatementSync;
  readonly #get: StatementSync;
  readonly #list: Listing;
  readonly #listTagged: Listing;

  constructor(database: Database) {
    this.#database = database;
    this.#view = database.prepare("select id, checkpoint from views where name = ? and version = ?");
    this.#versions = database.prepare("select version, checkpoint from views where name = ? order by version");
    this.#get = documentQuery(database, "view = ? and key = ?");
    this.#list = listing(database, "view = ?");
    this.#listTagged = listing(database, "view = ? and tag = ?");
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

  async list(view: ViewId, options: ViewListOptions): Promise<readonly ViewDocument[]> {
    return this.reading(() => {
      const found = this.find(view);
      return found === undefined ? [] : this.#rows(view, found.id, options);
    });
  }

  async versions(name: string): Promise<readonly SavedVersion[]> {
    return this.reading(() =>
      this.#versions.all(name).map(({ version, checkpoint }) => {
        return { version: Number(version), checkpoint: Number(checkpoint) };
      }),
    );
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

  /** Each tag's rows come from the index in order; of so many lists the first rows of all together are picked. */
  #rows(view: ViewId, id: number, { tags, ...options }: ViewListOptions): ViewDocument[] {
    const { limit, direction = "forwards", after = BEFORE_ALL[direction] } = options;
    const bounds = [after.rank, after.key, Math.min(limit, Number.MAX_SAFE_INTEGER)];
    const read = (statement: StatementSync, ...selected: (number | string)[]): ViewDocument[] =>
      statement.all(...selected, ...bounds).map((row) => documentOf(view, row));
    if (tags === undefined) return read(this.#list[direction], id);
    const found = [...new Set(tags)].map((tag) => read(this.#listTagged[direction], id, tag));
    return found.length === 1 ? found.flat() : firstOf(found.flat(), options);
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
    this.#put = database.prepare("insert or replace into documents values (?, ?, ?, ?, ?, ?)");
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

  #apply(id: number, { key, tag, rank, document }: ViewChange): void {
    if (document === null) {
      this.#remove.run(id, key);
      return;
    }
    const text = JSON.stringify(document);
    this.#put.run(id, key, tag, rank, text, checksumOf(key, { tag, rank }, text));
  }

  #writing(work: () => void): void {
    if (!this.#database.isOpen) throw closed(this.#database.file);
    this.#database.relaxed(work);
  }
}

/** Asks for whole documents; rows come as lists, which a long listing is faster by. */
export function documentQuery(database: Database, rest: string): StatementSync {
  const statement = database.prepare(`select key, tag, rank, document, checksum from documents where ${rest}`);
  statement.setReturnArrays(true);
  return statement;
}

/** The document of a row that `documentQuery` gave. Fault: `view-damaged`. */
export function documentOf(view: ViewId, row: unknown): ViewDocument {
  const [key, tag, rank, document, checksum] = columnsOf(row);
  const typed =
    typeof key === "string" && typeof tag === "string" && typeof rank === "number" && typeof document === "string";
  if (!typed || checksumOf(key, { tag, rank }, document) !== checksum) {
    throw new Fault(
      "view-damaged",
      `view ${view.name}@${view.version} has a damaged document; it has to be built again`,
      {
        details: { view: view.name, version: view.version, key: String(key) },
      },
    );
  }
  return { key, tag, rank, document: JSON.parse(document) as Json };
}

/** The first is the key. */
export function columnsOf(row: unknown): readonly unknown[] {
  return Array.isArray(row) ? (row as readonly unknown[]) : [];
}

function listing(database: Database, where: string): Listing {
  return {
    forwards: documentQuery(database, `${where} and (rank, key) > (?, ?) order by rank, key limit ?`),
    backwards: documentQuery(database, `${where} and (rank, key) < (?, ?) order by rank desc, key desc limit ?`),
  };
}

const BEFORE_ALL = {
  forwards: { rank: -Infinity, key: "" },
  backwards: { rank: Infinity, key: "" },
} as const;

function checksumOf(key: string, { tag, rank }: ViewColumns, document: string): number {
  return crc32(`${key}\n${tag}\n${rank}\n${document}`);
}

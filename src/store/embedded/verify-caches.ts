import { snapshotOf } from "#src/store/embedded/snapshot-store.ts";
import type { Walk } from "#src/store/embedded/walk.ts";
import { columnsOf, documentOf, documentQuery } from "#src/store/embedded/view-store.ts";

// The looks at what can be made again: snapshots and views.
// Damage here loses no fact, and is reported so that it can be thrown away.

const ROWS_A_PIECE = 256;

export async function walkCaches(walk: Walk): Promise<void> {
  await walkSnapshots(walk);
  await walkDocuments(walk);
}

async function walkSnapshots(walk: Walk): Promise<void> {
  const rows = walk.database.prepare("select rowid as id, * from snapshots where rowid > ? order by rowid limit 16");
  let after = -1;
  for (;;) {
    const piece = rows.all(after);
    for (const row of piece) {
      if (snapshotOf(row) !== undefined) continue;
      walk.report({ kind: "cache", message: "a snapshot is not what was written", stream: String(row.stream) });
    }
    const last = piece.at(-1);
    if (last === undefined) return;
    after = Number(last.id);
    await walk.breathe();
  }
}

async function walkDocuments(walk: Walk): Promise<void> {
  const views = walk.database.prepare("select id, name, version from views").all();
  const rows = documentQuery(walk.database, `view = ? and key > ? order by key limit ${ROWS_A_PIECE}`);
  for (const { id, name, version } of views) {
    for (let after: unknown = ""; typeof after === "string";) {
      const piece: unknown[] = rows.all(Number(id), after);
      for (const row of piece) {
        try {
          documentOf({ name: String(name), version: Number(version) }, row);
        } catch (error) {
          walk.report({ kind: "cache", message: error instanceof Error ? error.message : String(error) });
        }
      }
      [after] = columnsOf(piece.at(-1));
      await walk.breathe();
    }
  }
}

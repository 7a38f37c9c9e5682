import type { StreamName } from "#events/streams.ts";
import { decodeAppend } from "#src/store/batch.ts";
import { checksumOf, ROW_COLUMNS, rowOf, type AppendRow } from "#src/store/embedded/row.ts";
import type { Walk } from "#src/store/embedded/walk.ts";

// The looks at the log. Streams are walked one after the other along the index (stream, revision), so that the walk
// keeps one checksum, not one for each stream.

const ROWS_A_PIECE = 512;
const POSITIONS_A_PIECE = 8192;

/** Where the walk is: the stream, what its next row must be, and what it chains to. */
interface Place {
  streamId: number;
  name: string;
  /** Revision of the row seen last, -1 before a stream's first. */
  row: number;
  expected: number;
  chain: string;
}

/** Each stream: revisions without gap, checksums that chain, events that can be read. */
export async function walkChains(walk: Walk): Promise<void> {
  const rows = walk.database.prepare(
    `select a.stream, s.name, ${ROW_COLUMNS} from appends a left join streams s on s.id = a.stream
     where (a.stream, a.revision) > (?, ?) order by a.stream, a.revision limit ${ROWS_A_PIECE}`,
  );
  const place: Place = { streamId: -1, name: "", row: -1, expected: 0, chain: "" };
  for (;;) {
    const piece = rows.all(place.streamId, place.row);
    for (const raw of piece) checkRow(walk, place, raw);
    if (piece.length < ROWS_A_PIECE) break;
    await walk.breathe();
  }
  const empty = walk.database.prepare(
    "select name from streams s where not exists (select 1 from appends a where a.stream = s.id)",
  );
  for (const { name } of empty.all()) {
    walk.report({ kind: "log", message: "the stream has lost all its events", stream: String(name) });
  }
}

/** The whole log: positions from 0 without gap. */
export async function walkPositions(walk: Walk): Promise<void> {
  const rows = walk.database.prepare(
    `select position, count from appends where position >= ? order by position limit ${POSITIONS_A_PIECE}`,
  );
  let expected = 0;
  for (;;) {
    const piece = rows.all(expected);
    for (const { position, count } of piece) {
      if (position !== expected) {
        const message = `positions ${expected} to ${Number(position) - 1} are missing`;
        walk.report({ kind: "log", message, position: expected });
      }
      expected = Number(position) + Math.max(Number(count), 1);
    }
    if (piece.length < POSITIONS_A_PIECE) return;
    await walk.breathe();
  }
}

function checkRow(walk: Walk, place: Place, raw: Readonly<Record<string, unknown>>): void {
  const streamId = Number(raw.stream);
  if (streamId !== place.streamId) enter(walk, place, raw);
  place.row = Number(raw.revision);
  walk.appends++;
  try {
    const row = rowOf(raw, place.name as StreamName);
    walk.events += row.count;
    const wrong = whatIsWrong(row, place);
    if (wrong !== undefined) {
      walk.report({ kind: "log", message: wrong, stream: place.name, revision: row.revision, position: row.position });
    }
    place.expected = row.revision + row.count;
    place.chain = row.checksum;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    walk.report({ kind: "log", message, stream: place.name, revision: place.row });
  }
}

function enter(walk: Walk, place: Place, raw: Readonly<Record<string, unknown>>): void {
  const known = typeof raw.name === "string";
  walk.streams++;
  place.streamId = Number(raw.stream);
  place.name = known ? String(raw.name) : `stream ${place.streamId}`;
  place.expected = 0;
  place.chain = place.name;
  if (!known) walk.report({ kind: "log", message: "the stream has lost its name", stream: place.name });
}

function whatIsWrong(row: AppendRow, place: Place): string | undefined {
  if (row.revision > place.expected) return `revisions ${place.expected} to ${row.revision - 1} are missing`;
  if (row.revision < place.expected) return `revision ${row.revision} is there twice`;
  if (checksumOf(place.chain, row) !== row.checksum) return "the append is not what was written";
  try {
    decodeAppend(row);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

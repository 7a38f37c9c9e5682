import type { Database } from "#src/store/embedded/database.ts";
import type { Head } from "#src/store/embedded/head-record.ts";
import { LogReader } from "#src/store/embedded/log-reader.ts";
import { walkCaches } from "#src/store/embedded/verify-caches.ts";
import type { VerifyReport } from "#src/store/verify-report.ts";
import type { Walk } from "#src/store/embedded/walk.ts";
import { walkChains, walkPositions } from "#src/store/embedded/verify-log.ts";

// Walks the whole store and names each damage. It changes nothing.
//
// W1. Independent looks: SQLite's own check of the file's structure; each stream's chain of checksums, in the order of
//     revisions; the positions of the log, without gap; the end of the log against what was acknowledged.
// W2. One look that cannot go on is a damage itself and does not stop the others.
// W3. The event loop gets a turn between pieces of the walk (SQLite's own check is one piece).

/** `acknowledged` is what the head record claimed before the file was opened. */
export async function verifyStore(walk: Walk, acknowledged: Head | undefined): Promise<VerifyReport> {
  await walk.look("file", "the file's structure", () => {
    walk.total = new LogReader(walk.database).head() + 1;
    checkStructure(walk);
  });
  await walk.look("log", "the streams", () => walkChains(walk));
  await walk.look("log", "the log", () => walkPositions(walk));
  await walk.look("log", "the end of the log", () => {
    const message = missingHead(walk.database, acknowledged);
    if (message !== undefined) walk.report({ kind: "log", message, position: acknowledged?.position ?? 0 });
  });
  await walk.look("cache", "the snapshots and views", () => walkCaches(walk));
  await walk.breathe();
  const { streams, appends, events, damages, truncated } = walk;
  return { streams, appends, events, damages, truncated };
}

/** What is wrong with the end of the log, given what was acknowledged; undefined when nothing is. */
export function missingHead(database: Database, acknowledged: Head | undefined): string | undefined {
  if (acknowledged === undefined || acknowledged.position < 0) return undefined;
  const { position, checksum } = acknowledged;
  const row = database
    .prepare(
      "select position + count - 1 as last, lower(hex(checksum)) as checksum from appends where position <= ? order by position desc limit 1",
    )
    .get(position);
  if (row?.last !== position) return `the log does not reach position ${position}, which was acknowledged`;
  if (row.checksum !== checksum) return `the append at position ${position} is not the one that was acknowledged`;
  return undefined;
}

function checkStructure(walk: Walk): void {
  for (const { message } of walk.database
    .prepare("select integrity_check as message from pragma_integrity_check")
    .all()) {
    if (message !== "ok") walk.report({ kind: "file", message: String(message) });
  }
}
